// Learning where the order is total: one draw, its rows updated at once or their gradients summed.
//
// Symbols: i the positive, j_q the hardest candidate of question q, a = x1·v, c = x2·v, z(u,i,j) = a_i - c_j + bias;
// α and γ are dloss/da and dloss/dc of an item.

import {
  blockCount, candidates, choices, chosenAlphas, chosenGammas, chosenGradients, chosenItems, denseKind, direct, dv, dx,
  e1, e2, factors, hasOutputWeights, inputDelta, layerCount, listCounts, listRows, listStride, listWeights, mirrored,
  negatives, outputBias, outputWeights, query, queryN, scores, x, x1, x2, xs,
} from '../globals'
import { ONE, Table, itemBias, itemsD, itemsN, sourceD, sourceN } from '../records'
import { gradientOf } from '../dense/gradient-shards'
import { backLayers, layerOf } from '../dense/layers'
import { addScaled } from '../dense/weights'
import { dotRow } from '../rows/dot-products'
import { sumGradients } from '../rows/row-gradients'
import { sumRows } from '../rows/row-sums'
import { updateRows } from '../rows/update-rows'
import { exp, log1p, sigmoid, softplus } from '../simd/exp'
import { readQuery, scoreItems } from '../user/query'
import {
  FOUR_QUESTIONS_BYTES, addCoefficients, chosen, hardestOfFour, placeOf, questionScratch, startChosen,
} from './chosen-items'

let loss: f64 = 0
/** dloss by the output bias. */
let dBias: f64 = 0

/** Loss of the draw that was hasOutputWeights last. */
export function drawLoss(): f64 {
  return loss
}

// @ts-ignore: decorator
@inline
export function candidatesOf(k: i32): usize {
  return candidates + ((k * negatives * choices) << 2)
}

/** Learns draw k; false: it has no candidate and changes nothing. Its rows were upToDate. */
export function learnDraw(k: i32, scale: f64, immediate: bool): bool {
  const each = negatives * choices
  const first = candidatesOf(k)
  readQuery(k, true)
  const vector = hasOutputWeights ? xs : x
  scoreItems(vector, first, each, scores, true)
  startChosen(k)
  loss = 0
  if (!(hasOutputWeights ? lossWithOutputWeights(first, scale) : lossOfQuestions(first, scale))) return false
  backQuery(immediate)
  update(immediate)
  return true
}

/**
 * Chooses the negatives and sets the pull of every item: without output weights the mirrored triplet has logit -z. Four
 * questionScratch fill the lanes: e = exp(-|z|) gives σ(-z) = (z < 0 ? 1 : e)/(1 + e) and softplus(-z) = max(-z, 0) + ln(1 + e).
 */
function lossOfQuestions(first: usize, scale: f64): bool {
  const si = <f32>scoreOne(x, load<i32>(chosenItems))
  const one = f32x4.splat(1)
  const zero = f32x4.splat(0)
  const by = f32x4.splat(<f32>scale)
  let end = questionScratch()
  for (let q = 0; q < negatives; q += 4) {
    hardestOfFour(first, q, end)
    const z = f32x4.sub(f32x4.splat(si), v128.load(end, 16))
    const e = exp(f32x4.max(f32x4.neg(f32x4.abs(z)), f32x4.splat(-80)))
    const weight = f32x4.add(v128.load(direct + (q << 2)), v128.load(mirrored + (q << 2)))
    const share = f32x4.div(v128.bitselect(one, e, f32x4.lt(z, zero)), f32x4.add(one, e))
    v128.store(end, f32x4.mul(by, f32x4.mul(weight, share)), 16)
    v128.store(end, f32x4.mul(weight, f32x4.add(f32x4.max(f32x4.neg(z), zero), log1p(e))), 32)
    end += FOUR_QUESTIONS_BYTES
  }
  // A loop of its own: fours of questionScratch are worked out side by side as long as no list is rowCopies through between them.
  let found = false
  for (let four = questionScratch(); four < end; four += FOUR_QUESTIONS_BYTES) {
    for (let at = four; at < four + 16; at += 4) {
      const j = load<i32>(at)
      if (j < 0) continue
      found = true
      loss += <f64>load<f32>(at, 32)
      const pull = load<f32>(at, 16)
      addCoefficients(0, -pull, 0)
      addCoefficients(placeOf(j), pull, 0)
    }
  }
  for (let n: usize = 0; n < <usize>chosen << 2; n += 16) {
    v128.store(chosenGradients + n, v128.load(chosenAlphas + n))
  }
  return found
}

/** The same with output weights; a and c of an item are rowCopies up when it is chosen. */
function lossWithOutputWeights(first: usize, scale: f64): bool {
  const ai = scoreOne(x1, load<i32>(chosenItems))
  const ci = scoreOne(x2, load<i32>(chosenItems))
  const bias = <f64>load<f32>(outputBias)
  dBias = 0
  let found = false
  for (let q = 0; q < negatives; q++) {
    if ((q & 3) == 0) hardestOfFour(first, q, questionScratch())
    const j = load<i32>(questionScratch() + ((q & 3) << 2))
    if (j < 0) continue
    found = true
    const z = ai - scoreOne(x2, j) + bias
    const mirror = scoreOne(x1, j) - ci + bias
    const towards = <f64>load<f32>(direct + (q << 2))
    const away = <f64>load<f32>(mirrored + (q << 2))
    loss += towards * softplus(-z) + away * softplus(mirror)
    const g = scale * towards * sigmoid(-z)
    const h = scale * away * sigmoid(mirror)
    addCoefficients(0, <f32>-g, <f32>-h)
    addCoefficients(placeOf(j), <f32>h, <f32>g)
    dBias += h - g
  }
  return found
}

/** vector·v of an item whose rows have missed no updates, and its bias where there is one. */
export function scoreOne(vector: usize, item: i32): f64 {
  let s: f32 = 0
  if (itemsN.kind >= 0) {
    s = dotRow(vector, itemsN.values + ((item * itemsN.columns) << 2), queryN)
  }
  if (query > queryN) {
    s += dotRow(vector + (queryN << 2), itemsD.values + ((item * itemsD.columns) << 2), query - queryN)
  }
  return <f64>(itemBias.kind >= 0 ? s + load<f32>(itemBias.values + (item << 2)) : s)
}

/** dx from the items' rows; then the output weights, and the tower down to `inputDelta`. */
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

/** With output weights all dense gradients are summed, also for a single draw. */
function sumOutput(): void {
  const gradient = gradientOf(outputWeights)
  addScaled(gradient, e1, query, 1)
  addScaled(gradient + (query << 2), e2, query, 1)
  const bias = gradientOf(outputBias)
  store<f32>(bias, load<f32>(bias) + <f32>dBias)
}

/** dloss/dv = α·x1 + γ·x2 for each item, dloss/dS[row] = weight·dp for each source row; empty blocks took no part. */
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

/** The gradient of item n is pull_n · vector, and pull_n for its bias. */
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
