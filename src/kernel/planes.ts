// Planes: pairs lie in lanes, units in rows, so that a weight is read once for eight pairs and nothing is summed across
// lanes but the weights' gradients (products.ts).
//
// A plane is (units, P) floats, P lanes padded to whole eights.

import { chunkGradient, dense } from './memory'
import { sumOf } from './lanes'
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
