// The tables that all workers of a group share, at one of them. Three things make up what stands in a table:
//   values = base + pending + local
// base: the sum of the log as far as it was read, the same at every worker; pending: the own moves that were appended
// and not read back yet; local: what was learned since. Only values and base are stored, and pending as the records
// that wait. What was rounded off or did not fit into a record stays local and goes with a later one.

import { BasedTable, type Moves, type SharedTable } from './based-table.ts'
import type { MovedSet } from './naming.ts'

export interface SharedTables {
  /** The id stands for an item that had no rows here before. The tables have grown by now. */
  meet(id: number, name: string): void
  /** Takes what has moved since the last call, the largest moves first where there are more numbers than that. */
  take(numbersMax: number): MovedSet
  /** A record of the log: share(table, row) of each of its moves counts. `own`: the set that take() gave for it. */
  read(moved: MovedSet, share: (table: string, row: number) => number, own?: MovedSet): void
  /** The own set was passed over: nothing of it remains. */
  dropPending(own: MovedSet): void
  /** What was learned and not taken yet is given up. */
  dropLocal(): void
  /** The base of a row, by the table's own numbers of rows. */
  baseOf(table: string, row: number): Float32Array
  readonly bytes: number
}

export function createSharedTables(shared: readonly SharedTable[]): SharedTables {
  const tables = new Map(shared.map((table) => [table.name, new BasedTable(table)]))
  let pending: MovedSet[] = []

  function pendingOf(name: string) {
    return pending.flatMap((set) => set.get(name) ?? [])
  }

  function remove(own: MovedSet): void {
    if (!pending.includes(own)) throw new RangeError('a set of moves that is not pending')
    pending = pending.filter((set) => set !== own)
  }

  return {
    meet(id, name) {
      for (const based of tables.values()) {
        const { table } = based
        if (table.shift === undefined) continue
        table.begin(name, table.shift + id)
        based.enter(table.shift + id)
      }
    },
    take(numbersMax) {
      const found = [...tables].map(([name, based]) => based.moves(pendingOf(name)))
      const least = leastThatFits(found, numbersMax)
      const chosen = [...tables.values()].map((based, t) => based.choose(found[t]!, least))
      const set = new Map([...tables.keys()].map((name, t) => [name, chosen[t]!]))
      pending.push(set)
      return set
    },
    read(moved, share, own) {
      if (own !== undefined) remove(own)
      for (const [name, rows] of moved) {
        const based = tables.get(name)
        if (based?.width === rows.width)
          based.add(rows, (row) => share(name, row), own !== undefined)
      }
    },
    dropPending(own) {
      remove(own)
      for (const [name, rows] of own) tables.get(name)!.takeBack(rows)
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
  }
}

/** The least move that may go so that no more numbers than allowed do. */
function leastThatFits(found: readonly Moves[], numbersMax: number): number {
  let numbers = found.reduce((sum, { rows, width }) => sum + rows.length * width, 0)
  if (numbers <= numbersMax) return 0
  const all = found.flatMap(({ largest, width }) => largest.map((most) => [most, width] as const))
  all.sort(([a], [b]) => a - b)
  for (const [most, width] of all) {
    numbers -= width
    if (numbers <= numbersMax) return most * (1 + 2 ** -20)
  }
  return Infinity
}
