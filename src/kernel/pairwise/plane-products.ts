// Products over planes (planes.ts): forward, backward, and the gradients of the weights. Tiles of four outputs and
// eight pairs, or of two outputs and four inputs, keep eight sums in registers and need six loads for 32 products. One
// loop makes the tiles of both directions, and those of the layers over projections (item-projections.ts).
//
// The loops go block by block, because a block stays in the first-level cache while all weights pass by. At f = 64
// neither a plane nor the weights would.

import { addProduct, fourSums } from '../simd/lanes'
import { tanh } from '../simd/tanh'

/** out (m, P) = W·in (n, P) + b, where W[o][d] is at weights + o·pitch + 4·d bytes. Without biases b is zero. */
export function multiply(
  out: usize, outBlock: i32, weights: usize, pitch: i32, biases: usize, m: i32, n: i32, from: usize, block: i32,
  blocks: i32,
): void {
  for (let p = 0; p < blocks; p += 2) {
    for (let o = 0; o < m; o += 4) {
      const left = m - o
      const a0 = weights + o * pitch
      const a1 = left > 1 ? a0 + pitch : a0
      const a2 = left > 2 ? a1 + pitch : a0
      const a3 = left > 3 ? a2 + pitch : a0
      const b0 = biasOf(biases, o, m)
      const b1 = biasOf(biases, o + 1, m)
      const b2 = biasOf(biases, o + 2, m)
      const b3 = biasOf(biases, o + 3, m)
      multiplyTile(
        out + (o << 4), 16, outBlock, left, a0, a1, a2, a3, 4, b0, b1, b2, b3, from, 16, block, n, false,
      )
    }
    out += 2 * outBlock
    from += 2 * block
  }
}

/** out (m, P) = Wᵀ·in (n, P), where W[d][o] is at weights + d·pitch + 4·o bytes: the backward pass. */
export function multiplyBack(
  out: usize, outBlock: i32, weights: usize, pitch: i32, m: i32, n: i32, from: usize, block: i32, blocks: i32,
): void {
  const zero = f32x4.splat(0)
  for (let p = 0; p < blocks; p += 2) {
    for (let o = 0; o < m; o += 4) {
      // The last tile reads weights after the end of a row into sums that are not stored.
      const a = weights + (o << 2)
      multiplyTile(
        out + (o << 4), 16, outBlock, m - o, a, a + 4, a + 8, a + 12, pitch, zero, zero, zero, zero, from, 16, block, n,
        false,
      )
    }
    out += 2 * outBlock
    from += 2 * block
  }
}

/** Four times the bias of output o of m; zero without biases, and for what fills a tile up. */
// @ts-ignore: decorator
@inline
export function biasOf(biases: usize, o: i32, m: i32): v128 {
  return biases == 0 || o >= m ? f32x4.splat(0) : v128.load32_splat(biases + (o << 2))
}

/**
 * A tile of four outputs and eight pairs: s_k = b_k + Σ_d in_d · (what is d·step bytes after a_k), of which the first
 * `left` are stored `toStep` bytes apart, bent by tanh if `bends`. in_d is d·fromStep bytes after `from`. The second
 * four of the pairs are `toNext` and `fromNext` bytes after the first.
 */
// @ts-ignore: decorator
@inline
export function multiplyTile(
  to: usize, toStep: i32, toNext: i32, left: i32, a0: usize, a1: usize, a2: usize, a3: usize, step: i32,
  b0: v128, b1: v128, b2: v128, b3: v128, from: usize, fromStep: i32, fromNext: i32, n: i32, bends: bool,
): void {
  let s0 = b0
  let s1 = b1
  let s2 = b2
  let s3 = b3
  let t0 = b0
  let t1 = b1
  let t2 = b2
  let t3 = b3
  let low = from
  let high = from + fromNext
  for (const end = low + n * fromStep; low != end; ) {
    const lower = v128.load(low)
    const upper = v128.load(high)
    const k0 = v128.load32_splat(a0)
    const k1 = v128.load32_splat(a1)
    const k2 = v128.load32_splat(a2)
    const k3 = v128.load32_splat(a3)
    a0 += step
    a1 += step
    a2 += step
    a3 += step
    low += fromStep
    high += fromStep
    s0 = addProduct(s0, k0, lower)
    t0 = addProduct(t0, k0, upper)
    s1 = addProduct(s1, k1, lower)
    t1 = addProduct(t1, k1, upper)
    s2 = addProduct(s2, k2, lower)
    t2 = addProduct(t2, k2, upper)
    s3 = addProduct(s3, k3, lower)
    t3 = addProduct(t3, k3, upper)
  }
  storePair(to, toNext, s0, t0, bends)
  if (left > 1) storePair(to + toStep, toNext, s1, t1, bends)
  if (left > 2) storePair(to + 2 * toStep, toNext, s2, t2, bends)
  if (left > 3) storePair(to + 3 * toStep, toNext, s3, t3, bends)
}

// @ts-ignore: decorator
@inline
function storePair(to: usize, next: i32, s: v128, t: v128, bends: bool): void {
  v128.store(to, bends ? tanh(s) : s)
  v128.store(to + next, bends ? tanh(t) : t)
}

/** G[o][d] += Σ_pairs δ_o·in_d, where rows of G are `pitch` bytes apart. Lanes are summed at the end of a tile. */
export function sumProducts(
  gradient: usize, pitch: i32, delta: usize, deltaBlock: i32, outputs: i32, from: usize, block: i32, inputs: i32,
  blocks: i32,
): void {
  for (let o = 0; o < outputs; o += 2) {
    // The last of an odd number of outputs has no partner: the sums of what follows it are not stored.
    const two = o + 1 < outputs
    const row = gradient + o * pitch
    for (let d = 0; d < inputs; d += 4) {
      let s0 = f32x4.splat(0)
      let s1 = s0
      let s2 = s0
      let s3 = s0
      let t0 = s0
      let t1 = s0
      let t2 = s0
      let t3 = s0
      let at = from + (d << 4)
      let p = delta + (o << 4)
      for (const end = p + blocks * deltaBlock; p != end; ) {
        const a = v128.load(p)
        const b = v128.load(p, 16)
        const v0 = v128.load(at)
        const v1 = v128.load(at, 16)
        const v2 = v128.load(at, 32)
        const v3 = v128.load(at, 48)
        p += deltaBlock
        at += block
        s0 = addProduct(s0, a, v0)
        t0 = addProduct(t0, b, v0)
        s1 = addProduct(s1, a, v1)
        t1 = addProduct(t1, b, v1)
        s2 = addProduct(s2, a, v2)
        t2 = addProduct(t2, b, v2)
        s3 = addProduct(s3, a, v3)
        t3 = addProduct(t3, b, v3)
      }
      addFour(row + (d << 2), fourSums(s0, s1, s2, s3), inputs - d)
      if (two) addFour(row + pitch + (d << 2), fourSums(t0, t1, t2, t3), inputs - d)
    }
  }
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
