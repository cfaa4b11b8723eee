// DNCR and NeuPR with the paper's joint tower over [p ; V_a ; -V_b] (eqs. 16-23, 25). Scores do not order the items, so
// every pair runs through the tower, and gradients are always summed before rows are updated.
//
// Symbols: z(u,a,b) the logit of «u prefers a to b», h the features of the tower, wD their output weights.

import { currentRow } from '../../learn/network/adam-catch-up.ts'
import type { DrawBatch, UserBatch } from '../../ports/engine.ts'
import { type Chosen, emitItems, emitSources } from './emit-gradients.ts'
import { backQuery } from './learn-draw.ts'
import { addProduct, addScaled, dot, sigmoid, softplus } from './loops.ts'
import { backLayers, itemScore, readQuery, runLayers } from './query.ts'
import type { Scratch } from './scratch.ts'

/** The user's vectors, and the part of layer 1 that depends on the user alone. */
export function readJoint(scratch: Scratch, batch: UserBatch, k: number): void {
  readQuery(scratch, batch, k)
  const { floats, layout } = scratch.store
  const first = layout.shape.layers[0]
  if (first === undefined) return
  const { userPart, dp } = scratch
  const bias = layout.layerBiases[0]!
  for (let o = 0; o < first.outputs; o++) userPart[o] = floats[bias + o]!
  const weight = layout.layerWeights[0]!
  const user = dp.length
  addProduct(
    userPart,
    first.outputs,
    floats,
    weight,
    first.inputs,
    scratch.activations[0]!,
    0,
    user,
  )
}

/** z(u,a,b). Leaves the activations of the tower for backPair(). */
export function jointLogit(scratch: Scratch, a: number, b: number): number {
  const { store } = scratch
  const { floats, layout } = store
  const { shape, outputWeights, outputBias } = layout
  const itemsD = layout.itemsD!
  const { widthD, query, layers, hidden } = shape
  const input = scratch.activations[0]!
  const user = scratch.dp.length
  const va = currentRow(store, itemsD, a, 0)
  for (let d = 0; d < widthD; d++) input[user + d] = floats[va + d]!
  const vb = currentRow(store, itemsD, b, 0)
  for (let d = 0; d < widthD; d++) input[user + widthD + d] = -floats[vb + d]!
  runLayers(scratch, scratch.userPart, user)
  const h = scratch.activations[layers.length]!
  const z = dot(h, 0, floats, outputWeights + 2 * query, hidden) + floats[outputBias]!
  return z + itemScore(scratch, scratch.x1, a) - itemScore(scratch, scratch.x2, b)
}

/** One draw: returns its loss, and sums its gradients times `scale`. NaN: the draw had no negative. */
export function learnJoint(
  scratch: Scratch,
  chosen: Chosen,
  batch: DrawBatch,
  k: number,
  scale: number,
): number {
  readJoint(scratch, batch, k)
  chosen.start(batch.positives[k]!)
  scratch.dp.fill(0)
  const { negatives, direct, mirrored } = batch
  const i = batch.positives[k]!
  let loss = 0
  let found = 0
  for (let q = 0; q < negatives; q++) {
    const j = hardest(scratch, batch, k, q)
    if (j < 0) continue
    found++
    const z = jointLogit(scratch, i, j)
    loss += direct[q]! * softplus(-z)
    backPair(scratch, chosen, i, j, -scale * direct[q]! * sigmoid(-z))
    if (mirrored[q] === 0) continue
    const mirror = jointLogit(scratch, j, i)
    loss += mirrored[q]! * softplus(mirror)
    backPair(scratch, chosen, j, i, scale * mirrored[q]! * sigmoid(mirror))
  }
  if (found === 0) return Number.NaN
  backQuery(scratch, chosen)
  emitItems(scratch, chosen, false, 0)
  if (scratch.rowsN) emitSources(scratch, scratch.rowsN, scratch.dx, false, 0)
  emitSources(scratch, scratch.rowsD!, scratch.dp, false, 0)
  return loss
}

/** The candidate with the smallest z(u,i,j), the first of equals; -1 if there is none. */
function hardest(scratch: Scratch, batch: DrawBatch, k: number, q: number): number {
  const { negatives, choices, candidates } = batch
  const from = (k * negatives + q) * choices
  let j = -1
  let least = Number.POSITIVE_INFINITY
  for (let c = from; c < from + choices; c++) {
    const candidate = candidates[c]!
    if (candidate < 0) continue
    const z = choices === 1 ? 0 : jointLogit(scratch, batch.positives[k]!, candidate)
    if (j < 0 || z < least) {
      least = z
      j = candidate
    }
  }
  return j
}

/** From dz down to the rows of DNCR, through the activations that jointLogit() has left. */
function backPair(scratch: Scratch, chosen: Chosen, a: number, b: number, dz: number): void {
  const { store, dense } = scratch
  const { floats, layout } = store
  const { shape, outputWeights, outputBias } = layout
  const { widthD, query, layers, hidden } = shape
  chosen.add(chosen.indexOf(a), dz, 0)
  chosen.add(chosen.indexOf(b), 0, -dz)
  const wD = outputWeights + 2 * query
  const top = scratch.deltas[layers.length]!
  for (let d = 0; d < hidden; d++) top[d] = dz * floats[wD + d]!
  if (scratch.denseLearns) {
    const { offset } = layout.dense
    addScaled(dense, wD - offset, dz, scratch.activations[layers.length]!, 0, hidden)
    dense[outputBias - offset] = dense[outputBias - offset]! + dz
  }
  backLayers(scratch)
  const below = scratch.deltas[0]!
  const user = scratch.dp.length
  addScaled(scratch.dp, 0, 1, below, 0, user)
  const rows = scratch.itemRowsD!
  const slotA = rows.touch(a, 0)
  addScaled(rows.sums, slotA, 1, below, user, widthD)
  const slotB = rows.touch(b, 0)
  addScaled(rows.sums, slotB, -1, below, user + widthD, widthD)
}
