// The loss of the hidden layer and its gradient. Symbols: see forward.ts; s score by the weights alone, u what the layer
// adds, g = dloss/du.

import { exponentials } from '../simd/exp'
import { fourSums, largestOf, scaleRow, sumOf } from '../simd/lanes'

/**
 * With t = s + u: g = e^t / Σ e^t, less 1 for item 0. Returns -log softmax of item 0. `pitch`: bytes of a row of items;
 * s of what is no item is -Infinity.
 */
export function softmaxLoss(s: usize, u: usize, pitch: usize, g: usize): f64 {
  let most = f32x4.splat(-Infinity)
  for (let x: usize = 0; x < pitch; x += 16) {
    const t = f32x4.add(v128.load(s + x), v128.load(u + x))
    v128.store(g + x, t)
    most = f32x4.pmax(most, t)
  }
  const own = load<f32>(g)
  const top = largestOf(most)
  const total = exponentials(g, pitch, top)
  scaleRow(g, pitch, 1 / total)
  store<f32>(g, load<f32>(g) - 1)
  return Math.log(total) + <f64>top - <f64>own
}

/** gradient = dloss/dweights, laid out as they are. Overwrites y. */
export function backward(
  z: usize, pitch: usize, features: i32, weights: usize, stride: usize, units: i32, contexts: i32, context: usize,
  y: usize, g: usize, gradient: usize,
): void {
  const zero = f32x4.splat(0)
  for (let h = 0; h < units; h++) {
    const row = y + <usize>h * pitch
    const into = gradient + <usize>h * stride
    const o = v128.load32_splat(weights + <usize>h * stride + stride - 4)
    let ofOutput = zero
    let ofBias = zero
    for (let x: usize = 0; x < pitch; x += 16) {
      const hidden = v128.load(row + x)
      const slope = v128.load(g + x)
      ofOutput = f32x4.add(ofOutput, f32x4.mul(slope, hidden))
      const e = v128.and(f32x4.mul(slope, o), f32x4.gt(hidden, zero))
      ofBias = f32x4.add(ofBias, e)
      v128.store(row + x, e)
    }
    const bias = sumOf(ofBias)
    store<f32>(into + stride - 4, sumOf(ofOutput))
    store<f32>(into + stride - 8, bias)
    const from = into + (<usize>features << 2)
    for (let c = 0; c < contexts; c++) store<f32>(from + (c << 2), bias * load<f32>(context + (c << 2)))
  }
  for (let h = 0; h < units; h += 4) {
    const e0 = y + <usize>h * pitch
    const e1 = e0 + pitch
    const e2 = e1 + pitch
    const e3 = e2 + pitch
    let into = gradient + <usize>h * stride
    for (let f = 0; f < features; f++) {
      const row = z + <usize>f * pitch
      let a0 = zero
      let a1 = zero
      let a2 = zero
      let a3 = zero
      for (let x: usize = 0; x < pitch; x += 16) {
        const value = v128.load(row + x)
        a0 = f32x4.add(a0, f32x4.mul(value, v128.load(e0 + x)))
        a1 = f32x4.add(a1, f32x4.mul(value, v128.load(e1 + x)))
        a2 = f32x4.add(a2, f32x4.mul(value, v128.load(e2 + x)))
        a3 = f32x4.add(a3, f32x4.mul(value, v128.load(e3 + x)))
      }
      const sums = fourSums(a0, a1, a2, a3)
      v128.store32_lane(into, sums, 0)
      v128.store32_lane(into + stride, sums, 1)
      v128.store32_lane(into + 2 * stride, sums, 2)
      v128.store32_lane(into + 3 * stride, sums, 3)
      into += 4
    }
  }
}
