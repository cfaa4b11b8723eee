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
