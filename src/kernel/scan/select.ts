// Choosing items by their bounds.

import { bounds } from './arrays'

/** The places of the values found so far are looked through in groups: the least of each is kept. */
const GROUP: i32 = 16
const LOWEST: f32 = -f32.MAX_VALUE * 2
const HIGHEST: f32 = f32.MAX_VALUE * 2

/** How many times as many blocks as items that are wanted, at most, and the fewest items of a block. */
const BLOCKS: i32 = 4
const BLOCK_MIN: i32 = 8
/** A floor is good enough where this share more of the blocks reach it. */
const CLOSE: f32 = 1.1
const HALVINGS: i32 = 24

/**
 * A value that no fewer than `most` of the bounds of items first … end-1 reach, and hardly more: as many of the largest
 * bounds of blocks of items reach it. Infinitely low where blocks would be short. `maxima` has room for a number of each
 * eight items, and is written over.
 */
function floorOf(first: i32, end: i32, most: i32, maxima: usize): f32 {
  const length = max(BLOCK_MIN, (end - first) / (BLOCKS * most)) & ~3
  const blocks = (end - first) / length & ~3
  if (blocks < most) return LOWEST
  let least = HIGHEST
  let above = LOWEST
  for (let b = 0; b < blocks; b++) {
    const block = bounds + (<usize>(first + b * length) << 2)
    let four = v128.load(block)
    for (let i: usize = 16; i < <usize>length << 2; i += 16) four = f32x4.pmax(four, v128.load(block + i))
    const value = max(
      max(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)),
      max(f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3)),
    )
    store<f32>(maxima + (b << 2), value)
    if (value > LOWEST) least = min(least, value)
    if (value < HIGHEST) above = max(above, value)
  }
  if (countAbove(maxima, blocks, least) < most) return LOWEST
  for (let n = 0; n < HALVINGS; n++) {
    const middle: f32 = <f32>0.5 * least + <f32>0.5 * above
    const reached = countAbove(maxima, blocks, middle)
    if (reached < most) {
      above = middle
      continue
    }
    least = middle
    if (<f32>reached < CLOSE * <f32>most) break
  }
  return least
}

/** The next smaller value. */
function below(value: f32): f32 {
  const bits = reinterpret<i32>(value)
  if (value == LOWEST) return value
  return value == 0 ? -f32.MIN_VALUE : reinterpret<f32>(value > 0 ? bits - 1 : bits + 1)
}

/** How many of `count` values, a multiple of four, reach the floor. */
function countAbove(values: usize, count: i32, floor: f32): i32 {
  const wanted = f32x4.splat(floor)
  let counts = i32x4.splat(0)
  for (let at: usize = 0; at < <usize>count << 2; at += 16) {
    counts = i32x4.sub(counts, f32x4.ge(v128.load(values + at), wanted))
  }
  return i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1) + i32x4.extract_lane(counts, 2)
    + i32x4.extract_lane(counts, 3)
}

/**
 * The items of the `most` largest bounds of items first … end-1, in no order, into `out`; returns how many there are.
 * Bounds that are infinitely low are passed over. `out` has room for `most` numbers, `values` for as many in whole groups
 * and one for each group in whole lanes, and both together for one of each eight items; first is a multiple of four.
 */
export function best(first: i32, end: i32, most: i32, out: usize, values: usize): i32 {
  let worst = below(floorOf(first, end, most, out))
  const groups = (most + GROUP - 1) / GROUP
  const minima = values + (<usize>(groups * GROUP) << 2)
  const minimaEnd = minima + (<usize>((groups + 3) & ~3) << 2)
  for (let n = 0; n < groups * GROUP; n++) store<f32>(values + (n << 2), n < most ? LOWEST : HIGHEST)
  for (let n = 0; n < ((groups + 3) & ~3); n++) store<f32>(minima + (n << 2), n < groups ? LOWEST : HIGHEST)
  let found = 0
  let areGrouped = false
  let worstAt = 0
  for (let i = first; i < end; i += 4) {
    let more = i32x4.bitmask(f32x4.gt(v128.load(bounds + (i << 2)), f32x4.splat(worst)))
    while (more != 0) {
      const item = i + ctz(more)
      more &= more - 1
      const value = load<f32>(bounds + (item << 2))
      if (item >= end || !(value > worst)) continue
      store<f32>(values + (worstAt << 2), value)
      store<i32>(out + (worstAt << 2), item)
      if (found < most) found++
      if (found < most) {
        worstAt = found
        continue
      }
      // The last of the first `most` completes all groups.
      if (!areGrouped) for (let g = 0; g < groups; g++) setLeast(values, minima, g)
      else setLeast(values, minima, worstAt / GROUP)
      areGrouped = true
      let least = v128.load(minima)
      for (let at = minima + 16; at < minimaEnd; at += 16) least = f32x4.pmin(least, v128.load(at))
      worst = leastOf(least)
      let group = 0
      while (load<f32>(minima + (group << 2)) != worst) group++
      worstAt = group * GROUP
      while (load<f32>(values + (worstAt << 2)) != worst) worstAt++
    }
  }
  return found
}

/** minima[g] = the least of the values of group g. */
// @ts-ignore: decorator
@inline
function setLeast(values: usize, minima: usize, g: i32): void {
  const group = values + (<usize>(g * GROUP) << 2)
  const first = f32x4.pmin(v128.load(group), v128.load(group, 16))
  const second = f32x4.pmin(v128.load(group, 32), v128.load(group, 48))
  store<f32>(minima + (g << 2), leastOf(f32x4.pmin(first, second)))
}

// @ts-ignore: decorator
@inline
function leastOf(a: v128): f32 {
  return min(
    min(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    min(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  )
}

/** Items of first … end-1 whose bound is not below the threshold, ascending, into `out`; returns how many. */
export function above(first: i32, end: i32, threshold: f32, out: usize): i32 {
  const wanted = f32x4.splat(threshold)
  let found = 0
  for (let i = first; i < end; i += 4) {
    let more = i32x4.bitmask(f32x4.lt(v128.load(bounds + (i << 2)), wanted)) ^ 15
    while (more != 0) {
      const item = i + ctz(more)
      more &= more - 1
      if (item < end) store<i32>(out + (found++ << 2), item)
    }
  }
  return found
}
