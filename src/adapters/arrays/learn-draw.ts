// Learns draws where a score orders the items: NBPR, and both other models with the user tower.
//
// Symbols: a = x1·v, c = x2·v, z(u,i,j) = a_i - c_j + bias; α and γ are dloss/da and dloss/dc of an item.

import type { DrawBatch } from '../../ports/engine.ts'
import { type Chosen, emitItems, emitSources } from './emit-gradients.ts'
import { addRow, addScaled, sigmoid, softplus } from './loops.ts'
import { backLayers, itemScore, readQuery } from './query.ts'
import type { Scratch } from './scratch.ts'

/**
 * One draw: returns its loss, and applies its gradients times `scale`. `immediate`: rows are updated now, as update t;
 * otherwise their gradients are summed. A draw without a negative changes nothing and gives NaN.
 */
export function learnDraw(
  scratch: Scratch,
  chosen: Chosen,
  batch: DrawBatch,
  k: number,
  scale: number,
  immediate: boolean,
  t: number,
): number {
  readQuery(scratch, batch, k)
  chosen.start(batch.positives[k]!)
  const loss = lossOfQuestions(scratch, chosen, batch, k, scale)
  if (Number.isNaN(loss)) return loss
  backQuery(scratch, chosen)
  const { layout } = scratch.store
  emitItems(scratch, chosen, immediate, t)
  if (layout.sourceN) emitSources(scratch, scratch.rowsN!, scratch.dx, immediate, t)
  if (layout.sourceD) emitSources(scratch, scratch.rowsD!, scratch.deltas[0]!, immediate, t)
  return loss
}

/** Chooses the negatives, and sets α and γ of every item of the draw. */
function lossOfQuestions(
  scratch: Scratch,
  chosen: Chosen,
  batch: DrawBatch,
  k: number,
  scale: number,
): number {
  const { floats, layout } = scratch.store
  const { x1, x2, xs } = scratch
  const { negatives, choices, candidates, direct, mirrored } = batch
  const learned = layout.shape.outputs > 0
  const bias = learned ? floats[layout.outputBias]! : 0
  const i = batch.positives[k]!
  const ai = itemScore(scratch, x1, i)
  const ci = learned ? itemScore(scratch, x2, i) : ai
  let loss = 0
  let found = 0
  for (let q = 0; q < negatives; q++) {
    let j = -1
    let best = Number.NEGATIVE_INFINITY
    const from = (k * negatives + q) * choices
    for (let c = from; c < from + choices; c++) {
      const candidate = candidates[c]!
      if (candidate < 0) continue
      const s = itemScore(scratch, xs, candidate)
      if (j < 0 || s > best) {
        best = s
        j = candidate
      }
    }
    if (j < 0) continue
    found++
    const aj = learned ? itemScore(scratch, x1, j) : best
    const cj = learned ? itemScore(scratch, x2, j) : best
    const z = ai - cj + bias
    const mirror = aj - ci + bias
    loss += direct[q]! * softplus(-z) + mirrored[q]! * softplus(mirror)
    const g = scale * direct[q]! * sigmoid(-z)
    const h = scale * mirrored[q]! * sigmoid(mirror)
    chosen.add(0, -g, -h)
    chosen.add(chosen.indexOf(j), h, g)
    if (learned && scratch.denseLearns) {
      const at = layout.outputBias - layout.dense.offset
      scratch.dense[at] = scratch.dense[at]! + h - g
    }
  }
  return found > 0 ? loss : Number.NaN
}

/** dx from the item rows, the gradient of the output weights, and the tower's down to deltas[0]. */
export function backQuery(scratch: Scratch, chosen: Chosen): void {
  const { store, x, dx, e1, e2 } = scratch
  const { floats, layout } = store
  const { itemsN, itemsD, shape, outputWeights, dense } = layout
  const { query, queryN, blocks, factors } = shape
  const learned = shape.outputs > 0
  dx.fill(0)
  if (learned) {
    e1.fill(0)
    e2.fill(0)
  }
  for (let n = 0; n < chosen.count; n++) {
    const item = chosen.items[n]!
    const alpha = chosen.alphas[n]!
    const gamma = chosen.gammas[n]!
    const atN = itemsN ? itemsN.values + item * queryN : 0
    const atD = query > queryN ? itemsD!.values + item * factors : 0
    if (learned) {
      addRow(e1, 0, alpha, floats, atN, queryN)
      addRow(e2, 0, gamma, floats, atN, queryN)
      addRow(e1, queryN, alpha, floats, atD, query - queryN)
      addRow(e2, queryN, gamma, floats, atD, query - queryN)
    } else {
      addRow(dx, 0, alpha + gamma, floats, atN, queryN)
      addRow(dx, queryN, alpha + gamma, floats, atD, query - queryN)
    }
  }
  if (learned) {
    const at = outputWeights - dense.offset
    for (let d = 0; d < query; d++) {
      const w1 = floats[outputWeights + d]!
      const w2 = floats[outputWeights + query + d]!
      dx[d] = w1 * e1[d]! + w2 * e2[d]!
      scratch.dense[at + d] = scratch.dense[at + d]! + x[d]! * e1[d]!
      scratch.dense[at + query + d] = scratch.dense[at + query + d]! + x[d]! * e2[d]!
    }
  }
  if (query === queryN) return
  const top = scratch.deltas[shape.layers.length]!
  const below = scratch.deltas[0]!
  if (shape.layers.length > 0) {
    for (let d = 0; d < factors; d++) top[d] = dx[queryN + d]!
    backLayers(scratch)
  } else below.fill(0)
  for (let b = 0; b < blocks; b++) addScaled(below, b * factors, 1, dx, queryN, factors)
}
