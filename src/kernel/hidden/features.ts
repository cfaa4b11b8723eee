// The inputs of the hidden layer: features in units of their deviation, and where an item stands among the others.
//
// Symbols: n items, x_f(k) feature f of item k at raw[f·n + k], m_f its mean and v_f its variance, in doubles.

import { firstLanes, sumOf } from '../simd/lanes'

/** Added to a variance: a feature that has hardly been anything but one number must not become large when it changes. */
const FLOOR: f64 = 1e-6
const LEAST: f32 = -5
const MOST: f32 = 8

/** Moves m_f and v_f towards mean and variance of these items, by `rate`. */
export function follow(raw: usize, n: i32, features: i32, means: usize, variances: usize, rate: f64): void {
  for (let f = 0; f < features; f++) {
    const row = raw + (<usize>(f * n) << 2)
    const before = load<f64>(means + (f << 3))
    const mean = before + rate * (<f64>sumOfRow(row, n) / <f64>n - before)
    const square = <f64>sumOfSquares(row, n, <f32>mean) / <f64>n
    const variance = load<f64>(variances + (f << 3))
    store<f64>(means + (f << 3), mean)
    store<f64>(variances + (f << 3), variance + rate * (square - variance))
  }
}

// @ts-ignore: decorator
@inline
function sumOfRow(row: usize, n: i32): f32 {
  const whole = <usize>(n & ~3) << 2
  let sums = f32x4.splat(0)
  for (let d: usize = 0; d < whole; d += 16) sums = f32x4.add(sums, v128.load(row + d))
  if ((n & 3) != 0) sums = f32x4.add(sums, v128.and(v128.load(row + whole), firstLanes(n & 3)))
  return sumOf(sums)
}

/** Of the distances from the mean, so that nothing large cancels. */
// @ts-ignore: decorator
@inline
function sumOfSquares(row: usize, n: i32, mean: f32): f32 {
  const m = f32x4.splat(mean)
  const whole = <usize>(n & ~3) << 2
  let sums = f32x4.splat(0)
  for (let d: usize = 0; d < whole; d += 16) {
    const off = f32x4.sub(v128.load(row + d), m)
    sums = f32x4.add(sums, f32x4.mul(off, off))
  }
  if ((n & 3) != 0) {
    const off = v128.and(f32x4.sub(v128.load(row + whole), m), firstLanes(n & 3))
    sums = f32x4.add(sums, f32x4.mul(off, off))
  }
  return sumOf(sums)
}

/**
 * z[f][k] = (x_f(k) - m_f) / √(v_f + floor) within LEAST … MOST, and 0 behind the last item; rows are `pitch` bytes apart,
 * those of raw `rawPitch`.
 */
export function standardise(
  raw: usize, n: i32, rawPitch: usize, features: i32, means: usize, variances: usize, z: usize, pitch: usize,
): void {
  const least = f32x4.splat(LEAST)
  const most = f32x4.splat(MOST)
  const whole = <usize>(n & ~3) << 2
  const rest = n & 3
  for (let f = 0; f < features; f++) {
    const row = raw + <usize>f * rawPitch
    const out = z + <usize>f * pitch
    const m = f32x4.splat(<f32>load<f64>(means + (f << 3)))
    const scale = f32x4.splat(<f32>(1 / Math.sqrt(load<f64>(variances + (f << 3)) + FLOOR)))
    let d: usize = 0
    for (; d < whole; d += 16) {
      const value = f32x4.mul(f32x4.sub(v128.load(row + d), m), scale)
      v128.store(out + d, f32x4.pmax(f32x4.pmin(value, most), least))
    }
    if (rest != 0) {
      const value = f32x4.mul(f32x4.sub(v128.load(row + d), m), scale)
      v128.store(out + d, v128.and(f32x4.pmax(f32x4.pmin(value, most), least), firstLanes(rest)))
      d += 16
    }
    for (; d < pitch; d += 16) v128.store(out + d, f32x4.splat(0))
  }
}

/** out[f] = share of items 1 … n-1 that feature f is smaller for than for item 0, where a tie counts half. n > 1. */
export function placesOf(raw: usize, n: i32, features: i32, out: usize): void {
  const one = f32x4.splat(1)
  const half = f32x4.splat(0.5)
  const whole = <usize>(n & ~3) << 2
  const rest = n & 3
  for (let f = 0; f < features; f++) {
    const row = raw + (<usize>(f * n) << 2)
    const own = v128.load32_splat(row)
    let sums = f32x4.splat(0)
    for (let d: usize = 0; d < whole; d += 16) {
      const value = v128.load(row + d)
      const below = v128.and(f32x4.lt(value, own), one)
      sums = f32x4.add(sums, v128.or(below, v128.and(f32x4.eq(value, own), half)))
    }
    if (rest != 0) {
      const value = v128.load(row + whole)
      const below = v128.and(f32x4.lt(value, own), one)
      const sum = v128.or(below, v128.and(f32x4.eq(value, own), half))
      sums = f32x4.add(sums, v128.and(sum, firstLanes(rest)))
    }
    // The item ties with itself.
    store<f32>(out + (f << 2), (sumOf(sums) - 0.5) / <f32>(n - 1))
  }
}
