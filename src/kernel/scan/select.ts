// Choosing items by their bounds.

import { bounds } from './arrays'

/** The places of the values found so far are looked through in groups: the least of each is kept. */
const GROUP: i32 = 16
const LOWEST: f32 = -f32.MAX_VALUE * 2
const HIGHEST: f32 = f32.MAX_VALUE * 2

/**
 * The items of the `most` largest bounds of items first … end-1, in no order, into `out`; returns how many there are.
 * Bounds that are infinitely low are passed over. `out` has room for `most` numbers, `values` for as many in whole groups
 * and one for each group in whole lanes; first is a multiple of four.
 */
export function best(first: i32, end: i32, most: i32, out: usize, values: usize): i32 {
  const groups = (most + GROUP - 1) / GROUP
  const minima = values + (<usize>(groups * GROUP) << 2)
  const minimaEnd = minima + (<usize>((groups + 3) & ~3) << 2)
  for (let n = 0; n < groups * GROUP; n++) store<f32>(values + (n << 2), n < most ? LOWEST : HIGHEST)
  for (let n = 0; n < ((groups + 3) & ~3); n++) store<f32>(minima + (n << 2), n < groups ? LOWEST : HIGHEST)
  let found = 0
  let worst = LOWEST
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
      if (worst == LOWEST) for (let g = 0; g < groups; g++) setLeast(values, minima, g)
      else setLeast(values, minima, worstAt / GROUP)
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
