// Rows of floats to bytes. What is lost is kept as a norm, rounded up, so that bounds hold strictly.

import {
  columns, factors, headErrors, headScales, headWidth, heads, row, sources, strides, tailErrors, tailNorms, tailScales,
  tailWidth, tails,
} from './arrays'

/**
 * A share of |x| that is added to every norm: sums of floats, here and in the plain scan, are off by less than that for
 * each of the two halves (some 50 roundings of 2⁻²⁴).
 */
const SUMS: f64 = 1e-5
/** Norms are stored as floats: a factor that no rounding undoes. */
const UP: f64 = 1.000001
/** Rows beyond are as good as infinite: their items are always looked at in full. */
const LARGEST: f64 = 1e30

/** Of the half that was converted last. */
let scale: f32 = 0
let square: f64 = 0
let lost: f64 = 0

/** Makes items first … first+count-1 of the block of rows that `sources` and `strides` tell of. */
export function quantize(first: i32, count: i32): void {
  const headRounding = roundingOf(headWidth)
  const tailRounding = roundingOf(tailWidth)
  for (let k = 0; k < count; k++) {
    const item = first + k
    gather(k)
    half(row, headWidth, heads + item * headWidth)
    const headScale = scale
    const headSquare = square
    const headLost = lost
    half(row + (headWidth << 2), tailWidth, tails + item * tailWidth)
    const norm = Math.sqrt(headSquare + square)
    const at = item << 2
    store<f32>(headScales + at, headScale)
    store<f32>(tailScales + at, scale)
    if (norm < LARGEST) {
      store<f32>(headErrors + at, <f32>(UP * (Math.sqrt(headLost) + (headRounding + SUMS) * norm)))
      store<f32>(tailNorms + at, <f32>(UP * (Math.sqrt(square) + SUMS * norm)))
      store<f32>(tailErrors + at, <f32>(UP * (Math.sqrt(lost) + (tailRounding + SUMS) * norm)))
    } else {
      // No bound: neither a comparison with infinity nor with what is no number leaves the item out.
      store<f32>(headScales + at, 0)
      store<f32>(tailScales + at, 0)
      store<f32>(headErrors + at, f32.MAX_VALUE * 2)
      store<f32>(tailNorms + at, f32.MAX_VALUE * 2)
      store<f32>(tailErrors + at, f32.MAX_VALUE * 2)
    }
  }
}

/** |q - q̂| ≤ this times |q|, where q̂ has 15 bits beside its largest number: half a unit in each of `width` places. */
function roundingOf(width: i32): f64 {
  return 0.51 * Math.sqrt(<f64>width) / 32767
}

/** Row k of the block in the order of its columns; what is behind them stays 0. */
function gather(k: i32): void {
  for (let d: usize = 0; d < <usize>columns << 2; d += 4) {
    const from = <usize>load<u32>(sources + d) + k * load<i32>(strides + d)
    store<f32>(row + d, load<f32>(from) * load<f32>(factors + d))
  }
}

/** Writes `width` bytes of the floats at `from`, and tells scale, Σ x² and Σ (x - x̂)². */
function half(from: usize, width: i32, to: usize): void {
  let most = f32x4.splat(0)
  for (let d = 0; d < width << 2; d += 16) most = f32x4.max(most, f32x4.abs(v128.load(from + d)))
  const largest = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  )
  scale = largest / 127
  const inverse: f32 = scale > 0 ? 1 / scale : 0
  square = 0
  lost = 0
  let squares = f64x2.splat(0)
  let losses = f64x2.splat(0)
  const by = f32x4.splat(inverse)
  const back = f32x4.splat(scale)
  for (let d = 0; d < width; d += 4) {
    const v = v128.load(from + (d << 2))
    const whole = i32x4.min_s(
      i32x4.max_s(i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v, by))), i32x4.splat(-127)), i32x4.splat(127),
    )
    const off = f32x4.sub(v, f32x4.mul(f32x4.convert_i32x4_s(whole), back))
    squares = addSquares(squares, v)
    losses = addSquares(losses, off)
    store<i8>(to + d, <i8>i32x4.extract_lane(whole, 0))
    store<i8>(to + d, <i8>i32x4.extract_lane(whole, 1), 1)
    store<i8>(to + d, <i8>i32x4.extract_lane(whole, 2), 2)
    store<i8>(to + d, <i8>i32x4.extract_lane(whole, 3), 3)
  }
  square = f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1)
  lost = f64x2.extract_lane(losses, 0) + f64x2.extract_lane(losses, 1)
}

// @ts-ignore: decorator
@inline
function addSquares(sum: v128, a: v128): v128 {
  const low = f64x2.promote_low_f32x4(a)
  const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(a, a, 1, 0))
  return f64x2.add(sum, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)))
}
