// Rows of a table that lies in several arrays, each with some of the columns.

export interface SharedPiece {
  readonly values: Float32Array
  readonly width: number
}

export function readRow(
  pieces: readonly SharedPiece[],
  row: number,
  out: Float32Array,
  at: number,
): void {
  for (let p = 0; p < pieces.length; p++) {
    const { values, width } = pieces[p]!
    const from = row * width
    for (let d = 0; d < width; d++) out[at + d] = values[from + d]!
    at += width
  }
}

/** out[at …] = the row - the same row of one array that has all columns; returns the end of it. */
export function subtractRow(
  pieces: readonly SharedPiece[],
  row: number,
  from: Float32Array,
  out: Float32Array,
  at: number,
): number {
  let start = 0
  for (let p = 0; p < pieces.length; p++) start += row * pieces[p]!.width
  for (let p = 0; p < pieces.length; p++) {
    const { values, width } = pieces[p]!
    const first = row * width
    for (let d = 0; d < width; d++) out[at + d] = values[first + d]! - from[start + d]!
    start += width
    at += width
  }
  return at
}

export function writeRow(pieces: readonly SharedPiece[], row: number, from: Float32Array): void {
  let at = 0
  for (const { values, width } of pieces) {
    for (let d = 0; d < width; d++) values[row * width + d] = from[at + d]!
    at += width
  }
}

/** Adds row k of the changes to row rows[k], or takes it away. */
export function addRows(
  pieces: readonly SharedPiece[],
  rows: Int32Array,
  changes: Float32Array,
  sign: 1 | -1,
): void {
  const all = pieces.reduce((sum, { width }) => sum + width, 0)
  let first = 0
  for (const { values, width } of pieces) {
    for (let k = 0; k < rows.length; k++) {
      const into = rows[k]! * width
      const from = k * all + first
      for (let d = 0; d < width; d++) values[into + d]! += sign * changes[from + d]!
    }
    first += width
  }
}

export function isFiniteRow(values: Float32Array, at: number, width: number): boolean {
  for (let d = at; d < at + width; d++) if (!Number.isFinite(values[d]!)) return false
  return true
}

export function longer(values: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const more = new Float32Array(length)
  more.set(values)
  return more
}

/** Sums by row, so that each row is written to once for all records that are read together. */
export class RowSums {
  /** Row k of the sums is that of rows[k] of the table. */
  sums = new Float32Array(0)
  private readonly width: number
  private places = new Int32Array(0)
  private touched: number[] = []

  constructor(width: number) {
    this.width = width
  }

  get bytes(): number {
    return this.sums.byteLength + this.places.byteLength
  }

  /** Where the sums of the row begin; they begin with 0. */
  of(row: number): number {
    const { width } = this
    if (row >= this.places.length) this.grow(row + 1)
    let place = this.places[row]!
    if (place >= 0) return place * width
    place = this.touched.push(row) - 1
    this.places[row] = place
    const end = (place + 1) * width
    if (end > this.sums.length) this.sums = longer(this.sums, 2 * end)
    this.sums.fill(0, place * width, end)
    return place * width
  }

  subtract({ rows, values }: { rows: Int32Array; values: Float32Array }): void {
    const { width } = this
    for (let k = 0; k < rows.length; k++) {
      const into = this.of(rows[k]!)
      const { sums } = this
      for (let d = 0; d < width; d++) sums[into + d]! -= values[k * width + d]!
    }
  }

  /** The rows that have sums, in their order. */
  rows(): Int32Array<ArrayBuffer> {
    return Int32Array.from(this.touched)
  }

  clear(): void {
    for (const row of this.touched) this.places[row] = -1
    this.touched = []
  }

  private grow(rows: number): void {
    const more = new Int32Array(Math.max(rows, 2 * this.places.length)).fill(-1)
    more.set(this.places)
    this.places = more
  }
}
