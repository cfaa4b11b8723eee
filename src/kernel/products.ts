// Products over planes (planes.ts): forward, back, and the weights' gradients. Tiles of four outputs and eight pairs: eight
// sums in registers, six loads for 32 products. Turns of a loop are long, since what steers one takes as many of the
// machine's instructions as it has room for beside the products.

import { addProduct, fourSums } from './lanes'

/**
 * out (m, P) = W·in (n, P) + b, W[o][d] at weights + o·pitch + 4·d bytes. Without biases b is zero.
 */
export function multiply(
  out: usize, weights: usize, pitch: i32, biases: usize, m: i32, n: i32, from: usize, total: i32,
): void {
  const rowBytes = total << 2
  for (let o = 0; o < m; o += 4) {
    const left = m - o
    const w0 = weights + o * pitch
    const w1 = left > 1 ? w0 + pitch : w0
    const w2 = left > 2 ? w1 + pitch : w0
    const w3 = left > 3 ? w2 + pitch : w0
    const zero = f32x4.splat(0)
    const b0 = biases == 0 ? zero : v128.load32_splat(biases + (o << 2))
    const b1 = biases == 0 || left < 2 ? zero : v128.load32_splat(biases + (o << 2), 4)
    const b2 = biases == 0 || left < 3 ? zero : v128.load32_splat(biases + (o << 2), 8)
    const b3 = biases == 0 || left < 4 ? zero : v128.load32_splat(biases + (o << 2), 12)
    for (let p = 0; p < rowBytes; p += 32) {
      let s0 = b0
      let s1 = b1
      let s2 = b2
      let s3 = b3
      let t0 = b0
      let t1 = b1
      let t2 = b2
      let t3 = b3
      let at = from + p
      let a0 = w0
      let a1 = w1
      let a2 = w2
      let a3 = w3
      for (const end = w0 + (n << 2); a0 != end; ) {
        const lower = v128.load(at)
        const upper = v128.load(at, 16)
        const k0 = v128.load32_splat(a0)
        const k1 = v128.load32_splat(a1)
        const k2 = v128.load32_splat(a2)
        const k3 = v128.load32_splat(a3)
        a0 += 4
        a1 += 4
        a2 += 4
        a3 += 4
        s0 = addProduct(s0, k0, lower)
        t0 = addProduct(t0, k0, upper)
        s1 = addProduct(s1, k1, lower)
        t1 = addProduct(t1, k1, upper)
        s2 = addProduct(s2, k2, lower)
        t2 = addProduct(t2, k2, upper)
        s3 = addProduct(s3, k3, lower)
        t3 = addProduct(t3, k3, upper)
        at += rowBytes
      }
      storeTile(out + o * rowBytes + p, rowBytes, left, s0, t0, s1, t1, s2, t2, s3, t3)
    }
  }
}

/** out (m, P) = Wᵀ·in (n, P), W[d][o] at weights + d·pitch + 4·o bytes: the way back. */
export function multiplyBack(
  out: usize, weights: usize, pitch: i32, m: i32, n: i32, from: usize, total: i32,
): void {
  const rowBytes = total << 2
  for (let o = 0; o < m; o += 4) {
    // Weights after a row's end, of the last outputs, go into sums that nobody stores.
    const first = weights + (o << 2)
    for (let p = 0; p < rowBytes; p += 32) {
      let s0 = f32x4.splat(0)
      let s1 = s0
      let s2 = s0
      let s3 = s0
      let t0 = s0
      let t1 = s0
      let t2 = s0
      let t3 = s0
      let at = from + p
      let a = first
      for (const end = at + n * rowBytes; at != end; ) {
        const lower = v128.load(at)
        const upper = v128.load(at, 16)
        const k0 = v128.load32_splat(a)
        const k1 = v128.load32_splat(a, 4)
        const k2 = v128.load32_splat(a, 8)
        const k3 = v128.load32_splat(a, 12)
        a += pitch
        at += rowBytes
        s0 = addProduct(s0, k0, lower)
        t0 = addProduct(t0, k0, upper)
        s1 = addProduct(s1, k1, lower)
        t1 = addProduct(t1, k1, upper)
        s2 = addProduct(s2, k2, lower)
        t2 = addProduct(t2, k2, upper)
        s3 = addProduct(s3, k3, lower)
        t3 = addProduct(t3, k3, upper)
      }
      storeTile(out + o * rowBytes + p, rowBytes, m - o, s0, t0, s1, t1, s2, t2, s3, t3)
    }
  }
}

// @ts-ignore: decorator
@inline
function storeTile(
  to: usize, rowBytes: i32, left: i32, s0: v128, t0: v128, s1: v128, t1: v128, s2: v128, t2: v128, s3: v128, t3: v128,
): void {
  v128.store(to, s0)
  v128.store(to, t0, 16)
  if (left > 1) {
    v128.store(to + rowBytes, s1)
    v128.store(to + rowBytes, t1, 16)
  }
  if (left > 2) {
    v128.store(to + 2 * rowBytes, s2)
    v128.store(to + 2 * rowBytes, t2, 16)
  }
  if (left > 3) {
    v128.store(to + 3 * rowBytes, s3)
    v128.store(to + 3 * rowBytes, t3, 16)
  }
}

/**
 * G[o][d] += Σ_pairs δ_o·in_d, rows of G `pitch` bytes apart: by two outputs and four inputs, summed across lanes at the
 * end.
 */
export function sumProducts(
  gradient: usize, pitch: i32, delta: usize, outputs: i32, from: usize, inputs: i32, total: i32,
): void {
  const rowBytes = total << 2
  const whole = gradient + ((inputs & ~3) << 2)
  const left = inputs & 3
  for (let o = 0; o < outputs; o += 2) {
    const here = delta + o * rowBytes
    // The last of an odd number has no partner: it takes part twice, and once for nothing.
    const two = o + 1 < outputs
    const next = two ? here + rowBytes : here
    let to = gradient + o * pitch
    let i0 = from
    for (const end = whole + o * pitch; to != end; to += 16) {
      const i1 = i0 + rowBytes
      const i2 = i1 + rowBytes
      const i3 = i2 + rowBytes
      sumTile(to, pitch, here, next, i0, i1, i2, i3, rowBytes, 4, two)
      i0 = i3 + rowBytes
    }
    if (left == 0) continue
    const i1 = left > 1 ? i0 + rowBytes : i0
    const i2 = left > 2 ? i1 + rowBytes : i0
    sumTile(to, pitch, here, next, i0, i1, i2, i0, rowBytes, left, two)
  }
}

// @ts-ignore: decorator
@inline
function sumTile(
  to: usize, pitch: i32, here: usize, next: usize, i0: usize, i1: usize, i2: usize, i3: usize, rowBytes: i32, left: i32,
  two: bool,
): void {
  let s0 = f32x4.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  let t0 = s0
  let t1 = s0
  let t2 = s0
  let t3 = s0
  let pa = here
  let pb = next
  let p0 = i0
  let p1 = i1
  let p2 = i2
  let p3 = i3
  for (const end = here + rowBytes; pa != end; ) {
    const a = v128.load(pa)
    const b = v128.load(pb)
    const v0 = v128.load(p0)
    const v1 = v128.load(p1)
    const v2 = v128.load(p2)
    const v3 = v128.load(p3)
    pa += 16
    pb += 16
    p0 += 16
    p1 += 16
    p2 += 16
    p3 += 16
    s0 = addProduct(s0, a, v0)
    t0 = addProduct(t0, b, v0)
    s1 = addProduct(s1, a, v1)
    t1 = addProduct(t1, b, v1)
    s2 = addProduct(s2, a, v2)
    t2 = addProduct(t2, b, v2)
    s3 = addProduct(s3, a, v3)
    t3 = addProduct(t3, b, v3)
  }
  addFour(to, fourSums(s0, s1, s2, s3), left)
  if (two) addFour(to + pitch, fourSums(t0, t1, t2, t3), left)
}

// @ts-ignore: decorator
@inline
function addFour(to: usize, sums: v128, left: i32): void {
  if (left > 3) {
    v128.store(to, f32x4.add(v128.load(to), sums))
    return
  }
  store<f32>(to, load<f32>(to) + f32x4.extract_lane(sums, 0))
  if (left > 1) store<f32>(to, load<f32>(to, 4) + f32x4.extract_lane(sums, 1), 4)
  if (left > 2) store<f32>(to, load<f32>(to, 8) + f32x4.extract_lane(sums, 2), 8)
}
