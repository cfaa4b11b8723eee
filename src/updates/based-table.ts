// One table that a group of workers shares, at one of them: its values, which learning moves, beside their base.

import { ChangedRows, type LiveState, liveRows } from '../ports/live-state.ts'
import { addPending, leastMove, localOf, type Moves, type PendingMoves } from './moves.ts'
import type { Moved } from './naming.ts'
import { groupsOf, roundRows } from './rounding.ts'
import { addRows, isFiniteRow, longer, readRow, type SharedPiece, writeRow } from './rows.ts'
import { changedRows, nameOfBase, type SharedTable } from './shared-table.ts'

/** Moves of one record of the log, by how much each counts; `own`: what was pending of it, all of which goes. */
export interface Fold {
  readonly moved: Moved
  readonly shares: Float64Array
  readonly own?: PendingMoves | undefined
}

/** A table beside its base. */
export class BasedTable {
  readonly table: SharedTable
  readonly width: number
  private base = new Float32Array(0)
  /** Rows that have a base. */
  private rows = 0
  private readonly groups: readonly number[]
  /** What moves() gives, until it is called again. */
  private moved = new Float32Array(0)
  private readonly changed = new ChangedRows()

  constructor(table: SharedTable) {
    this.table = table
    const pieces = table.pieces()
    this.width = pieces.reduce((sum, piece) => sum + piece.width, 0)
    this.groups = groupsOf(pieces)
    // What stands before item 0, or has no items, is there from the start.
    this.enter(0, table.shift ?? table.rows)
  }

  get bytes(): number {
    return this.base.byteLength + this.moved.byteLength
  }

  /** From now on rows from … to-1 as they stand are their base; all before them have one. */
  enter(from: number, to: number): void {
    const { width, changed } = this
    if (to * width > this.base.length) {
      this.base = longer(this.base, Math.max(to * width, 2 * this.base.length))
    }
    this.rows = Math.max(this.rows, to)
    const pieces = this.table.pieces()
    for (let row = from; row < to; row++) {
      if (changed.isHolding) changed.beforeWrite([row])
      readRow(pieces, row, this.base, row * width)
      changed.mark(row)
    }
  }

  baseOf(row: number): Float32Array {
    return this.base.slice(row * this.width, (row + 1) * this.width)
  }

  /** What is local in the rows that may have changed since the last call. Valid until the next call. */
  moves(pending: readonly PendingMoves[]): Moves {
    const { table, width, base } = this
    const pieces = table.pieces()
    const rows: number[] = []
    const largest: number[] = []
    for (const row of changedRows(table, this.rows)) {
      const at = rows.length * width
      if (at === this.moved.length) this.moved = longer(this.moved, Math.max(64 * width, 2 * at))
      const most = localOf(pieces, base, row, pending, this.moved, at)
      // A row that is no number stays here, where others take care of it.
      if (!(most > leastMove && most < Infinity)) continue
      rows.push(row)
      largest.push(most)
    }
    return { width, rows, largest, values: this.moved }
  }

  /** Of those moves the ones from `least` on, as they are sent; the others stay local. */
  choose({ rows, largest, values }: Moves, least: number): PendingMoves {
    const { table, width } = this
    const chosen: number[] = []
    const places = new Int32Array(this.rows).fill(-1)
    rows.forEach((row, k) => {
      if (largest[k]! < least) {
        table.changed?.mark(row)
        return
      }
      places[row] = chosen.length
      if (k > chosen.length) {
        values.copyWithin(chosen.length * width, k * width, (k + 1) * width)
      }
      chosen.push(row)
    })
    const sent = values.slice(0, chosen.length * width)
    const rounded = table.isRounded ? roundRows(sent, width, this.groups) : undefined
    return { width, rows: Int32Array.from(chosen), values: sent, rounded, places }
  }

  /**
   * Adds to the base what counts of each move, in the order of the folds, and to the values what the base has gained,
   * less own moves, which they have had.
   */
  fold(folds: readonly Fold[]): void {
    for (const { moved, shares, own } of folds) {
      if (this.changed.isHolding) this.changed.beforeWrite(moved.rows)
      if (own !== undefined) this.takeBack(own)
      this.write(moved.rows, (pieces) => this.add(pieces, moved, shares))
    }
  }

  /** Own moves are taken out of the values again. */
  takeBack({ rows, values }: Moved): void {
    this.write(rows, (pieces) => addRows(pieces, rows, values, -1))
  }

  /** The values become base and pending moves. */
  dropLocal(pending: readonly PendingMoves[]): void {
    const { base } = this
    const local = new Float32Array(this.width)
    const rows = Int32Array.from({ length: this.rows }, (_, row) => row)
    this.write(rows, (pieces) => {
      for (const row of rows) {
        if (localOf(pieces, base, row, pending, local, 0) === 0) continue
        const known = this.baseOf(row)
        addPending(pending, row, known, 0, 1)
        writeRow(pieces, row, known)
      }
    })
  }

  /** All who need to know of it do. */
  private write(rows: Int32Array, work: (pieces: readonly SharedPiece[]) => void): void {
    this.table.beforeWrite?.(rows)
    work(this.table.pieces())
    this.table.tell?.(rows)
  }

  private add(pieces: readonly SharedPiece[], moved: Moved, shares: Float64Array): void {
    const { base, width, changed, groups, rows: end } = this
    const { rows, rounded } = moved
    const isOurs = rounded !== undefined && sameNumbers(rounded.groups, groups)
    const numbers = isOurs ? rounded.steps : moved.values
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!
      let from = k * width
      if (row >= end || !(isOurs || isFiniteRow(moved.values, from, width))) continue
      let at = row * width
      let g = 0
      for (let p = 0; p < pieces.length; p++) {
        const { values, width: columns } = pieces[p]!
        let into = row * columns
        for (const last = into + columns; into < last; g++) {
          const size = groups[g]!
          const step = isOurs ? 2 ** rounded.exponents[k * groups.length + g]! : 1
          addGroup(base, at, values, into, numbers, from, size, shares[k]! * step)
          at += size
          into += size
          from += size
        }
      }
      changed.mark(row)
    }
  }

  get state(): LiveState {
    const tensors = () =>
      [[nameOfBase(this.table), { shape: [this.rows, this.width], data: this.base }]] as const
    return { live: [liveRows(this.changed, () => this.rows, tensors, true)], rest: () => new Map() }
  }

  /** What state gave becomes the base, and the values: what was learned beyond it is given up. */
  restore(base: Float32Array): void {
    this.base = base.slice()
    this.rows = base.length / this.width
    this.changed.markAll()
    this.dropLocal([])
  }
}

/** Adds factor · numbers[from …] to the base, and to the values what the base has gained. */
function addGroup(
  base: Float32Array,
  at: number,
  values: Float32Array,
  into: number,
  numbers: Float32Array | Int8Array,
  from: number,
  size: number,
  factor: number,
): void {
  for (let d = 0; d < size; d++) {
    const before = base[at + d]!
    base[at + d] = before + factor * numbers[from + d]!
    values[into + d]! += base[at + d]! - before
  }
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((number, k) => number === b[k])
}
