// The query of a user and the score of an item where the order is total: s = (w1 + w2)·(x ⊙ v)
// (eq. 20), or s = x·v + b with `output: 'ones'`. Reads only.

import { look } from '../../learn/network/adam.ts'
import type { UserBatch } from '../../ports/engine.ts'
import { runLayers } from './layers.ts'
import { addScaled, dot } from './loops.ts'
import { type Core, sumSources } from './scratch.ts'

/** x, x1, x2, xs of user k. */
export function readQuery(core: Core, batch: UserBatch, k: number): void {
  core.reader.read(batch, k)
  sumSources(core)
  const { floats, layout } = core.store
  const { shape, outputWeights } = layout
  const { x, x1, x2, xs } = core
  const { query, queryN, blocks, factors } = shape
  if (query > queryN) {
    runLayers(core, undefined, 0)
    const p = core.activations[0]!
    x.fill(0, queryN)
    for (let b = 0; b < blocks; b++) addScaled(x, queryN, 1, p, b * factors, factors)
    if (shape.layers.length > 0) {
      addScaled(x, queryN, 1, core.activations[shape.layers.length]!, 0, factors)
    }
  }
  if (x1 === x) return
  for (let d = 0; d < query; d++) {
    x1[d] = x[d]! * floats[outputWeights + d]!
    x2[d] = x[d]! * floats[outputWeights + query + d]!
    xs[d] = x1[d]! + x2[d]!
  }
}

/** vector·v of an item, and its bias where there is one. */
export function itemScore(core: Core, vector: Float64Array, item: number): number {
  const { store } = core
  const { floats, layout } = store
  const { itemsN, itemsD, itemBias, shape } = layout
  const { query, queryN } = shape
  let sum = 0
  if (itemsN !== undefined) {
    const at = itemsN.isAdam ? look(store, itemsN, item, 0) : itemsN.values + item * queryN
    sum = dot(vector, 0, floats, at, queryN)
  }
  if (query > queryN) {
    const at = look(store, itemsD!, item, 0)
    sum += dot(vector, queryN, floats, at, query - queryN)
  }
  if (itemBias !== undefined) sum += floats[look(store, itemBias, item, 0)]!
  return sum
}
