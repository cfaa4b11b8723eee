// Choosing items by their bounds.

import { bounds } from './arrays'

/**
 * The items of the `most` largest bounds of items first … end-1, in no order, into `out`; returns how many there are.
 * Bounds that are infinitely low are passed over. `out` and `values` have room for `most` numbers in whole lanes;
 * first is a multiple of four.
 */
export function best(first: i32, end: i32, most: i32, out: usize, values: usize): i32 {
  const lowest = -f32.MAX_VALUE * 2
  const lanes = (most + 3) & ~3
  for (let n = 0; n < lanes; n++) store<f32>(values + (n << 2), n < most ? lowest : f32.MAX_VALUE * 2)
  let found = 0
  let worst: f32 = lowest
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
      let least = v128.load(values)
      for (let n = 4; n < lanes; n += 4) least = f32x4.min(least, v128.load(values + (n << 2)))
      worst = min(
        min(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1)),
        min(f32x4.extract_lane(least, 2), f32x4.extract_lane(least, 3)),
      )
      worstAt = 0
      while (load<f32>(values + (worstAt << 2)) != worst) worstAt++
    }
  }
  return found
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
