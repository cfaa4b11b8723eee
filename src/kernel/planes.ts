// Products over planes: pairs lie in lanes, units in rows, so that a weight is read once for eight pairs and nothing is
// summed across lanes but the weights' gradients.
//
// A plane is (units, P) floats, P lanes padded to whole eights.

import { chunkGradient, dense } from './memory'
import { addProduct, fourSums, sumOf } from './lanes'
import { tanh } from './tanh'

// @ts-ignore: decorator
@inline
export function padded(count: i32): i32 {
  return (count + 7) & ~7
}

/** Four vectors become four lanes of `width` rows. Reads whole lanes of the vectors, writes only their own rows. */
export function toLanes(
  to: usize, rowBytes: i32, width: i32, a: usize, b: usize, c: usize, e: usize, sign: f32,
): void {
  const s = f32x4.splat(sign)
  for (let d = 0; d < width; d += 4) {
    const at = d << 2
    const ra = f32x4.mul(s, v128.load(a + at))
    const rb = f32x4.mul(s, v128.load(b + at))
    const rc = f32x4.mul(s, v128.load(c + at))
    const re = f32x4.mul(s, v128.load(e + at))
    const ab0 = v128.shuffle<f32>(ra, rb, 0, 4, 1, 5)
    const ab1 = v128.shuffle<f32>(ra, rb, 2, 6, 3, 7)
    const ce0 = v128.shuffle<f32>(rc, re, 0, 4, 1, 5)
    const ce1 = v128.shuffle<f32>(rc, re, 2, 6, 3, 7)
    const row = to + d * rowBytes
    const left = width - d
    v128.store(row, v128.shuffle<f32>(ab0, ce0, 0, 1, 4, 5))
    if (left > 1) v128.store(row + rowBytes, v128.shuffle<f32>(ab0, ce0, 2, 3, 6, 7))
    if (left > 2) v128.store(row + 2 * rowBytes, v128.shuffle<f32>(ab1, ce1, 0, 1, 4, 5))
    if (left > 3) v128.store(row + 3 * rowBytes, v128.shuffle<f32>(ab1, ce1, 2, 3, 6, 7))
  }
}

/** The way back: `width` rows of `lanes` lanes become vectors `pitch` bytes apart, padded to whole lanes. */
export function toVectors(to: usize, pitch: i32, from: usize, rowBytes: i32, width: i32, lanes: i32): void {
  for (let d = 0; d < width; d += 4) {
    const left = width - d
    const r0 = from + d * rowBytes
    const r1 = left > 1 ? r0 + rowBytes : r0
    const r2 = left > 2 ? r1 + rowBytes : r0
    const r3 = left > 3 ? r2 + rowBytes : r0
    for (let n = 0; n < lanes; n += 4) {
      const at = n << 2
      const a = v128.load(r0 + at)
      const b = v128.load(r1 + at)
      const c = v128.load(r2 + at)
      const e = v128.load(r3 + at)
      const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
      const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
      const ce0 = v128.shuffle<f32>(c, e, 0, 4, 1, 5)
      const ce1 = v128.shuffle<f32>(c, e, 2, 6, 3, 7)
      const first = to + n * pitch + (d << 2)
      v128.store(first, v128.shuffle<f32>(ab0, ce0, 0, 1, 4, 5))
      v128.store(first + pitch, v128.shuffle<f32>(ab0, ce0, 2, 3, 6, 7))
      v128.store(first + 2 * pitch, v128.shuffle<f32>(ab1, ce1, 0, 1, 4, 5))
      v128.store(first + 3 * pitch, v128.shuffle<f32>(ab1, ce1, 2, 3, 6, 7))
    }
  }
}

/**
 * out (m, P) = M·in (n, P) + b, M[o][d] at weights + o·outer + d·inner bytes: W forward, its transpose on the way back.
 * Tiles of four outputs and eight pairs: eight sums in registers, six loads for 32 products. Without biases b is zero.
 */
export function multiply(
  out: usize, weights: usize, outer: i32, inner: i32, biases: usize, m: i32, n: i32, from: usize, total: i32,
): void {
  const rowBytes = total << 2
  for (let o = 0; o < m; o += 4) {
    const left = m - o
    const w0 = weights + o * outer
    const w1 = left > 1 ? w0 + outer : w0
    const w2 = left > 2 ? w1 + outer : w0
    const w3 = left > 3 ? w2 + outer : w0
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
      for (const end = w0 + n * inner; a0 != end; ) {
        const lower = v128.load(at)
        const upper = v128.load(at, 16)
        const k0 = v128.load32_splat(a0)
        const k1 = v128.load32_splat(a1)
        const k2 = v128.load32_splat(a2)
        const k3 = v128.load32_splat(a3)
        a0 += inner
        a1 += inner
        a2 += inner
        a3 += inner
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
      const to = out + o * rowBytes + p
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
  }
}

export function tanhAll(plane: usize, count: i32): void {
  for (let o: usize = 0; o < <usize>count << 2; o += 16) v128.store(plane + o, tanh(v128.load(plane + o)))
}

/** δ *= 1 - h² for `count` places of two planes. */
export function slopes(delta: usize, plane: usize, count: i32): void {
  const one = f32x4.splat(1)
  for (let o: usize = 0; o < <usize>count << 2; o += 16) {
    const h = v128.load(plane + o)
    v128.store(delta + o, f32x4.mul(v128.load(delta + o), f32x4.sub(one, f32x4.mul(h, h))))
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
  for (let o = 0; o < outputs; o += 2) {
    const here = delta + o * rowBytes
    const next = o + 1 < outputs ? here + rowBytes : here
    const row = gradient + o * pitch
    for (let d = 0; d < inputs; d += 4) {
      const left = inputs - d
      const i0 = from + d * rowBytes
      const i1 = left > 1 ? i0 + rowBytes : i0
      const i2 = left > 2 ? i1 + rowBytes : i0
      const i3 = left > 3 ? i2 + rowBytes : i0
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
      addFour(row + (d << 2), fourSums(s0, s1, s2, s3), left)
      if (o + 1 < outputs) addFour(row + pitch + (d << 2), fourSums(t0, t1, t2, t3), left)
    }
  }
}

/** g[o] += Σ_pairs δ_o */
export function sumLanes(gradient: usize, delta: usize, outputs: i32, total: i32): void {
  for (let o = 0; o < outputs; o++) {
    let sum = f32x4.splat(0)
    const row = delta + ((o * total) << 2)
    for (let n = 0; n < total << 2; n += 16) sum = f32x4.add(sum, v128.load(row + n))
    store<f32>(gradient + (o << 2), load<f32>(gradient + (o << 2)) + sumOf(sum))
  }
}

/** Where a chunk's gradient of a dense weight is summed. */
// @ts-ignore: decorator
@inline
export function gradientOf(weight: usize): usize {
  return chunkGradient + (weight - dense)
}

function addFour(to: usize, sums: v128, left: i32): void {
  if (left > 3) {
    v128.store(to, f32x4.add(v128.load(to), sums))
    return
  }
  store<f32>(to, load<f32>(to) + f32x4.extract_lane(sums, 0))
  if (left > 1) store<f32>(to, load<f32>(to, 4) + f32x4.extract_lane(sums, 1), 4)
  if (left > 2) store<f32>(to, load<f32>(to, 8) + f32x4.extract_lane(sums, 2), 8)
}
