// DNCR and NeuPR with the paper's joint tower over [p ; V_a ; -V_b] (eqs. 16-23, 25). Not a total order:
// every pair runs the tower, and gradients are always summed before rows are updated.
//
// Symbols: z(u,a,b) the logit of «u prefers a to b», h the tower's features, wD their output weights.

import { look } from '../../learn/network/adam.ts'
import type { DrawBatch, UserBatch } from '../../ports/engine.ts'
import type { Chosen } from './chosen-items.ts'
import { emitItems, emitSources } from './emit-gradients.ts'
import { backLayers, runLayers } from './layers.ts'
import { backQuery } from './learn-draw.ts'
import { addProduct, addScaled, dot, sigmoid, softplus } from './loops.ts'
import { itemScore, readQuery } from './query.ts'
import type { Core } from './scratch.ts'

/** The user's vectors, and layer 1 as far as it depends on the user alone. */
export function readJoint(core: Core, batch: UserBatch, k: number): void {
  readQuery(core, batch, k)
  const { floats, layout } = core.store
  const first = layout.shape.layers[0]
  if (first === undefined) return
  const { userPart, dp } = core
  const bias = layout.layerBiases[0]!
  for (let o = 0; o < first.outputs; o++) userPart[o] = floats[bias + o]!
  const weight = layout.layerWeights[0]!
  const user = dp.length
  addProduct(userPart, first.outputs, floats, weight, first.inputs, core.activations[0]!, 0, user)
}

/** z(u,a,b); leaves the tower's activations behind. */
export function jointLogit(core: Core, a: number, b: number): number {
  const { store } = core
  const { floats, layout } = store
  const { shape, outputWeights, outputBias } = layout
  const itemsD = layout.itemsD!
  const { widthD, query, layers, hidden } = shape
  const input = core.activations[0]!
  const user = core.dp.length
  const va = look(store, itemsD, a, 0)
  for (let d = 0; d < widthD; d++) input[user + d] = floats[va + d]!
  const vb = look(store, itemsD, b, 0)
  for (let d = 0; d < widthD; d++) input[user + widthD + d] = -floats[vb + d]!
  runLayers(core, core.userPart, user)
  const h = core.activations[layers.length]!
  const z = dot(h, 0, floats, outputWeights + 2 * query, hidden) + floats[outputBias]!
  return z + itemScore(core, core.x1, a) - itemScore(core, core.x2, b)
}

/** One draw: the loss, and its gradients times `scale`, summed. NaN: there was no negative. */
export function learnJoint(
  core: Core,
  chosen: Chosen,
  batch: DrawBatch,
  k: number,
  scale: number,
): number {
  readJoint(core, batch, k)
  chosen.start(batch.positives[k]!)
  core.dp.fill(0)
  const { negatives, direct, mirrored } = batch
  const i = batch.positives[k]!
  let loss = 0
  let found = 0
  for (let q = 0; q < negatives; q++) {
    const j = hardest(core, batch, k, q)
    if (j < 0) continue
    found++
    const z = jointLogit(core, i, j)
    loss += direct[q]! * softplus(-z)
    backPair(core, chosen, i, j, -scale * direct[q]! * sigmoid(-z))
    if (mirrored[q] === 0) continue
    const mirror = jointLogit(core, j, i)
    loss += mirrored[q]! * softplus(mirror)
    backPair(core, chosen, j, i, scale * mirrored[q]! * sigmoid(mirror))
  }
  if (found === 0) return Number.NaN
  backQuery(core, chosen)
  emitItems(core, chosen, false, 0)
  if (core.rowsN) emitSources(core, core.rowsN, core.dx, false, 0)
  emitSources(core, core.rowsD!, core.dp, false, 0)
  return loss
}

/** The candidate with the smallest z(u,i,j), the first of equals; -1: none was given. */
function hardest(core: Core, batch: DrawBatch, k: number, q: number): number {
  const { negatives, choices, candidates } = batch
  const from = (k * negatives + q) * choices
  let j = -1
  let least = Number.POSITIVE_INFINITY
  for (let c = from; c < from + choices; c++) {
    const candidate = candidates[c]!
    if (candidate < 0) continue
    const z = choices === 1 ? 0 : jointLogit(core, batch.positives[k]!, candidate)
    if (j < 0 || z < least) {
      least = z
      j = candidate
    }
  }
  return j
}

/** From dz down to the rows of DNCR, through the activations that z(u,a,b) left behind. */
function backPair(core: Core, chosen: Chosen, a: number, b: number, dz: number): void {
  const { store, dense } = core
  const { floats, layout } = store
  const { shape, outputWeights, outputBias } = layout
  const { widthD, query, layers, hidden } = shape
  chosen.add(chosen.placeOf(a), dz, 0)
  chosen.add(chosen.placeOf(b), 0, -dz)
  const wD = outputWeights + 2 * query
  const top = core.deltas[layers.length]!
  for (let d = 0; d < hidden; d++) top[d] = dz * floats[wD + d]!
  if (core.denseLearns) {
    const { offset } = layout.dense
    addScaled(dense, wD - offset, dz, core.activations[layers.length]!, 0, hidden)
    dense[outputBias - offset] = dense[outputBias - offset]! + dz
  }
  backLayers(core)
  const below = core.deltas[0]!
  const user = core.dp.length
  addScaled(core.dp, 0, 1, below, 0, user)
  const rows = core.itemRowsD!
  const slotA = rows.touch(a, 0)
  addScaled(rows.sums, slotA, 1, below, user, widthD)
  const slotB = rows.touch(b, 0)
  addScaled(rows.sums, slotB, -1, below, user + widthD, widthD)
}
