// One plain step of a row, w = keep·w - stepSize·g: all that SGD does, and the last part of Adagrad.

import { storeFirst } from '../simd/lanes'

/** w = keep·w - stepSize·g for one row */
// @ts-ignore: decorator
@inline
export function moveRow(w: usize, g: usize, width: i32, keep: f32, stepSize: f32): void {
  const k = f32x4.splat(keep)
  const p = f32x4.splat(stepSize)
  const tiles = <usize>(width & ~15) << 2
  const whole = <usize>(width & ~3) << 2
  let d: usize = 0
  for (; d < tiles; d += 64) {
    const at = w + d
    const from = g + d
    v128.store(at, stepped(k, v128.load(at), p, v128.load(from)))
    v128.store(at, stepped(k, v128.load(at, 16), p, v128.load(from, 16)), 16)
    v128.store(at, stepped(k, v128.load(at, 32), p, v128.load(from, 32)), 32)
    v128.store(at, stepped(k, v128.load(at, 48), p, v128.load(from, 48)), 48)
  }
  for (; d < whole; d += 16) {
    v128.store(w + d, stepped(k, v128.load(w + d), p, v128.load(g + d)))
  }
  const rest = width & 3
  if (rest == 0) return
  storeFirst(w + d, stepped(k, v128.load(w + d), p, v128.load(g + d)), rest)
}

/** keep·w - stepSize·g for four lanes */
// @ts-ignore: decorator
@inline
export function stepped(keep: v128, w: v128, stepSize: v128, g: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(stepSize, g, f32x4.mul(keep, w))
  return f32x4.sub(f32x4.mul(keep, w), f32x4.mul(stepSize, g))
}
