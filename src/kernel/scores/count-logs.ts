// Logarithms of the decayed counts of all items, and weighted sums of them: scores by popularity.

import { log } from '../simd/log'

/**
 * logs[i][k] = ln(1 + counts[i][k] · scales[k]) for i < count. counts is (count, kinds) of f64; scales is f64 and
 * stands in memory four times. `logs` is (count, kinds) of f32, padded to a multiple of four.
 */
export function countLogs(counts: usize, count: i32, kinds: i32, scales: usize, logs: usize): void {
  const end = count * kinds
  const one = f32x4.splat(1)
  const period = kinds << 5
  let scale = 0
  for (let n = 0; n < end; n += 4) {
    const from = counts + (n << 3)
    const lower = f64x2.mul(v128.load(from), v128.load(scales + scale))
    const upper = f64x2.mul(v128.load(from, 16), v128.load(scales + scale, 16))
    const four = v128.shuffle<i64>(f32x4.demote_f64x2_zero(lower), f32x4.demote_f64x2_zero(upper), 0, 2)
    v128.store(logs + (n << 2), log(f32x4.add(four, one)))
    scale += 32
    if (scale == period) scale = 0
  }
}

/** out[i] (+)= Σ_k weights[k] · logs[i][k] for i < count; all are f32. */
export function sumLogs(
  logs: usize, count: i32, kinds: i32, weights: usize, out: usize, add: bool,
): void {
  for (let i = 0; i < count; i++) {
    let sum: f32 = add ? load<f32>(out + (i << 2)) : 0
    for (let k = 0; k < kinds; k++) {
      sum += load<f32>(weights + (k << 2)) * load<f32>(logs + ((i * kinds + k) << 2))
    }
    store<f32>(out + (i << 2), sum)
  }
}

/** Replaces each of `count` floats x by ln(1 + x). The array is padded to a multiple of four. */
export function logs(at: usize, count: i32): void {
  const one = f32x4.splat(1)
  const end = at + (count << 2)
  for (let n = at; n < end; n += 16) v128.store(n, log(f32x4.add(v128.load(n), one)))
}
