// Sums over the features of items that are scored together. They are to the last bit what plain loops over doubles give:
// a weighted sum is rounded to a float after each feature, and a sum over items adds one after the other. So the lanes
// are items in the first case and features in the second.
//
// Symbols: as in features.ts; raw may be read up to three rows behind its last feature.

import { gather } from '../simd/lanes'

/** The upper two of four floats, as doubles. */
// @ts-ignore: decorator
@inline
function upperOf(four: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(four, four, 1, 1))
}

// @ts-ignore: decorator
@inline
function floatsOf(lower: v128, upper: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(lower), f32x4.demote_f64x2_zero(upper), 0, 2)
}

/** sum + w · x, rounded to floats. */
// @ts-ignore: decorator
@inline
function added(sum: v128, w: v128, x: v128): v128 {
  return f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(f64x2.add(sum, f64x2.mul(w, x))))
}

/** out[k] = Σ weights[f] · x_f(k) over features first … end-1; those of weight 0 are left out. `out` is padded to eight. */
export function weigh(raw: usize, n: i32, first: i32, end: i32, weights: usize, out: usize): void {
  const bytes = <usize>n << 2
  for (let k: usize = 0; k < bytes; k += 32) {
    let a = f64x2.splat(0)
    let b = a
    let c = a
    let d = a
    let row = raw + <usize>first * bytes + k
    for (let f = first; f < end; f++) {
      const weight = load<f32>(weights + (f << 2))
      if (weight != 0) {
        const w = f64x2.splat(<f64>weight)
        const x = v128.load(row)
        const y = v128.load(row, 16)
        a = added(a, w, f64x2.promote_low_f32x4(x))
        b = added(b, w, upperOf(x))
        c = added(c, w, f64x2.promote_low_f32x4(y))
        d = added(d, w, upperOf(y))
      }
      row += bytes
    }
    v128.store(out + k, floatsOf(a, b))
    v128.store(out + k, floatsOf(c, d), 16)
  }
}

/**
 * For each of `parts` parts p, whose features end before ends[p]: row 2p of `out` is weigh() of them alone, and row
 * 2p + 1 is all[k] less that. Rows are `pitch` bytes.
 */
export function weighParts(
  raw: usize, n: i32, ends: usize, parts: i32, weights: usize, all: usize, out: usize, pitch: usize,
): void {
  let first = 0
  let own = out
  for (let p = 0; p < parts; p++) {
    const end = load<i32>(ends + (p << 2))
    weigh(raw, n, first, end, weights, own)
    const others = own + pitch
    for (let k: usize = 0; k < pitch; k += 16) {
      v128.store(others + k, f32x4.sub(v128.load(all + k), v128.load(own + k)))
    }
    own = others + pitch
    first = end
  }
}

/** sums[f] = Σ_k x_f(k), squares[f] = Σ_k x_f(k)², in doubles. Both are padded to a multiple of four. */
export function sumsOf(raw: usize, n: i32, features: i32, sums: usize, squares: usize): void {
  const bytes = <usize>n << 2
  for (let f = 0; f < features; f += 4) {
    const a = raw + <usize>f * bytes
    const b = a + bytes
    const c = b + bytes
    const d = c + bytes
    let lowerSum = f64x2.splat(0)
    let upperSum = lowerSum
    let lowerSquares = lowerSum
    let upperSquares = lowerSum
    for (let k: usize = 0; k < bytes; k += 4) {
      const four = gather(a + k, b + k, c + k, d + k)
      const lower = f64x2.promote_low_f32x4(four)
      const upper = upperOf(four)
      lowerSum = f64x2.add(lowerSum, lower)
      upperSum = f64x2.add(upperSum, upper)
      lowerSquares = f64x2.add(lowerSquares, f64x2.mul(lower, lower))
      upperSquares = f64x2.add(upperSquares, f64x2.mul(upper, upper))
    }
    const at = <usize>f << 3
    v128.store(sums + at, lowerSum)
    v128.store(sums + at, upperSum, 16)
    v128.store(squares + at, lowerSquares)
    v128.store(squares + at, upperSquares, 16)
  }
}

/** out[f] = -Σ_k slopes[k] · x_f(k), summed in doubles; `out` is padded to a multiple of four. */
export function slopesOf(raw: usize, n: i32, features: i32, slopes: usize, out: usize): void {
  const bytes = <usize>n << 2
  for (let f = 0; f < features; f += 4) {
    const a = raw + <usize>f * bytes
    const b = a + bytes
    const c = b + bytes
    const d = c + bytes
    let lower = f64x2.splat(0)
    let upper = lower
    for (let k: usize = 0; k < bytes; k += 4) {
      const four = gather(a + k, b + k, c + k, d + k)
      const slope = f64x2.splat(<f64>load<f32>(slopes + k))
      lower = f64x2.add(lower, f64x2.mul(slope, f64x2.promote_low_f32x4(four)))
      upper = f64x2.add(upper, f64x2.mul(slope, upperOf(four)))
    }
    v128.store(out + (<usize>f << 2), floatsOf(f64x2.neg(lower), f64x2.neg(upper)))
  }
}

/** out[f] = Σ_q pulls[q] · (x_f(0) - x_f(js[q])), q < pairs, summed in doubles; `out` is padded to a multiple of four. */
export function pullsOf(
  raw: usize, n: i32, features: i32, js: usize, pulls: usize, pairs: i32, out: usize,
): void {
  const bytes = <usize>n << 2
  for (let f = 0; f < features; f += 4) {
    const a = raw + <usize>f * bytes
    const b = a + bytes
    const c = b + bytes
    const d = c + bytes
    const own = gather(a, b, c, d)
    const lowerOwn = f64x2.promote_low_f32x4(own)
    const upperOwn = upperOf(own)
    let lower = f64x2.splat(0)
    let upper = lower
    for (let q = 0; q < pairs; q++) {
      const k = <usize>load<i32>(js + (q << 2)) << 2
      const four = gather(a + k, b + k, c + k, d + k)
      const pull = v128.load64_splat(pulls + (q << 3))
      lower = f64x2.add(lower, f64x2.mul(pull, f64x2.sub(lowerOwn, f64x2.promote_low_f32x4(four))))
      upper = f64x2.add(upper, f64x2.mul(pull, f64x2.sub(upperOwn, upperOf(four))))
    }
    v128.store(out + (<usize>f << 2), floatsOf(lower, upper))
  }
}
