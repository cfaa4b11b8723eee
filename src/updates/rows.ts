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
  for (const { values, width } of pieces) {
    for (let from = row * width, end = from + width; from < end; from++) out[at++] = values[from]!
  }
}

export function writeRow(pieces: readonly SharedPiece[], row: number, from: Float32Array): void {
  let at = 0
  for (const { values, width } of pieces) {
    for (let into = row * width, end = into + width; into < end; into++) values[into] = from[at++]!
  }
}

/** Adds change[at …], or takes it away. */
export function addRow(
  pieces: readonly SharedPiece[],
  row: number,
  change: Float32Array,
  at: number,
  sign: 1 | -1,
): void {
  for (const { values, width } of pieces) {
    for (let into = row * width, end = into + width; into < end; into++) {
      values[into]! += sign * change[at++]!
    }
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
