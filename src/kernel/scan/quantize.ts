// Rows of floats to bytes. What is lost is kept as a norm, rounded up, so that bounds hold strictly.

import { largestOf } from '../simd/lanes'
import {
  chunkOf, columns, endNormAt, endsAt, headErrorsAt, headScalesAt, headWidth, middleBytes, middlesAt, middleWidth, placeIn,
  row, tailErrorAt, tailNormAt, tailNormsAt, tailScaleAt, tailWidth,
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

/**
 * Makes the rows of items[0 … count-1] from a block of `count` rows. `places`: by column of the head and tail the
 * address of row 0, u32, then the bytes from one row to the next, i32, then a factor, f32.
 */
export function quantize(items: usize, count: i32, places: usize): void {
  const headRounding = roundingOf(headWidth)
  const tailRounding = roundingOf(tailWidth)
  for (let k = 0; k < count; k++) {
    const item = load<i32>(items + (k << 2))
    const chunk = chunkOf(item)
    const place = placeIn(item)
    gather(k, places)
    half(row, headWidth, chunk + place * headWidth, 0)
    const headScale = scale
    const headSquare = square
    const headLost = lost
    const middle = chunk + middlesAt + place * middleBytes
    const end = chunk + endsAt + place * (tailWidth - middleWidth)
    half(row + (headWidth << 2), tailWidth, middle, end - middle - middleWidth)
    const endSquare = squareOf(row + ((headWidth + middleWidth) << 2), tailWidth - middleWidth)
    const norm = Math.sqrt(headSquare + square)
    // No bound where a row is too large: neither a comparison with infinity nor with what is no number leaves it out.
    const isBounded = norm < LARGEST
    const at = chunk + (place << 2)
    store<f32>(at + headScalesAt, isBounded ? headScale : 0)
    store<f32>(at + headErrorsAt, bounded(isBounded, Math.sqrt(headLost), (headRounding + SUMS) * norm))
    const tailNorm = bounded(isBounded, Math.sqrt(square), SUMS * norm)
    store<f32>(at + tailNormsAt, tailNorm)
    store<f32>(middle + tailNormAt, tailNorm)
    store<f32>(middle + tailScaleAt, isBounded ? scale : 0)
    store<f32>(middle + tailErrorAt, bounded(isBounded, Math.sqrt(lost), (tailRounding + SUMS) * norm))
    store<f32>(middle + endNormAt, bounded(isBounded, Math.sqrt(endSquare), SUMS * norm))
  }
}

/** A norm and its rounding as a float that is no less. */
// @ts-ignore: decorator
@inline
function bounded(is: bool, norm: f64, rounding: f64): f32 {
  return is ? <f32>(UP * (norm + rounding)) : f32.MAX_VALUE * 2
}

/** |q - q̂| ≤ this times |q|, where q̂ has 15 bits beside its largest number: half a unit in each of `width` places. */
function roundingOf(width: i32): f64 {
  return 0.51 * Math.sqrt(<f64>width) / 32767
}

/** Row k of the block in the order of its columns; what is behind them stays 0. */
function gather(k: i32, places: usize): void {
  const toStrides = <usize>columns << 2
  const end = places + toStrides
  let to = row
  for (let at = places; at < end; at += 4) {
    const from = <usize>load<u32>(at) + k * load<i32>(at + toStrides)
    store<f32>(to, load<f32>(from) * load<f32>(at + 2 * toStrides))
    to += 4
  }
}

/**
 * Writes `width` bytes of the floats at `from`, those behind the first `middleWidth` as many bytes further on as `gap`
 * says, and tells scale, Σ x² and Σ (x - x̂)².
 */
function half(from: usize, width: i32, first: usize, gap: usize): void {
  let most = f32x4.splat(0)
  for (let d = 0; d < width << 2; d += 16) most = f32x4.max(most, f32x4.abs(v128.load(from + d)))
  const largest = largestOf(most)
  scale = largest / 127
  const inverse: f32 = scale > 0 ? 1 / scale : 0
  square = 0
  lost = 0
  let squares = f64x2.splat(0)
  let losses = f64x2.splat(0)
  const by = f32x4.splat(inverse)
  const back = f32x4.splat(scale)
  for (let d = 0; d < width; d += 4) {
    const to = d < middleWidth ? first : first + gap
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

/** Σ x² of `count` floats, a multiple of four. */
function squareOf(from: usize, count: i32): f64 {
  let squares = f64x2.splat(0)
  for (let d = 0; d < count; d += 4) squares = addSquares(squares, v128.load(from + (d << 2)))
  return f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1)
}

// @ts-ignore: decorator
@inline
function addSquares(sum: v128, a: v128): v128 {
  const low = f64x2.promote_low_f32x4(a)
  const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(a, a, 1, 0))
  return f64x2.add(sum, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)))
}
