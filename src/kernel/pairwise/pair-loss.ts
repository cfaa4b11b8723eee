// The loss of pairs and its gradient by their logits, four pairs at a time.

import { exp, log1p } from '../simd/exp'

/**
 * Replaces the weights ±w by dloss/dz and returns the loss. With y = ±z the loss is w·softplus(y); with e = exp(-|y|),
 * softplus(y) = max(y, 0) + ln(1 + e) and σ(y) = (y < 0 ? e : 1)/(1 + e).
 */
export function lossGradients(logits: usize, bases: usize, weights: usize, pairs: i32, scale: f64): f64 {
  const one = f32x4.splat(1)
  const zero = f32x4.splat(0)
  const by = f32x4.splat(<f32>scale)
  const signs = i32x4.splat(i32.MIN_VALUE)
  let low = f64x2.splat(0)
  let high = low
  for (let at = 0; at < pairs << 2; at += 16) {
    const weight = v128.load(weights + at)
    const z = f32x4.add(v128.load(logits + at), v128.load(bases + at))
    const y = v128.xor(z, v128.and(weight, signs))
    const e = exp(f32x4.max(f32x4.neg(f32x4.abs(y)), f32x4.splat(-80)))
    const share = f32x4.div(v128.bitselect(e, one, f32x4.lt(y, zero)), f32x4.add(one, e))
    v128.store(weights + at, f32x4.mul(f32x4.mul(by, weight), share))
    const part = f32x4.mul(f32x4.abs(weight), f32x4.add(f32x4.max(y, zero), log1p(e)))
    low = f64x2.add(low, f64x2.promote_low_f32x4(part))
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(part, part, 2, 3, 2, 3)))
  }
  const sum = f64x2.add(low, high)
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
}

