// Products over planes (planes.ts): forward, backward, and the gradients of the weights. Tiles of four outputs and
// eight pairs, or of two outputs and four inputs, keep eight sums in registers and need six loads for 32 products. Four
// units are one cache line, so most addresses are one pointer and a constant, and the processor spends its time on the
// products.
//
// The loops go block by block, because a block stays in the first-level cache while all weights pass by. At f = 64
// neither a plane nor the weights would.

import { addProduct, fourSums } from '../simd/lanes'

/** out (m, P) = W·in (n, P) + b, where W[o][d] is at weights + o·pitch + 4·d bytes. Without biases b is zero. */
export function multiply(
  out: usize, outBlock: i32, weights: usize, pitch: i32, biases: usize, m: i32, n: i32, from: usize, block: i32,
  blocks: i32,
): void {
  const zero = f32x4.splat(0)
  for (let p = 0; p < blocks; p += 2) {
    for (let o = 0; o < m; o += 4) {
      const left = m - o
      let a0 = weights + o * pitch
      let a1 = left > 1 ? a0 + pitch : a0
      let a2 = left > 2 ? a1 + pitch : a0
      let a3 = left > 3 ? a2 + pitch : a0
      const bias = biases + (o << 2)
      let s0 = biases == 0 ? zero : v128.load32_splat(bias)
      let s1 = biases == 0 || left < 2 ? zero : v128.load32_splat(bias, 4)
      let s2 = biases == 0 || left < 3 ? zero : v128.load32_splat(bias, 8)
      let s3 = biases == 0 || left < 4 ? zero : v128.load32_splat(bias, 12)
      let t0 = s0
      let t1 = s1
      let t2 = s2
      let t3 = s3
      let low = from
      let high = from + block
      for (const end = low + (n << 4); low != end; ) {
        const lower = v128.load(low)
        const upper = v128.load(high)
        const k0 = v128.load32_splat(a0)
        const k1 = v128.load32_splat(a1)
        const k2 = v128.load32_splat(a2)
        const k3 = v128.load32_splat(a3)
        a0 += 4
        a1 += 4
        a2 += 4
        a3 += 4
        low += 16
        high += 16
        s0 = addProduct(s0, k0, lower)
        t0 = addProduct(t0, k0, upper)
        s1 = addProduct(s1, k1, lower)
        t1 = addProduct(t1, k1, upper)
        s2 = addProduct(s2, k2, lower)
        t2 = addProduct(t2, k2, upper)
        s3 = addProduct(s3, k3, lower)
        t3 = addProduct(t3, k3, upper)
      }
      storeTile(out + (o << 4), outBlock, left, s0, t0, s1, t1, s2, t2, s3, t3)
    }
    out += 2 * outBlock
    from += 2 * block
  }
}

/** out (m, P) = Wᵀ·in (n, P), where W[d][o] is at weights + d·pitch + 4·o bytes: the backward pass. */
export function multiplyBack(
  out: usize, outBlock: i32, weights: usize, pitch: i32, m: i32, n: i32, from: usize, block: i32, blocks: i32,
): void {
  for (let p = 0; p < blocks; p += 2) {
    for (let o = 0; o < m; o += 4) {
      // The last tile reads weights after the end of a row into sums that are not stored.
      let a = weights + (o << 2)
      let s0 = f32x4.splat(0)
      let s1 = s0
      let s2 = s0
      let s3 = s0
      let t0 = s0
      let t1 = s0
      let t2 = s0
      let t3 = s0
      let low = from
      let high = from + block
      for (const end = low + (n << 4); low != end; ) {
        const lower = v128.load(low)
        const upper = v128.load(high)
        const k0 = v128.load32_splat(a)
        const k1 = v128.load32_splat(a, 4)
        const k2 = v128.load32_splat(a, 8)
        const k3 = v128.load32_splat(a, 12)
        a += pitch
        low += 16
        high += 16
        s0 = addProduct(s0, k0, lower)
        t0 = addProduct(t0, k0, upper)
        s1 = addProduct(s1, k1, lower)
        t1 = addProduct(t1, k1, upper)
        s2 = addProduct(s2, k2, lower)
        t2 = addProduct(t2, k2, upper)
        s3 = addProduct(s3, k3, lower)
        t3 = addProduct(t3, k3, upper)
      }
      storeTile(out + (o << 4), outBlock, m - o, s0, t0, s1, t1, s2, t2, s3, t3)
    }
    out += 2 * outBlock
    from += 2 * block
  }
}

// @ts-ignore: decorator
@inline
function storeTile(
  to: usize, block: i32, left: i32, s0: v128, t0: v128, s1: v128, t1: v128, s2: v128, t2: v128, s3: v128, t3: v128,
): void {
  const next = to + block
  v128.store(to, s0)
  v128.store(next, t0)
  if (left > 1) {
    v128.store(to, s1, 16)
    v128.store(next, t1, 16)
  }
  if (left > 2) {
    v128.store(to, s2, 32)
    v128.store(next, t2, 32)
  }
  if (left > 3) {
    v128.store(to, s3, 48)
    v128.store(next, t3, 48)
  }
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
