// Upper bounds of q·x by Cauchy and Schwarz:
//   q·x ≤ q̂_h·x̂_h + |q_h| |x_h - x̂_h| + |q_t| |x_t|             from the head alone,
//   q·x ≤ q̂_h·x̂_h + |q_h| |x_h - x̂_h| + q̂_t·x̂_t + |q_t| |x_t - x̂_t|  from the whole row.
// The rounding of q is in the norms of the rows (quantize.ts).

import {
  bounds, headErrors, headScales, headWidth, heads, levels, queryHead, queryTail, tailErrors, tailNorms, tailScales,
  tailWidth, tails,
} from './arrays'

/** [Σa, Σb, Σc, Σd] of whole numbers. */
// @ts-ignore: decorator
@inline
function fourSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7))
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7))
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7))
}

/** Adds the products of sixteen bytes of a row with sixteen numbers of the query. */
// @ts-ignore: decorator
@inline
function addSixteen(sum: v128, at: usize, low: v128, high: v128): v128 {
  return i32x4.add(
    i32x4.add(sum, i32x4.dot_i16x8_s(v128.load_ext<i8>(at), low)), i32x4.dot_i16x8_s(v128.load_ext<i8>(at, 8), high),
  )
}

// @ts-ignore: decorator
@inline
function dotHead(at: usize, q0: v128, q1: v128, q2: v128, q3: v128, q4: v128, q5: v128, q6: v128, q7: v128): v128 {
  let sum = addSixteen(i32x4.splat(0), at, q0, q1)
  sum = addSixteen(sum, at + 16, q2, q3)
  sum = addSixteen(sum, at + 32, q4, q5)
  return addSixteen(sum, at + 48, q6, q7)
}

/**
 * Bounds of items 0 … count-1 from their heads, and onto them Σ_k weights[k] · level k + base. `unit`: what a unit of the
 * query's head stands for; `head`, `tail`: |q_h|, |q_t|; `weights`: four i16 twice over, of `levelUnit` each.
 */
export function boundAll(
  count: i32, unit: f32, head: f32, tail: f32, weights: usize, levelUnit: f32, base: f32,
): void {
  const q0 = v128.load(queryHead)
  const q1 = v128.load(queryHead, 16)
  const q2 = v128.load(queryHead, 32)
  const q3 = v128.load(queryHead, 48)
  const q4 = v128.load(queryHead, 64)
  const q5 = v128.load(queryHead, 80)
  const q6 = v128.load(queryHead, 96)
  const q7 = v128.load(queryHead, 112)
  const w = v128.load(weights)
  let at = heads
  for (let i: usize = 0; i < <usize>count << 2; i += 16) {
    const products = fourSums(
      dotHead(at, q0, q1, q2, q3, q4, q5, q6, q7),
      dotHead(at + headWidth, q0, q1, q2, q3, q4, q5, q6, q7),
      dotHead(at + 2 * headWidth, q0, q1, q2, q3, q4, q5, q6, q7),
      dotHead(at + 3 * headWidth, q0, q1, q2, q3, q4, q5, q6, q7),
    )
    at += 4 * headWidth
    const four = v128.load(levels + i)
    const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(four), w)
    const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(four), w)
    const popular = i32x4.add(v128.shuffle<i32>(low, high, 0, 2, 4, 6), v128.shuffle<i32>(low, high, 1, 3, 5, 7))
    const scaled = f32x4.mul(f32x4.splat(unit), v128.load(headScales + i))
    let bound = f32x4.mul(f32x4.convert_i32x4_s(products), scaled)
    bound = f32x4.add(bound, f32x4.mul(f32x4.splat(head), v128.load(headErrors + i)))
    bound = f32x4.add(bound, f32x4.mul(f32x4.splat(tail), v128.load(tailNorms + i)))
    bound = f32x4.add(bound, f32x4.mul(f32x4.convert_i32x4_s(popular), f32x4.splat(levelUnit)))
    v128.store(bounds + i, f32x4.add(bound, f32x4.splat(base)))
  }
}

/**
 * Of `count` items those whose bound from the whole row is not below the threshold, into `out`; returns how many. `unit`:
 * what a unit of the query's tail stands for; `tail`: |q_t|.
 */
export function boundWhole(items: usize, count: i32, unit: f32, tail: f32, threshold: f32, out: usize): i32 {
  let left = 0
  for (let n = 0; n < count; n++) {
    const item = load<i32>(items + (n << 2))
    const at = tails + item * tailWidth
    let sum = i32x4.splat(0)
    for (let d = 0; d < tailWidth; d += 16) {
      const q = queryTail + (d << 1)
      sum = addSixteen(sum, at + d, v128.load(q), v128.load(q, 16))
    }
    const product = i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) +
      i32x4.extract_lane(sum, 3)
    const by = item << 2
    const first = load<f32>(bounds + by)
    const norms = tail * (load<f32>(tailErrors + by) - load<f32>(tailNorms + by))
    const bound = first + (<f32>product * (unit * load<f32>(tailScales + by)) + norms) + 1e-6 * abs(first)
    if (bound < threshold) continue
    store<i32>(out + (left++ << 2), item)
  }
  return left
}
