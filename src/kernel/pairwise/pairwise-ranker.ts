// One user over a catalogue whose items can only be compared. One item meets many at once, from their projections
// (item-projections.ts), so that only the upper layers are left to compute.
//
// Symbols: z(i,r) the logit of «the user prefers i to r», c = W_u·p + b the user's share of the first layer, h = tanh(c
// + A_i - B_r); without layers z = c + A_i - B_r.

import { query, x1, x2 } from '../globals'
import { dotRow } from '../rows/dot-products'
import { padded4 } from '../simd/lanes'
import { firstUnits, projectionOf } from './item-projections'
import { meanSlope } from './mean-slope'
import {
  LANES, activated, bases, dotProjections, fillFirstPlane, firstPart, laneProjections, loadProjections, logits, planes,
  runUpperLayers, secondPart, setParts, userPart,
} from './ranker-planes'

/** forward[n] = z(items[n], r) and, if `reverse` is not 0, reverse[n] = z(r, items[n]), for n < count. */
export function compareWith(r: i32, items: usize, count: i32, forward: usize, reverse: usize): void {
  const both = reverse != 0
  const units = padded4(firstUnits())
  const opponent = projectionOf(r)
  setParts(opponent)
  const step = both ? LANES / 2 : LANES
  for (let n = 0; n < count; n += step) {
    const some = min(step, count - n)
    const width = both ? padded4(some) : (some + 7) & ~7
    loadProjections(items + (n << 2), some, width)
    const lanes = both ? 2 * width : width
    fillFirstPlane(width, lanes, 0, 0, firstPart, false)
    if (both) fillFirstPlane(width, lanes, width, units << 2, secondPart, true)
    runUpperLayers(lanes)
    if (query > 0) addNbpr(opponent, width, both)
    memory.copy(forward + (n << 2), logits, some << 2)
    if (both) memory.copy(reverse + (n << 2), logits + (width << 2), some << 2)
  }
}

/** forward[n] = z(first[n], second[n]) and reverse[n] = z(second[n], first[n]), for n < count ≤ LANES / 2. */
export function comparePairs(first: usize, second: usize, count: i32, forward: usize, reverse: usize): void {
  const width = padded4(count)
  const lanes = 2 * width
  const units = padded4(firstUnits())
  for (let n = 0; n < lanes; n++) {
    const at = min(n < width ? n : n - width, count - 1) << 2
    const a = projectionOf(load<i32>((n < width ? first : second) + at))
    const b = projectionOf(load<i32>((n < width ? second : first) + at))
    store<usize>(laneProjections + (n << 2), a)
    let to = planes + (n << 2)
    for (let d: usize = 0; d < <usize>units << 2; d += 16) {
      const part = f32x4.sub(v128.load(userPart + d), v128.load(b + (units << 2) + d))
      const h = activated(part, v128.load(a + d), false)
      store<f32>(to, f32x4.extract_lane(h, 0))
      store<f32>(to + (lanes << 2), f32x4.extract_lane(h, 1))
      store<f32>(to + (lanes << 3), f32x4.extract_lane(h, 2))
      store<f32>(to + 3 * (lanes << 2), f32x4.extract_lane(h, 3))
      to += lanes << 4
    }
  }
  runUpperLayers(lanes)
  for (let n = 0; n < 2 * count; n++) {
    const lane = n < count ? n : width + n - count
    const twin = n < count ? width + n : n - count
    let z = load<f32>(logits + (lane << 2))
    if (query > 0) {
      const a = load<usize>(laneProjections + (lane << 2)) + (units << 3)
      const b = load<usize>(laneProjections + (twin << 2)) + (units << 3)
      z += dotRow(x1, a, padded4(query)) - dotRow(x2, b, padded4(query))
    }
    store<f32>(n < count ? forward + (n << 2) : reverse + ((n - count) << 2), z)
  }
}

/** Adds NBPR's share: x1·v_i - x2·v_r forward, x1·v_r - x2·v_i in reverse. */
function addNbpr(opponent: usize, width: i32, both: bool): void {
  const offset = padded4(firstUnits()) << 3
  dotProjections(x1, padded4(query), offset, width, false)
  const against = f32x4.splat(dotRow(x2, opponent + offset, padded4(query)))
  for (let n = 0; n < width << 2; n += 16) {
    const base = f32x4.sub(v128.load(bases + n), against)
    v128.store(logits + n, f32x4.add(base, v128.load(logits + n)))
  }
  if (!both) return
  dotProjections(x2, padded4(query), offset, width, false)
  const userPart = f32x4.splat(dotRow(x1, opponent + offset, padded4(query)))
  const to = logits + (width << 2)
  for (let n = 0; n < width << 2; n += 16) {
    const base = f32x4.sub(userPart, v128.load(bases + n))
    v128.store(to + n, f32x4.add(base, v128.load(to + n)))
  }
}

/**
 * out[n] = z(items[n], r) to first order, up to a constant: slope · A + x1·v, where slope is the mean derivative of z
 * by the first layer over an even sample of the items. A dot product instead of the tower.
 */
export function estimate(r: i32, items: usize, count: i32, out: usize): void {
  setParts(projectionOf(r))
  const units = padded4(firstUnits())
  const sampled = min(count, LANES)
  for (let k = 0; k < sampled; k++) {
    const at = <i32>((<i64>count * k) / sampled)
    store<usize>(laneProjections + (k << 2), projectionOf(load<i32>(items + (at << 2))))
  }
  const lanes = (sampled + 7) & ~7
  for (let k = sampled; k < lanes; k++) store<usize>(laneProjections + (k << 2), load<usize>(laneProjections))
  fillFirstPlane(lanes, lanes, 0, 0, firstPart, false)
  runUpperLayers(lanes)
  meanSlope(secondPart, planes, lanes)
  for (let n = 0; n < count; n += LANES) {
    const some = min(LANES, count - n)
    const width = padded4(some)
    loadProjections(items + (n << 2), some, width)
    dotProjections(secondPart, units, 0, width, false)
    if (query > 0) dotProjections(x1, padded4(query), units << 3, width, true)
    memory.copy(out + (n << 2), bases, some << 2)
  }
}
