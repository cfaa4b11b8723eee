// The query of a user and the score of an item where a score orders the items: s = (w1 + w2)·(x ⊙ v) (eq. 20), or
// s = x·v + b with `output: 'ones'`. Before it DNCR's dense layers, forward and backward, over the activations in the
// scratch memory: h_l = tanh(W_l·h_{l-1} + b_l); the last layer of a user tower is linear.

import { currentRow } from '../../learn/network/adam-catch-up.ts'
import type { Table } from '../../learn/network/layout.ts'
import type { UserBatch } from '../../ports/engine.ts'
import {
  addFourRows,
  addOuter,
  addProduct,
  addRow,
  addScaled,
  addTransposed,
  dot,
} from './loops.ts'
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

/** Computes x, x1, x2 and xs of user k. */
export function readQuery(scratch: Scratch, batch: UserBatch, k: number): void {
  scratch.reader.read(batch, k)
  sumSources(scratch)
  const { floats, layout } = scratch.store
  const { shape, outputWeights } = layout
  const { x, x1, x2, xs } = scratch
  const { query, queryN, blocks, factors } = shape
  if (query > queryN) {
    runLayers(scratch, undefined, 0)
    const p = scratch.activations[0]!
    x.fill(0, queryN)
    for (let b = 0; b < blocks; b++) addScaled(x, queryN, 1, p, b * factors, factors)
    if (shape.layers.length > 0) {
      addScaled(x, queryN, 1, scratch.activations[shape.layers.length]!, 0, factors)
    }
  }
  if (x1 === x) return
  for (let d = 0; d < query; d++) {
    x1[d] = x[d]! * floats[outputWeights + d]!
    x2[d] = x[d]! * floats[outputWeights + query + d]!
    xs[d] = x1[d]! + x2[d]!
  }
}

/** vector·v of an item, plus its bias if there is one. */
export function itemScore(scratch: Scratch, vector: Float64Array, item: number): number {
  const { store } = scratch
  const { floats, layout } = store
  const { itemsN, itemsD, itemBias, shape } = layout
  const { query, queryN } = shape
  let sum = 0
  if (itemsN !== undefined) {
    const at = itemsN.isAdam ? currentRow(store, itemsN, item, 0) : itemsN.values + item * queryN
    sum = dot(vector, 0, floats, at, queryN)
  }
  if (query > queryN) {
    const at = currentRow(store, itemsD!, item, 0)
    sum += dot(vector, queryN, floats, at, query - queryN)
  }
  if (itemBias !== undefined) sum += floats[currentRow(store, itemBias, item, 0)]!
  return sum
}

/** Sums p of both halves from the source lists of the reader: x[0 … B·f) and activations[0]. */
function sumSources(scratch: Scratch): void {
  const { sourceN, sourceD } = scratch.store.layout
  if (sourceN) sumInto(scratch, sourceN, scratch.x)
  if (sourceD) sumInto(scratch, sourceD, scratch.activations[0]!)
}

function sumInto(scratch: Scratch, table: Table, out: Float64Array): void {
  const { store } = scratch
  const { floats } = store
  const { stride, rows, weights, counts } = scratch.reader.lists
  const { blocks, width, columns, values, isAdam } = table
  out.fill(0, 0, columns)
  for (let b = 0; b < blocks; b++) {
    const at = b * width
    const end = b * stride + counts[b]!
    let l = b * stride
    for (; !isAdam && l < end - 3; l += 4) {
      const base = values + at
      const r0 = base + rows[l]! * columns
      const r1 = base + rows[l + 1]! * columns
      const r2 = base + rows[l + 2]! * columns
      const r3 = base + rows[l + 3]! * columns
      addFourRows(out, at, width, floats, weights, l, r0, r1, r2, r3)
    }
    for (; l < end; l++) {
      const row = rows[l]!
      const from = isAdam ? currentRow(store, table, row, 0) : values + row * columns
      addRow(out, at, weights[l]!, floats, from + at, width)
    }
  }
}
