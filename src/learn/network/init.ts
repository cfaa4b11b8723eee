// Start values by (seed, table, row, column) alone: growth in any order gives the same bytes.
// Not a general source of random numbers; it has no state.

/** Bijective mixing of 32 bits (the finalizer of MurmurHash3). */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

/** A key for one table of one network: FNV-1a over its name, mixed with the seed. */
export function tableKey(seed: number, name: string): number {
  let hash = 0x811c9dc5
  for (let c = 0; c < name.length; c++) {
    hash = Math.imul(hash ^ name.charCodeAt(c), 0x01000193)
  }
  return mix(mix(seed | 0) ^ hash)
}

/** Two rows of a table never share a start: the row's own state is a bijection of its number. */
function rowState(key: number, row: number): number {
  return mix((key + Math.imul(row, 0x9e3779b1)) | 0)
}

/** In (0, 1), 32 bits deep. */
function unit(state: number, draw: number): number {
  return (mix((state + Math.imul(draw + 1, 0x85ebca77)) | 0) + 0.5) / 4_294_967_296
}

/** out[at … at+columns) ~ N(0, deviation²), by Box and Muller, two values from two draws. */
export function fillNormal(
  out: Float32Array,
  at: number,
  columns: number,
  key: number,
  row: number,
  deviation: number,
): void {
  const state = rowState(key, row)
  for (let d = 0; d < columns; d += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(unit(state, d)))
    const angle = 2 * Math.PI * unit(state, d + 1)
    out[at + d] = radius * Math.cos(angle)
    if (d + 1 < columns) out[at + d + 1] = radius * Math.sin(angle)
  }
}

/** Glorot and Bengio's uniform start of a weight matrix (outputs, inputs). */
export function fillGlorot(
  out: Float32Array,
  at: number,
  outputs: number,
  inputs: number,
  key: number,
): void {
  const limit = Math.sqrt(6 / (inputs + outputs))
  for (let o = 0; o < outputs; o++) {
    const state = rowState(key, o)
    for (let d = 0; d < inputs; d++) {
      out[at + o * inputs + d] = limit * (2 * unit(state, d) - 1)
    }
  }
}
