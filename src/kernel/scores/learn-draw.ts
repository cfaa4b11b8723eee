// Learns one draw where a score orders the items. The rows are updated immediately, or their gradients are summed.
//
// Symbols: i the positive, j_q the hardest candidate of question q, a = x1·v, c = x2·v, z(u,i,j) = a_i - c_j + bias; α
// and γ are dloss/da and dloss/dc of an item.

import {
  blockCount, candidates, choices, chosenAlphas, chosenGammas, chosenGradients, chosenItems, denseKind, dv, dx, e1, e2,
  factors, hasOutputWeights, inputDelta, layerCount, learnedItems, listCounts, listRows, listStride, listWeights, negatives,
  outputBias, outputWeights, query, queryN, scores, x, x1, x2, xs,
} from '../globals'
import { ONE, Table, itemBias, itemsD, itemsN, sourceD, sourceN } from '../records'
import { gradientOf } from '../dense/gradient-shards'
import { backLayers, layerOf } from '../dense/layers'
import { addScaled } from '../dense/weights'
import { sumGradients } from '../rows/row-gradients'
import { sumRows } from '../rows/row-sums'
import { updateRows } from '../rows/update-rows'
import { readQuery, scoreItems } from '../user/query'
import { chosen, startChosen } from './chosen-items'
import { dBias, lossOfQuestions, lossWithOutputWeights } from './question-loss'

// @ts-ignore: decorator
@inline
export function candidatesOf(k: i32): usize {
  return candidates + ((k * negatives * choices) << 2)
}

/**
 * Learns draw k, whose rows are up to date; `isRead`: the query of its user has been read. Returns false if the draw has no
 * candidate; then nothing changes.
 */
export function learnDraw(k: i32, scale: f64, immediate: bool, isRead: bool): bool {
  const each = negatives * choices
  const first = candidatesOf(k)
  if (!isRead) readQuery(k, true)
  const vector = hasOutputWeights ? xs : x
  scoreItems(vector, first, each, scores, true)
  startChosen(k)
  if (!(hasOutputWeights ? lossWithOutputWeights(first, scale) : lossOfQuestions(first, scale))) return false
  backQuery(immediate)
  update(immediate)
  addLearned()
  return true
}

/** How many items `learnedItems` holds. */
let learnedTotal = 0

export function startLearned(): void {
  learnedTotal = 0
}

export function learnedCount(): i32 {
  return learnedTotal
}

function addLearned(): void {
  for (let n: usize = 0; n < <usize>chosen << 2; n += 4) {
    store<i32>(learnedItems + (learnedTotal++ << 2), load<i32>(chosenItems + n))
  }
}

/** Computes dx from the item rows, then the gradient of the output weights, then the tower's down to `inputDelta`. */
export function backQuery(immediate: bool): void {
  if (!hasOutputWeights) addItems(dx, chosenGradients)
  else {
    addItems(e1, chosenAlphas)
    addItems(e2, chosenGammas)
    const w1 = outputWeights
    const w2 = w1 + (query << 2)
    for (let d: usize = 0; d < <usize>query << 2; d += 16) {
      const v = v128.load(x + d)
      const first = v128.load(e1 + d)
      const second = v128.load(e2 + d)
      const towards = f32x4.mul(v128.load(w1 + d), first)
      v128.store(dx + d, f32x4.add(towards, f32x4.mul(v128.load(w2 + d), second)))
      v128.store(e1 + d, f32x4.mul(v, first))
      v128.store(e2 + d, f32x4.mul(v, second))
    }
    if (denseKind >= 0) sumOutput()
  }
  if (query == queryN) return
  const t = dx + (queryN << 2)
  if (layerCount > 0) {
    const top = layerOf(layerCount - 1).delta
    for (let d: usize = 0; d < <usize>factors << 2; d += 16) v128.store(top + d, v128.load(t + d))
    backLayers(immediate && !hasOutputWeights)
  } else {
    for (let d: usize = 0; d < <usize>(blockCount * factors) << 2; d += 16) {
      v128.store(inputDelta + d, f32x4.splat(0))
    }
  }
  for (let b = 0; b < blockCount; b++) addScaled(inputDelta + ((b * factors) << 2), t, factors, 1)
}

/** out = Σ coefficient_n · v_n over the chosen items. */
function addItems(out: usize, coefficients: usize): void {
  if (itemsN.kind >= 0) {
    sumRows(out, itemsN.values, itemsN.columns, queryN, chosenItems, coefficients, chosen)
  }
  if (query == queryN) return
  const to = out + (queryN << 2)
  sumRows(to, itemsD.values, itemsD.columns, query - queryN, chosenItems, coefficients, chosen)
}

/** With output weights all dense gradients are summed, even for a single draw. */
function sumOutput(): void {
  const gradient = gradientOf(outputWeights)
  addScaled(gradient, e1, query, 1)
  addScaled(gradient + (query << 2), e2, query, 1)
  const bias = gradientOf(outputBias)
  store<f32>(bias, load<f32>(bias) + <f32>dBias)
}

/** dloss/dv = α·x1 + γ·x2 for each item, dloss/dS[row] = weight·dp for each source row. Empty blocks took no part. */
function update(immediate: bool): void {
  if (hasOutputWeights) for (let n = 0; n < chosen; n++) updateItem(n, immediate)
  else updateItems(chosenItems, chosenGradients, chosen, x, immediate)
  for (let b = 0; b < blockCount; b++) {
    const count = load<i32>(listCounts + (b << 2))
    if (count == 0) continue
    const rows = listRows + ((b * listStride) << 2)
    const weights = listWeights + ((b * listStride) << 2)
    if (sourceN.kind >= 0) {
      learnRows(sourceN, b, rows, weights, count, dx + ((b * factors) << 2), immediate)
    }
    if (sourceD.kind >= 0) {
      learnRows(sourceD, b, rows, weights, count, inputDelta + ((b * sourceD.width) << 2), immediate)
    }
  }
}

function updateItem(n: i32, immediate: bool): void {
  const alpha = v128.load32_splat(chosenAlphas + (n << 2))
  const gamma = v128.load32_splat(chosenGammas + (n << 2))
  for (let d: usize = 0; d < <usize>query << 2; d += 16) {
    const first = f32x4.mul(alpha, v128.load(x1 + d))
    v128.store(dv + d, f32x4.add(first, f32x4.mul(gamma, v128.load(x2 + d))))
  }
  updateItems(chosenItems + (n << 2), ONE, 1, dv, immediate)
}

/** The gradient of item n is coefficient_n · vector, and coefficient_n for its bias. */
function updateItems(items: usize, pulls: usize, count: i32, vector: usize, immediate: bool): void {
  if (itemsN.kind >= 0) {
    for (let b = 0; b < blockCount; b++) {
      if (load<i32>(listCounts + (b << 2)) == 0) continue
      learnRows(itemsN, b, items, pulls, count, vector + ((b * factors) << 2), immediate)
    }
  }
  if (query > queryN) learnRows(itemsD, 0, items, pulls, count, vector + (queryN << 2), immediate)
  if (itemBias.kind >= 0) learnRows(itemBias, 0, items, pulls, count, ONE, immediate)
}

function learnRows(
  table: Table, b: i32, rows: usize, weights: usize, count: i32, g: usize, immediate: bool,
): void {
  if (immediate) updateRows(table, b, rows, weights, count, g)
  else sumGradients(table, b, rows, weights, count, g)
}
