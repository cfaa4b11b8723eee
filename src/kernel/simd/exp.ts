// exp, softmax, and the logistic loss with its derivative. Plain arithmetic in a fixed order, so every machine gives the same
// bytes.

import { sumOf } from './lanes'

/** e^a for four lanes of -87 … 87, within 2 units in the last place: 2^n · e^r with |r| ≤ ln 2 / 2. */
// @ts-ignore: decorator
@inline
export function exp(a: v128): v128 {
  const n = f32x4.nearest(f32x4.mul(a, f32x4.splat(1.44269504)))
  // ln 2 in two parts, so that a - n·ln 2 keeps its digits.
  const high = f32x4.sub(a, f32x4.mul(n, f32x4.splat(0.693359375)))
  const r = f32x4.sub(high, f32x4.mul(n, f32x4.splat(-2.12194440e-4)))
  let p = f32x4.splat(1.9875691500e-4)
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1))
  p = f32x4.add(f32x4.mul(f32x4.mul(p, r), r), f32x4.add(r, f32x4.splat(1)))
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  return f32x4.mul(p, power)
}

/** Smaller differences add nothing to a sum of f32, and exp stays within its range. */
const LEAST: f32 = -80

/**
 * Replaces each z of a row by e^(z - top), 0 where that is less than e^LEAST, and returns their sum. `top`: no
 * smaller than any z, of which some may be -Infinity; `bytes`: of the row, a multiple of 16.
 */
// @ts-ignore: decorator
@inline
export function exponentials(row: usize, bytes: usize, top: f32): f32 {
  const least = f32x4.splat(LEAST)
  const peak = f32x4.splat(top)
  let sum = f32x4.splat(0)
  for (let d: usize = 0; d < bytes; d += 16) {
    const z = f32x4.sub(v128.load(row + d), peak)
    const e = v128.and(exp(f32x4.pmax(z, least)), f32x4.ge(z, least))
    v128.store(row + d, e)
    sum = f32x4.add(sum, e)
  }
  return sumOf(sum)
}

/** ln(1 + e) for four lanes of 0 … 1: 2·artanh(s) with s = e/(2 + e) ≤ 1/3, by its series up to s¹⁵. */
// @ts-ignore: decorator
@inline
export function log1p(e: v128): v128 {
  const s = f32x4.div(e, f32x4.add(e, f32x4.splat(2)))
  const z = f32x4.mul(s, s)
  let p = f32x4.splat(0.13333333333)
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(0.15384615385))
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(0.18181818182))
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(0.22222222222))
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(0.28571428571))
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(0.4))
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(0.66666666667))
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2))
  return f32x4.mul(p, s)
}

/** ln(1 + e^z) without overflow. */
export function softplus(z: f64): f64 {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))
}

/** 1/(1 + e^-z), the derivative of softplus. */
export function sigmoid(z: f64): f64 {
  return 1 / (1 + Math.exp(-z))
}
