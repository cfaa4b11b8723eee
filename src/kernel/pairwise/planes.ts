// Planes: pairs are in lanes and units in rows, so that one load of a weight serves eight pairs, and only the gradients
// of the weights are summed across lanes (plane-products.ts).
//
// A plane consists of blocks of four pairs, and a block is (units, 4) floats: four units are one cache line. There is a
// gap of one cache line between blocks, so that the same unit of all blocks does not fall into one cache set.

import { planeGap } from '../constants'
import { storeTransposed, sumOf } from '../simd/lanes'
import { tanh } from '../simd/tanh'

/** Pairs padded to a multiple of eight: two blocks. */
// @ts-ignore: decorator
@inline
export function padded(count: i32): i32 {
  return (count + 7) & ~7
}

/** Bytes from one block of a plane to the next. */
// @ts-ignore: decorator
@inline
export function blockOf(units: i32): i32 {
  return (units << 4) + planeGap
}

/**
 * Writes four vectors as `width` units of a block. Reads the vectors four floats at a time, and writes only their own
 * units.
 */
export function toLanes(to: usize, width: i32, a: usize, b: usize, c: usize, e: usize, sign: f32): void {
  const s = f32x4.splat(sign)
  for (let d = 0; d < width; d += 4) {
    const at = d << 2
    const ra = f32x4.mul(s, v128.load(a + at))
    const rb = f32x4.mul(s, v128.load(b + at))
    const rc = f32x4.mul(s, v128.load(c + at))
    const re = f32x4.mul(s, v128.load(e + at))
    storeTransposed(to, 16, width - d, ra, rb, rc, re)
    to += 64
  }
}

/** The inverse: `width` units of `blocks` blocks become vectors `pitch` bytes apart, padded to a multiple of four. */
export function toVectors(to: usize, pitch: i32, from: usize, block: i32, width: i32, blocks: i32): void {
  for (let n = 0; n < blocks; n++) {
    for (let d = 0; d < width; d += 4) {
      const left = width - d
      const at = from + (d << 4)
      const a = v128.load(at)
      const b = left > 1 ? v128.load(at, 16) : a
      const c = left > 2 ? v128.load(at, 32) : a
      const e = left > 3 ? v128.load(at, 48) : a
      storeTransposed(to + (d << 2), pitch, 4, a, b, c, e)
    }
    from += block
    to += 4 * pitch
  }
}

export function tanhAll(plane: usize, units: i32, blocks: i32): void {
  for (let n = 0; n < blocks; n++) {
    for (const end = plane + (units << 4); plane != end; plane += 16) v128.store(plane, tanh(v128.load(plane)))
    plane += blockOf(0)
  }
}

/** δ *= 1 - h² */
export function slopes(delta: usize, plane: usize, units: i32, blocks: i32): void {
  const one = f32x4.splat(1)
  for (let n = 0; n < blocks; n++) {
    for (const end = plane + (units << 4); plane != end; plane += 16) {
      const h = v128.load(plane)
      v128.store(delta, f32x4.mul(v128.load(delta), f32x4.sub(one, f32x4.mul(h, h))))
      delta += 16
    }
    plane += blockOf(0)
    delta += blockOf(0)
  }
}

/** g[o] += Σ_pairs δ_o */
export function sumLanes(gradient: usize, delta: usize, outputs: i32, block: i32, blocks: i32): void {
  for (let o = 0; o < outputs; o++) {
    let sum = f32x4.splat(0)
    let at = delta + (o << 4)
    for (let n = 0; n < blocks; n++) {
      sum = f32x4.add(sum, v128.load(at))
      at += block
    }
    store<f32>(gradient + (o << 2), load<f32>(gradient + (o << 2)) + sumOf(sum))
  }
}
