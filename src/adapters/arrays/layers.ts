// The dense layers of DNCR, forward and backward, over the activations in the scratch memory. h_l = tanh(W_l·h_{l-1} +
// b_l); the last layer of a user tower is linear.

import { addOuter, addProduct, addScaled, addTransposed } from './loops.ts'
import type { Scratch } from './scratch.ts'

/**
 * Runs the layers on activations[0]. If given, `start` is the bias of layer 1 plus the product of its first `skip`
 * columns, computed before (the user's part of a joint tower).
 */
export function runLayers(scratch: Scratch, start: Float64Array | undefined, skip: number): void {
  const { floats, layout } = scratch.store
  const { layers } = layout.shape
  for (let l = 0; l < layers.length; l++) {
    const { inputs, outputs, linear } = layers[l]!
    const out = scratch.activations[l + 1]!
    const bias = layout.layerBiases[l]!
    const weight = layout.layerWeights[l]!
    const shared = l === 0 && start !== undefined
    if (shared) out.set(start)
    else for (let o = 0; o < outputs; o++) out[o] = floats[bias + o]!
    const from = shared ? skip : 0
    const n = inputs - from
    addProduct(out, outputs, floats, weight + from, inputs, scratch.activations[l]!, from, n)
    if (!linear) for (let o = 0; o < outputs; o++) out[o] = Math.tanh(out[o]!)
  }
}

/** From deltas[last] to deltas[0]; adds the gradients of the layers' weights to scratch.dense. */
export function backLayers(scratch: Scratch): void {
  const { floats, layout } = scratch.store
  const { layers } = layout.shape
  const { offset } = layout.dense
  for (let l = layers.length - 1; l >= 0; l--) {
    const { inputs, outputs, linear } = layers[l]!
    const out = scratch.activations[l + 1]!
    const delta = scratch.deltas[l + 1]!
    const weight = layout.layerWeights[l]!
    if (!linear) {
      for (let o = 0; o < outputs; o++) delta[o] = delta[o]! * (1 - out[o]! * out[o]!)
    }
    if (scratch.denseLearns) {
      const input = scratch.activations[l]!
      addOuter(scratch.dense, weight - offset, inputs, delta, outputs, input, 0, inputs)
      addScaled(scratch.dense, layout.layerBiases[l]! - offset, 1, delta, 0, outputs)
    }
    const below = scratch.deltas[l]!
    below.fill(0)
    addTransposed(below, 0, inputs, floats, weight, inputs, delta, outputs)
  }
}
