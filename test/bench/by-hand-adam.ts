// Adam in typed arrays for the step by hand (by-hand.ts): dense weights, and rows that a batch touches.

/** Weights and Adam's two moments of them. */
export interface Weights {
  readonly values: Float32Array
  readonly shape: readonly number[]
  readonly first: Float32Array
  readonly second: Float32Array
}

export interface Rows {
  readonly values: Float32Array
  readonly columns: number
  readonly first: Float32Array
  readonly second: Float32Array
  /** Sums of gradients, a row of them for each touched one. */
  gradient: Float32Array
  /** Row by place, `count` of them. */
  touched: Int32Array
  count: number
  /** Where the gradient of a row is summed. */
  touch(row: number): number
  /** Forgets what was touched. */
  clear(): void
}

export function rowsOf(values: Float32Array, columns: number): Rows {
  const placeOf = new Int32Array(values.length / columns).fill(-1)
  const rows: Rows = {
    ...{ values, columns, count: 0 },
    first: new Float32Array(values.length),
    second: new Float32Array(values.length),
    gradient: new Float32Array(values.length),
    touched: new Int32Array(placeOf.length),
    touch(row) {
      let place = placeOf[row]!
      if (place < 0) {
        place = rows.count++
        placeOf[row] = place
        rows.touched[place] = row
      }
      return place * columns
    },
    clear() {
      for (let place = 0; place < rows.count; place++) placeOf[rows.touched[place]!] = -1
      rows.gradient.fill(0, 0, rows.count * columns)
      rows.count = 0
    },
  }
  return rows
}

export function adamAll(weights: Weights, g: ArrayLike<number>, rate: number, t: number): void {
  const { values, first, second } = weights
  adam(values, first, second, 0, g, 0, values.length, pace(rate, t))
}

export function adamTouched(rows: Rows, rate: number, t: number): void {
  const { values, first, second, columns, gradient } = rows
  const step = pace(rate, t)
  for (let place = 0; place < rows.count; place++) {
    const at = rows.touched[place]! * columns
    adam(values, first, second, at, gradient, place * columns, columns, step)
  }
  rows.clear()
}

function pace(rate: number, t: number): number {
  return (rate * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t)
}

function adam(
  values: Float32Array,
  first: Float32Array,
  second: Float32Array,
  at: number,
  gradient: ArrayLike<number>,
  from: number,
  length: number,
  step: number,
): void {
  for (let d = 0; d < length; d++) {
    const g = gradient[from + d]!
    const m = 0.9 * first[at + d]! + 0.1 * g
    const v = 0.999 * second[at + d]! + 0.001 * g * g
    first[at + d] = m
    second[at + d] = v
    values[at + d]! -= (step * m) / (Math.sqrt(v) + 1e-7)
  }
}
