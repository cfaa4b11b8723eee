// The layers of the user tower for one draw, forward and backward. With `each` a layer is updated during its backward
// pass, row by row of its weights, without a gradient in memory.
//
// Symbols: h_l = tanh(W_l·h_{l-1} + b_l), δ the gradient of the loss by what goes into the activation.

import { denseKind, input, inputDelta, layerCount, layerRecords, steps } from '../globals'
import { ADAM, Layer } from '../records'
import { startUpdate } from '../rows/adam'
import { fourProducts } from '../rows/dot-products'
import { tanh } from '../simd/tanh'
import { learnRow } from './weights'

// @ts-ignore: decorator
@inline
export function layerOf(l: i32): Layer {
  return changetype<Layer>(layerRecords + l * offsetof<Layer>())
}

/** Runs all layers on `input`. */
export function runLayers(): void {
  let from = input
  for (let l = 0; l < layerCount; l++) {
    const layer = layerOf(l)
    multiply(layer.out, layer.weights, layer.biases, layer.inputs, layer.outputs, from)
    if (!layer.linear) tanhAll(layer.out, layer.outputs)
    from = layer.out
  }
}

/** out = W·in + b, four outputs at a time. `out` and `in` are padded to a multiple of four. */
function multiply(out: usize, weights: usize, biases: usize, inputs: i32, outputs: i32, from: usize): void {
  const bytes = inputs << 2
  const tiles = from + ((inputs & ~15) << 2)
  const whole = from + ((inputs & ~3) << 2)
  for (let o = 0; o < outputs; o += 4) {
    const left = outputs - o
    const a = weights + o * bytes
    const b = left > 1 ? a + bytes : a
    const c = left > 2 ? b + bytes : a
    const e = left > 3 ? c + bytes : a
    const sums = fourProducts(from, tiles, whole, inputs & 3, a, b, c, e)
    v128.store(out + (o << 2), f32x4.add(sums, v128.load(biases + (o << 2))))
  }
}

function tanhAll(out: usize, count: i32): void {
  for (let o: usize = 0; o < <usize>count << 2; o += 16) v128.store(out + o, tanh(v128.load(out + o)))
}

/**
 * From the delta of the last layer down to `inputDelta`, which is set to zero first. `immediate`: each layer is updated
 * as update `steps` + 1; otherwise its gradient is added to the sums.
 */
export function backLayers(immediate: bool): void {
  if (immediate && denseKind == ADAM) startUpdate(load<i32>(steps) + 1)
  for (let l = layerCount - 1; l >= 0; l--) {
    const layer = layerOf(l)
    const outputs = layer.outputs
    const delta = layer.delta
    if (!layer.linear) {
      const one = f32x4.splat(1)
      for (let o: usize = 0; o < <usize>outputs << 2; o += 16) {
        const h = v128.load(layer.out + o)
        const slope = f32x4.sub(one, f32x4.mul(h, h))
        v128.store(delta + o, f32x4.mul(v128.load(delta + o), slope))
      }
    }
    const from = l == 0 ? input : layerOf(l - 1).out
    const below = l == 0 ? inputDelta : layerOf(l - 1).delta
    backLayer(layer, from, below, immediate)
  }
}

function backLayer(layer: Layer, from: usize, below: usize, immediate: bool): void {
  const inputs = layer.inputs
  const outputs = layer.outputs
  const delta = layer.delta
  const bytes = inputs << 2
  for (let d: usize = 0; d < <usize>inputs << 2; d += 16) v128.store(below + d, f32x4.splat(0))
  for (let o = 0; o < outputs; o += 4) {
    const rows = layer.weights + o * bytes
    const left = min(outputs - o, 4)
    addTransposed(below, rows, inputs, delta + (o << 2), left)
    if (denseKind < 0) continue
    for (let r = 0; r < left; r++) {
      learnRow(rows + r * bytes, from, inputs, load<f32>(delta + ((o + r) << 2)), immediate)
    }
  }
  if (denseKind >= 0) learnRow(layer.biases, delta, outputs, 1, immediate)
}

/**
 * below += Σ_r delta_r · row_r for up to four rows. `below` is padded to a multiple of four, and its padding may get
 * values.
 */
function addTransposed(below: usize, rows: usize, inputs: i32, delta: usize, count: i32): void {
  const bytes = inputs << 2
  const k0 = v128.load32_splat(delta)
  const k1 = count > 1 ? v128.load32_splat(delta + 4) : f32x4.splat(0)
  const k2 = count > 2 ? v128.load32_splat(delta + 8) : f32x4.splat(0)
  const k3 = count > 3 ? v128.load32_splat(delta + 12) : f32x4.splat(0)
  const r1 = count > 1 ? rows + bytes : rows
  const r2 = count > 2 ? r1 + bytes : rows
  const r3 = count > 3 ? r2 + bytes : rows
  for (let d: usize = 0; d < <usize>bytes; d += 16) {
    const first = f32x4.add(f32x4.mul(k0, v128.load(rows + d)), f32x4.mul(k1, v128.load(r1 + d)))
    const second = f32x4.add(f32x4.mul(k2, v128.load(r2 + d)), f32x4.mul(k3, v128.load(r3 + d)))
    v128.store(below + d, f32x4.add(v128.load(below + d), f32x4.add(first, second)))
  }
}
