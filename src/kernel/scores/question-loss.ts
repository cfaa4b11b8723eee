// The loss of one draw: the negative of each question is chosen among its candidates, and the gradient by the score of
// every item is collected in the list of chosen items. Symbols as in learn-draw.ts.

import {
  chosenAlphas, chosenGradients, chosenItems, direct, mirrored, negatives, outputBias, query, queryN, x, x1, x2,
} from '../globals'
import { itemBias, itemsD, itemsN } from '../records'
import { dotRow } from '../rows/dot-products'
import { exp, log1p, sigmoid, softplus } from '../simd/exp'
import { FOUR_QUESTIONS_BYTES, addCoefficients, chosen, hardestOfFour, placeOf, questionScratch } from './chosen-items'

let loss: f64 = 0
/** The gradient of the loss by the output bias. */
export let dBias: f64 = 0

/** The loss of the last draw. */
export function drawLoss(): f64 {
  return loss
}

/**
 * Without output weights: the mirrored triplet has the logit -z. Four questions fill the lanes. With e = exp(-|z|),
 * σ(-z) = (z < 0 ? 1 : e)/(1 + e) and softplus(-z) = max(-z, 0) + ln(1 + e).
 */
export function lossOfQuestions(first: usize, scale: f64): bool {
  loss = 0
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
  // A loop of its own: the lanes of several groups of four questions are computed in parallel as long as no list is
  // searched between them.
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

/** With output weights: a and c of an item are computed when the item is chosen. */
export function lossWithOutputWeights(first: usize, scale: f64): bool {
  loss = 0
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

/** vector·v of an item whose rows are up to date, plus its bias if there is one. */
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

