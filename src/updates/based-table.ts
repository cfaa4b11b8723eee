// One table that a group of workers shares, at one of them: its values, which learning moves, beside their base.

import type { ChangedRows } from '../ports/live-state.ts'
import type { MovedRows } from './record.ts'
import { roundAll } from './rounding.ts'
import { addRow, isFiniteRow, longer, readRow, type SharedPiece, writeRow } from './rows.ts'

/** Rows of numbers in one or more arrays. */
export interface SharedTable {
  readonly name: string
  /** Rows before that of item 0; undefined: the rows belong to no items. */
  readonly shift: number | undefined
  /** Now, with those before item 0. */
  readonly rows: number
  /** (rows × width) each, where they lie: what is written there is learned from. Valid until the table grows. */
  pieces(): readonly SharedPiece[]
  /** Rows that learning may have moved; left out: every row is looked at. */
  readonly changed?: ChangedRows
  /** Moves are rounded to eight significant bits; else they go as they are. */
  readonly isRounded: boolean
  /** Writes how the row of an item stands before anybody has moved it. */
  begin(name: string, row: number): void
  /** These rows are about to be written to by others. */
  beforeWrite?(rows: Int32Array): void
  /** They were. */
  tell?(rows: Int32Array): void
}

/** Rows by this worker's own numbers, and by how much they moved. */
export type Moved = Pick<MovedRows, 'rows' | 'values' | 'width'>

/** What is local in some rows. */
export interface Moves {
  readonly width: number
  readonly rows: readonly number[]
  /** By row, the largest of its numbers. */
  readonly largest: readonly number[]
  readonly values: Float32Array
}

/** Moves that wait to be read back: of each row, its place in the values. */
type Waiting = readonly {
  readonly places: ReadonlyMap<number, number>
  readonly values: Float32Array
}[]

/** Moves below it are not worth a place in a record: they wait for more. */
const leastMove = 1e-6

/** A table beside its base. */
export class BasedTable {
  readonly table: SharedTable
  readonly width: number
  private base = new Float32Array(0)
  /** Rows that have a base. */
  private rows = 0
  private readonly row: Float32Array

  constructor(table: SharedTable) {
    this.table = table
    this.width = table.pieces().reduce((sum, piece) => sum + piece.width, 0)
    this.row = new Float32Array(this.width)
    // What stands before item 0, or has no items, is there from the start.
    for (let row = 0; row < (table.shift ?? table.rows); row++) this.enter(row)
  }

  get bytes(): number {
    return this.base.byteLength
  }

  /** From now on the row as it stands is its base. */
  enter(row: number): void {
    const end = (row + 1) * this.width
    if (end > this.base.length) {
      this.base = longer(this.base, Math.max(end, 2 * this.base.length))
    }
    this.rows = Math.max(this.rows, row + 1)
    readRow(this.table.pieces(), row, this.base, row * this.width)
  }

  baseOf(row: number): Float32Array {
    return this.base.slice(row * this.width, (row + 1) * this.width)
  }

  /** What is local in the rows that may have changed since the last call. */
  moves(pending: readonly Moved[]): Moves {
    const { table, width } = this
    const waiting = waitingOf(pending)
    const pieces = table.pieces()
    const rows: number[] = []
    const largest: number[] = []
    let values = new Float32Array(64 * width)
    for (const row of changedRows(table, this.rows)) {
      const at = rows.length * width
      if (at === values.length) values = longer(values, 2 * at)
      const most = this.localOf(pieces, row, waiting, values, at)
      // A row that is no number stays here, where others take care of it.
      if (!(most > leastMove && most < Infinity)) continue
      rows.push(row)
      largest.push(most)
    }
    return { width, rows, largest, values }
  }

  /** Of those moves the ones from `least` on, as they are sent; the others stay local. */
  choose({ rows, largest, values }: Moves, least: number): Moved {
    const { table, width } = this
    const chosen: number[] = []
    rows.forEach((row, k) => {
      if (largest[k]! < least) {
        table.changed?.mark(row)
        return
      }
      values.copyWithin(chosen.length * width, k * width, (k + 1) * width)
      chosen.push(row)
    })
    const sent = values.slice(0, chosen.length * width)
    if (table.isRounded) roundAll(sent)
    return { width, rows: Int32Array.from(chosen), values: sent }
  }

  /** The share of each move is added to the base, and to the values, which have had the whole of an own move. */
  add({ rows, values }: Moved, share: (row: number) => number, isOwn: boolean): void {
    const { table, base, width, row: change } = this
    const pieces = table.pieces()
    table.beforeWrite?.(rows)
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!
      if (!isFiniteRow(values, k * width, width)) continue
      const part = share(row)
      for (let d = 0; d < width; d++) {
        const [at, move] = [row * width + d, values[k * width + d]!]
        const before = base[at]!
        base[at] = before + part * move
        change[d] = base[at]! - before - (isOwn ? move : 0)
      }
      addRow(pieces, row, change, 0, 1)
    }
    table.tell?.(rows)
  }

  /** Own moves are taken out of the values again. */
  takeBack({ rows, values }: Moved): void {
    const pieces = this.table.pieces()
    this.table.beforeWrite?.(rows)
    rows.forEach((row, k) => {
      addRow(pieces, row, values, k * this.width, -1)
    })
    this.table.tell?.(rows)
  }

  /** The values become base and pending moves. */
  dropLocal(pending: readonly Moved[]): void {
    const waiting = waitingOf(pending)
    const pieces = this.table.pieces()
    const local = new Float32Array(this.width)
    const rows = Int32Array.from({ length: this.rows }, (_, row) => row)
    this.table.beforeWrite?.(rows)
    for (const row of rows) {
      if (this.localOf(pieces, row, waiting, local, 0) !== 0) writeRow(pieces, row, this.row)
    }
    this.table.tell?.(rows)
  }

  /** Sets out[at …] to what is local in the row, and returns the largest of it; `row` is what is not. */
  private localOf(
    pieces: readonly SharedPiece[],
    row: number,
    waiting: Waiting,
    out: Float32Array,
    at: number,
  ): number {
    const { width, base, row: known } = this
    readRow(pieces, row, out, at)
    for (let d = 0; d < width; d++) known[d] = base[row * width + d]!
    for (const { places, values } of waiting) {
      const from = width * (places.get(row) ?? -1)
      if (from >= 0) for (let d = 0; d < width; d++) known[d]! += values[from + d]!
    }
    let largest = 0
    for (let d = 0; d < width; d++) {
      const local = out[at + d]! - known[d]!
      out[at + d] = local
      largest = Math.max(largest, Math.abs(local))
    }
    return largest
  }
}

/** Of the first `rows`; they count as unchanged after it. */
function* changedRows({ changed, rows: all }: SharedTable, rows: number): Iterable<number> {
  const end = Math.min(all, rows)
  if (changed === undefined) {
    for (let row = 0; row < end; row++) yield row
    return
  }
  for (let run = changed.take(0, end, end); run; run = changed.take(run.to, end, end)) {
    for (let row = run.from; row < run.to; row++) yield row
  }
}

function waitingOf(pending: readonly Moved[]): Waiting {
  return pending.map(({ rows, values }) => {
    return { values, places: new Map(Array.from(rows, (row, k) => [row, k])) }
  })
}
