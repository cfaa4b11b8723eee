// The tables that all workers of a group share, at one of them. Three things make up what stands in a table:
//   values = base + pending + local
// base: the sum of the log as far as it was read, the same at every worker; pending: the own moves that were appended
// and not read back yet; local: what was learned since. Only values and base are stored, and pending as the records
// that wait. What was rounded off or did not fit into a record stays local and goes with a later one.

import type { Tensor } from '../ports/checkpoint-store.ts'
import { type LiveState, stateOf } from '../ports/live-state.ts'
import { BasedTable, type Fold } from './based-table.ts'
import { leastThatFits, type PendingMoves } from './moves.ts'
import type { MovedSet } from './naming.ts'
import { nameOfBase, type SharedTable } from './shared-table.ts'

export type PendingSet = ReadonlyMap<string, PendingMoves>

/** A record of the log: each of its moves counts by its share. `own`: what take() gave for it. */
export interface FoldedSet {
  readonly moved: MovedSet
  readonly shares: ReadonlyMap<string, Float64Array>
  readonly own?: PendingSet | undefined
}

export interface SharedTables {
  /** By table, the numbers in a row. */
  readonly widths: ReadonlyMap<string, number>
  /** Ids from `id` on stand for items that had no rows here before. The tables have grown by now. */
  meet(id: number, names: readonly string[]): void
  /** Takes what has moved since the last call, the largest moves first where there are more numbers than that. */
  take(numbersMax: number): PendingSet
  /** Records of the log in their order: what comes of them does not depend on how many are given at once. */
  fold(sets: readonly FoldedSet[]): void
  /** The own set was passed over: nothing of it remains. */
  dropPending(own: PendingSet): void
  /** What was learned and not taken yet is given up. */
  dropLocal(): void
  /** The base of a row, by the table's own numbers of rows. */
  baseOf(table: string, row: number): Float32Array
  readonly bytes: number
  readonly state: LiveState
  /** The values become what the base was; of what was pending nothing remains. False: there is no base in it. */
  restore(tensors: ReadonlyMap<string, Tensor>): boolean
}

export function createSharedTables(shared: readonly SharedTable[]): SharedTables {
  const tables = new Map(shared.map((table) => [table.name, new BasedTable(table)]))
  let pending: PendingSet[] = []

  function pendingOf(name: string): PendingMoves[] {
    return pending.flatMap((set) => set.get(name) ?? [])
  }

  function remove(own: PendingSet): void {
    if (!pending.includes(own)) throw new RangeError('a set of moves that is not pending')
    pending = pending.filter((set) => set !== own)
  }

  return {
    widths: new Map([...tables].map(([name, { width }]) => [name, width])),
    meet(id, names) {
      for (const based of tables.values()) {
        const { table } = based
        if (table.shift === undefined) continue
        const from = table.shift + id
        table.begin(names, from)
        based.enter(from, from + names.length)
      }
    },
    take(numbersMax) {
      const underWay = [...tables.keys()].map(pendingOf)
      const found = [...tables.values()].map((based, t) => based.moves(underWay[t]!))
      // Output weights are few, and every event depends on them: they are never left out.
      const competes = [...tables.values()].map(({ table }) => table.isRounded)
      const least = leastThatFits(
        found.filter((_, t) => competes[t]),
        numbersMax,
      )
      const chosen = [...tables.values()].map((based, t) => {
        return based.choose(found[t]!, competes[t] ? least : 0, underWay[t]!)
      })
      const set = new Map([...tables.keys()].map((name, t) => [name, chosen[t]!]))
      pending.push(set)
      return set
    },
    fold(sets) {
      for (const { own } of sets) if (own !== undefined) remove(own)
      for (const [name, based] of tables) {
        const folds: Fold[] = sets.flatMap(({ moved, shares, own }) => {
          const nothing = {
            width: based.width,
            rows: new Int32Array(0),
            values: new Float32Array(0),
          }
          const rows = moved.get(name)
          if (rows === undefined && own?.has(name) !== true) return []
          const of = { shares: shares.get(name) ?? new Float64Array(0), own: own?.get(name) }
          return [{ moved: rows ?? nothing, ...of }]
        })
        if (folds.length > 0) based.fold(folds)
      }
    },
    dropPending(own) {
      remove(own)
      for (const [name, moves] of own) tables.get(name)!.dropPending(moves)
    },
    dropLocal() {
      for (const [name, based] of tables) based.dropLocal(pendingOf(name))
    },
    baseOf: (name, row) => tables.get(name)!.baseOf(row),
    get bytes() {
      let bytes = 0
      for (const { bytes: own } of tables.values()) bytes += own
      return bytes
    },
    state: stateOf([...tables.values()].map(({ state }) => state)),
    restore(tensors) {
      const bases = shared.map((table) => tensors.get(nameOfBase(table))?.data)
      if (shared.some(({ shift }, t) => shift !== undefined && bases[t] === undefined)) return false
      shared.forEach(({ name }, t) => {
        const [based, base] = [tables.get(name)!, bases[t] as Float32Array | undefined]
        // An older version did not have these weights, or had others: they begin as they stand.
        if (based.fits(base)) based.restore(base)
        else based.enter(0, based.table.rows)
      })
      return true
    },
  }
}
