// One table that a group of workers shares, at one of them: its values, which learning moves, beside their base.

import { longer } from '../arrays.ts'
import { ChangedRows, type LiveState, liveRows } from '../ports/live-state.ts'
import {
  addMoves,
  addPending,
  largestOf,
  leastMove,
  localOf,
  type Moves,
  type PendingMoves,
} from './moves.ts'
import type { Moved } from './naming.ts'
import { groupsOf, roundRows } from './rounding.ts'
import { addRows, readRow, type SharedPiece, writeRow } from './rows.ts'
import { changedRows, nameOfBase, type SharedTable } from './shared-table.ts'

/** Moves of one record of the log, by how much each counts; `own`: what was pending of it, all of which goes. */
export interface Fold {
  readonly moved: Moved
  readonly shares: Float64Array
  readonly own?: PendingMoves | undefined
}

/** Room for rows that are still to come, against that of rows that are there. */
const roomier = 1.25

/** A table beside its base. */
export class BasedTable {
  readonly table: SharedTable
  readonly width: number
  private base: Float32Array = new Float32Array(0)
  /** Rows that have a base. */
  private rows = 0
  private readonly groups: readonly number[]
  /** By row, the largest of what is local and was not sent when it was last looked at; 0: nothing. */
  private waiting: Float32Array = new Float32Array(0)
  private readonly changed = new ChangedRows()
  /** Places of moves that were read back: -1 all over. */
  private readonly unused: Int32Array[] = []

  constructor(table: SharedTable) {
    this.table = table
    const pieces = table.pieces()
    this.width = pieces.reduce((sum, piece) => sum + piece.width, 0)
    this.groups = groupsOf(pieces)
    // What stands before item 0, or has no items, is there from the start.
    this.enter(0, table.shift ?? table.rows)
  }

  get bytes(): number {
    return this.base.byteLength + this.waiting.byteLength
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

  /** The rows in which something is local that is not pending. */
  moves(pending: readonly PendingMoves[]): Moves {
    const { table, width, base } = this
    const pieces = table.pieces()
    if (this.waiting.length < this.rows)
      this.waiting = longer(this.waiting, this.base.length / width)
    const { waiting } = this
    const room = new Float32Array(width)
    for (const row of changedRows(table, this.rows)) {
      const most = largestOf(pieces, base, row, pending, room)
      // A row that is no number stays here, where others take care of it.
      waiting[row] = most > leastMove && most < Infinity ? most : 0
    }
    const rows: number[] = []
    const largest: number[] = []
    for (let row = 0; row < this.rows; row++) {
      if (waiting[row] === 0) continue
      rows.push(row)
      largest.push(waiting[row]!)
    }
    return { width, rows, largest }
  }

  /** Of those moves the ones from `least` on, as they are sent; the others stay local. */
  choose({ rows, largest }: Moves, least: number, pending: readonly PendingMoves[]): PendingMoves {
    const { table, width, base, waiting } = this
    const pieces = table.pieces()
    const chosen = rows.filter((_, k) => largest[k]! >= least)
    const values = new Float32Array(chosen.length * width)
    const sent = new Int32Array(chosen.length)
    const places = this.newPlaces()
    let count = 0
    for (const row of chosen) {
      waiting[row] = 0
      const most = localOf(pieces, base, row, pending, values, count * width)
      // What is no number stays here; the next row takes its place.
      if (most < Infinity) {
        places[row] = count
        sent[count++] = row
      }
    }
    const moves = {
      width,
      rows: sent.subarray(0, count),
      values: values.subarray(0, count * width),
    }
    const rounded = table.isRounded ? roundRows(moves.values, width, this.groups) : undefined
    return { ...moves, rounded, places }
  }

  private newPlaces(): Int32Array {
    for (let one = this.unused.pop(); one !== undefined; one = this.unused.pop()) {
      if (one.length >= this.rows) return one
    }
    return new Int32Array(Math.ceil(roomier * this.rows)).fill(-1)
  }

  /**
   * Adds to the base what counts of each move, in the order of the folds, and to the values what the base has gained,
   * less own moves, which they have had.
   */
  fold(folds: readonly Fold[]): void {
    for (const { moved, shares, own } of folds) {
      if (this.changed.isHolding) this.changed.beforeWrite(moved.rows)
      // The rows of an own record are those that are pending, or some of them.
      this.write(own?.rows ?? moved.rows, (pieces) => {
        if (own !== undefined) this.settle(own, pieces)
        const added = addMoves({ ...this.shape, base: this.base, pieces }, moved, shares)
        for (let k = 0; k < added.length; k++) this.changed.mark(added[k]!)
      })
    }
  }

  /** Own moves are taken out of the values again, and are pending no more. */
  dropPending(own: PendingMoves): void {
    this.write(own.rows, (pieces) => this.settle(own, pieces))
  }

  private settle({ rows, values, places }: PendingMoves, pieces: readonly SharedPiece[]): void {
    addRows(pieces, rows, values, -1)
    for (let k = 0; k < rows.length; k++) places[rows[k]!] = -1
    this.unused.push(places)
  }

  /** The values become base and pending moves. */
  dropLocal(pending: readonly PendingMoves[]): void {
    const { base } = this
    this.waiting.fill(0)
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

  private get shape() {
    return { width: this.width, groups: this.groups, rows: this.rows }
  }

  /** All who need to know of it do. */
  private write(rows: Int32Array, work: (pieces: readonly SharedPiece[]) => void): void {
    this.table.beforeWrite?.(rows)
    work(this.table.pieces())
    this.table.tell?.(rows)
  }

  get state(): LiveState {
    const tensors = () =>
      [[nameOfBase(this.table), { shape: [this.rows, this.width], data: this.base }]] as const
    return { live: [liveRows(this.changed, () => this.rows, tensors, true)], rest: () => new Map() }
  }

  /** Whether this can be restored. Weights that belong to no items are as many as they ever were. */
  fits(base: Float32Array | undefined): base is Float32Array {
    const { shift, rows } = this.table
    return base !== undefined && (shift !== undefined || base.length === rows * this.width)
  }

  /** What state gave becomes the base, and the values: what was learned beyond it is given up. */
  restore(base: Float32Array): void {
    this.base = base.slice()
    this.rows = base.length / this.width
    this.changed.markAll()
    this.dropLocal([])
  }
}
