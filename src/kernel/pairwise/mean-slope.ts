// The mean derivative of a joint tower's logit by the outputs of its first layer, over some pairs: a backward pass
// through the planes that a forward pass has left. The derivatives overwrite the planes.

import { layerCount, outputWeights, query } from '../globals'
import { layerOf } from '../dense/layers'
import { addProduct, padded4, sumOf } from '../simd/lanes'
import { firstUnits } from './item-projections'

/**
 * out[o] = the mean over all lanes of dz by the input of the first tanh of unit o. `out` is padded to a multiple of
 * four.
 */
export function meanSlope(out: usize, planes: usize, lanes: i32): void {
  const rowBytes = lanes << 2
  const units = firstUnits()
  for (let o = units; o < padded4(units); o++) store<f32>(out + (o << 2), 0)
  if (layerCount == 0) {
    store<f32>(out, 1)
    return
  }
  let plane = planes
  for (let l = 1; l < layerCount; l++) plane += padded4(layerOf(l - 1).outputs) * rowBytes
  const weights = outputWeights + (query << 3)
  for (let o = 0; o < layerOf(layerCount - 1).outputs; o++) {
    const w = v128.load32_splat(weights + (o << 2))
    for (let n = 0; n < rowBytes; n += 16) multiplySlope(plane + o * rowBytes + n, w)
  }
  for (let l = layerCount - 1; l > 0; l--) {
    const layer = layerOf(l)
    const below = plane - padded4(layer.inputs) * rowBytes
    for (let d = 0; d < layer.inputs; d++) {
      for (let n = 0; n < rowBytes; n += 16) {
        let sum = f32x4.splat(0)
        for (let o = 0; o < layer.outputs; o++) {
          const w = v128.load32_splat(layer.weights + ((o * layer.inputs + d) << 2))
          sum = addProduct(sum, w, v128.load(plane + o * rowBytes + n))
        }
        multiplySlope(below + d * rowBytes + n, sum)
      }
    }
    plane = below
  }
  for (let o = 0; o < units; o++) {
    let sum = f32x4.splat(0)
    for (let n = 0; n < rowBytes; n += 16) sum = f32x4.add(sum, v128.load(plane + o * rowBytes + n))
    store<f32>(out + (o << 2), sumOf(sum) / <f32>lanes)
  }
}

/** h becomes slope · (1 - h²). */
// @ts-ignore: decorator
@inline
function multiplySlope(at: usize, slope: v128): void {
  const h = v128.load(at)
  v128.store(at, f32x4.mul(slope, f32x4.sub(f32x4.splat(1), f32x4.mul(h, h))))
}
