// The inner loops: free functions over flat arrays, without allocation or state. Rows are float32 in the flat buffer;
// sums and scratch are doubles. n is any length.

/** Σ a[x]·row[x] */
export function dot(
  a: Float64Array,
  at: number,
  floats: Float32Array,
  row: number,
  n: number,
): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let d = 0
  for (; d < n - 3; d += 4) {
    s0 += a[at + d]! * floats[row + d]!
    s1 += a[at + d + 1]! * floats[row + d + 1]!
    s2 += a[at + d + 2]! * floats[row + d + 2]!
    s3 += a[at + d + 3]! * floats[row + d + 3]!
  }
  for (; d < n; d++) s0 += a[at + d]! * floats[row + d]!
  return s0 + s1 + (s2 + s3)
}

/** out[x] += scale·row[x] */
export function addRow(
  out: Float64Array,
  at: number,
  scale: number,
  floats: Float32Array,
  row: number,
  n: number,
): void {
  let d = 0
  for (; d < n - 3; d += 4) {
    out[at + d] = out[at + d]! + scale * floats[row + d]!
    out[at + d + 1] = out[at + d + 1]! + scale * floats[row + d + 1]!
    out[at + d + 2] = out[at + d + 2]! + scale * floats[row + d + 2]!
    out[at + d + 3] = out[at + d + 3]! + scale * floats[row + d + 3]!
  }
  for (; d < n; d++) out[at + d] = out[at + d]! + scale * floats[row + d]!
}

/** out[x] += Σ weights[l+r]·row_r[x] for r < 4: out is read and written once for four rows. */
export function addFourRows(
  out: Float64Array,
  at: number,
  n: number,
  floats: Float32Array,
  weights: Float64Array,
  l: number,
  r0: number,
  r1: number,
  r2: number,
  r3: number,
): void {
  const w0 = weights[l]!
  const w1 = weights[l + 1]!
  const w2 = weights[l + 2]!
  const w3 = weights[l + 3]!
  for (let d = 0; d < n; d++) {
    const first = w0 * floats[r0 + d]! + w1 * floats[r1 + d]!
    const second = w2 * floats[r2 + d]! + w3 * floats[r3 + d]!
    out[at + d] = out[at + d]! + (first + second)
  }
}

/** out[x] += scale·from[x] */
export function addScaled(
  out: Float64Array,
  at: number,
  scale: number,
  from: Float64Array,
  start: number,
  n: number,
): void {
  let d = 0
  for (; d < n - 3; d += 4) {
    out[at + d] = out[at + d]! + scale * from[start + d]!
    out[at + d + 1] = out[at + d + 1]! + scale * from[start + d + 1]!
    out[at + d + 2] = out[at + d + 2]! + scale * from[start + d + 2]!
    out[at + d + 3] = out[at + d + 3]! + scale * from[start + d + 3]!
  }
  for (; d < n; d++) out[at + d] = out[at + d]! + scale * from[start + d]!
}

/** out (m) += W·input, where W is (m, columns) in the buffer, and only columns [0, n) from `weight` on count. */
export function addProduct(
  out: Float64Array,
  m: number,
  floats: Float32Array,
  weight: number,
  columns: number,
  input: Float64Array,
  at: number,
  n: number,
): void {
  let o = 0
  for (; o < m - 3; o += 4) {
    const r0 = weight + o * columns
    const r1 = r0 + columns
    const r2 = r1 + columns
    const r3 = r2 + columns
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    for (let d = 0; d < n; d++) {
      const x = input[at + d]!
      s0 += x * floats[r0 + d]!
      s1 += x * floats[r1 + d]!
      s2 += x * floats[r2 + d]!
      s3 += x * floats[r3 + d]!
    }
    out[o] = out[o]! + s0
    out[o + 1] = out[o + 1]! + s1
    out[o + 2] = out[o + 2]! + s2
    out[o + 3] = out[o + 3]! + s3
  }
  for (; o < m; o++) out[o] = out[o]! + dot(input, at, floats, weight + o * columns, n)
}

/** out (n) += Wᵀ·delta, for the same slice of W. */
export function addTransposed(
  out: Float64Array,
  at: number,
  n: number,
  floats: Float32Array,
  weight: number,
  columns: number,
  delta: Float64Array,
  m: number,
): void {
  let o = 0
  for (; o < m - 3; o += 4) {
    const r0 = weight + o * columns
    const r2 = r0 + 2 * columns
    addFourRows(out, at, n, floats, delta, o, r0, r0 + columns, r2, r2 + columns)
  }
  for (; o < m; o++) addRow(out, at, delta[o]!, floats, weight + o * columns, n)
}

/** gradient (m, columns) += delta ⊗ input, for the same slice of W. */
export function addOuter(
  gradient: Float64Array,
  weight: number,
  columns: number,
  delta: Float64Array,
  m: number,
  input: Float64Array,
  at: number,
  n: number,
): void {
  for (let o = 0; o < m; o++) {
    addScaled(gradient, weight + o * columns, delta[o]!, input, at, n)
  }
}

/** log(1 + e^x) without overflow: the loss -log σ(-x) as a function of the logit. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(x > 0 ? -x : x))
}

/** 1/(1 + e^-x): the derivative of softplus. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}
