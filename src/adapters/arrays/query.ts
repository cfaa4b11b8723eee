// The query of a user and the score of an item where a score orders the items: s = (w1 + w2)·(x ⊙ v) (eq. 20), or s =
// x·v + b with `output: 'ones'`. Nothing here writes to the model.

import { currentRow } from '../../learn/network/adam.ts'
import type { UserBatch } from '../../ports/engine.ts'
import { runLayers } from './layers.ts'
import { addScaled, dot } from './loops.ts'
import { type Scratch, sumSources } from './scratch.ts'

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
