// Updates of the dense weights: the layers of the tower, the output weights and the output bias.

import {
  dense, denseCount, denseGradient, denseKind, denseL2, denseRate, steps, toFirstMoments, toSecondMoments,
} from '../globals'
import { ADAM } from '../records'
import { shareOf } from '../thread-pool'
import { adamRow, startUpdate } from '../rows/adam'
import { moveRow } from '../rows/plain-step'
import { addProduct, firstLanes } from '../simd/lanes'

/** Learns one row of weights whose gradient is scale · g: immediately, or by adding to the summed gradient. */
export function learnRow(w: usize, g: usize, n: i32, scale: f32, immediate: bool): void {
  if (!immediate) {
    const sum = denseGradient + (w - dense)
    addScaled(sum, g, n, scale)
  } else if (denseKind == ADAM) {
    adamRow(w, w + toFirstMoments, w + toSecondMoments, g, n, scale, denseRate, denseL2)
  } else {
    moveRow(w, g, n, 1 - denseRate * denseL2, denseRate * scale)
  }
}

/** sum += scale · g */
export function addScaled(sum: usize, g: usize, n: i32, scale: f32): void {
  const k = f32x4.splat(scale)
  const whole = <usize>(n & ~3) << 2
  let d: usize = 0
  for (; d < whole; d += 16) v128.store(sum + d, addProduct(v128.load(sum + d), k, v128.load(g + d)))
  if ((n & 3) == 0) return
  const old = v128.load(sum + d)
  const more = addProduct(old, k, v128.load(g + d))
  v128.store(sum + d, v128.bitselect(more, old, firstLanes(n & 3)))
}

/** Updates this thread's share of the dense weights from the summed gradient, and sets the sum to zero. */
export function applyDense(): void {
  if (denseKind < 0) return
  if (denseKind == ADAM) startUpdate(load<i32>(steps) + 1)
  const from = shareOf(denseCount) << 2
  const end = shareOf(denseCount, 1) << 2
  learnRow(dense + from, denseGradient + from, (end - from) >> 2, 1, true)
  for (let d = from; d < end; d += 16) v128.store(denseGradient + d, f32x4.splat(0))
}
