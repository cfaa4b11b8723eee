// Learning where the order is total and z = s_i - s_j: one draw, its rows updated at once or summed.
//
// Symbols: i the positive, j_q the hardest candidate of question q, pull dloss/ds of an item.

import {
  ONE, candidates, choices, chosenItems, chosenPulls, direct, dx, itemBias, itemsN, mirrored, negatives,
  positives, query, scores, sourceN, stride, x, blockCount, listCounts, listRows, listWeights,
} from './memory'
import { sumGradients } from './gradients'
import { sigmoid, softplus } from './math'
import { addValues, dotRows, sumRows, updateRows } from './rows'
import { readSources } from './history'

let chosen = 0
let loss: f64 = 0

/** Loss of the draw that was learned last. */
export function drawLoss(): f64 {
  return loss
}

/** x of user k. */
export function readQuery(k: i32): void {
  readSources(k)
  const width = sourceN.width
  for (let b = 0; b < blockCount; b++) {
    const at = (b * width) << 2
    const list = (b * stride) << 2
    const count = load<i32>(listCounts + (b << 2))
    sumRows(x + at, sourceN.values + at, sourceN.columns, width, listRows + list, listWeights + list, count)
  }
}

/** out[n] = s(user, items[n]); `out` has room for whole lanes. */
export function scoreItems(items: usize, count: i32, out: usize): void {
  dotRows(out, x, itemsN.values, itemsN.columns, query, items, count, false)
  if (itemBias.kind >= 0) addValues(out, itemBias.values, items, count)
}

/** Learns draw k; false: it has no candidate and changes nothing. */
export function learnDraw(k: i32, scale: f64, now: bool): bool {
  const each = negatives * choices
  const first = candidates + ((k * each) << 2)
  readQuery(k)
  scoreItems(first, each, scores + 16)
  scoreItems(positives + (k << 2), 1, scores)
  chosen = 1
  store<i32>(chosenItems, load<i32>(positives + (k << 2)))
  store<f32>(chosenPulls, 0)
  if (!weigh(first, scale)) return false
  sumRows(dx, itemsN.values, itemsN.columns, query, chosenItems, chosenPulls, chosen)
  if (now) updateDraw()
  else sumDraw()
  return true
}

/** Chooses the negatives and sets the pull of every item. */
function weigh(first: usize, scale: f64): bool {
  const si = <f64>load<f32>(scores)
  loss = 0
  let found = false
  for (let q = 0; q < negatives; q++) {
    const c = hardest(first, q)
    if (c < 0) continue
    found = true
    const z = si - <f64>load<f32>(scores + 16 + (c << 2))
    const towards = <f64>load<f32>(direct + (q << 2))
    const away = <f64>load<f32>(mirrored + (q << 2))
    // With s alone the mirrored triplet has the logit -z, and so the same loss and gradient.
    loss += (towards + away) * softplus(-z)
    const pull = <f32>(scale * (towards + away) * sigmoid(-z))
    choose(load<i32>(first + (c << 2)), pull)
    store<f32>(chosenPulls, load<f32>(chosenPulls) - pull)
  }
  return found
}

/** The place of question q's best scoring candidate, the first of equals; -1: it has none. */
function hardest(first: usize, q: i32): i32 {
  let best = -1
  let most: f32 = 0
  for (let c = q * choices, end = c + choices; c < end; c++) {
    if (load<i32>(first + (c << 2)) < 0) continue
    const s = load<f32>(scores + 16 + (c << 2))
    if (best < 0 || s > most) {
      most = s
      best = c
    }
  }
  return best
}

/** Adds to the pull of an item, which is listed once however many questions chose it. */
function choose(item: i32, pull: f32): void {
  let n = 0
  while (n < chosen && load<i32>(chosenItems + (n << 2)) != item) n++
  const at = n << 2
  if (n == chosen) {
    store<i32>(chosenItems + at, item)
    store<f32>(chosenPulls + at, pull)
    chosen++
  } else {
    store<f32>(chosenPulls + at, load<f32>(chosenPulls + at) + pull)
  }
}

/** dloss/dv = pull·x for each item, dloss/dS[row] = weight·dx for each source row; empty blocks took no part. */
function updateDraw(): void {
  for (let b = 0; b < blockCount; b++) {
    const count = load<i32>(listCounts + (b << 2))
    if (count == 0) continue
    const at = (b * sourceN.width) << 2
    const list = (b * stride) << 2
    updateRows(itemsN, b, chosenItems, chosenPulls, chosen, x + at)
    updateRows(sourceN, b, listRows + list, listWeights + list, count, dx + at)
  }
  if (itemBias.kind < 0) return
  updateRows(itemBias, 0, chosenItems, chosenPulls, chosen, ONE)
}

function sumDraw(): void {
  for (let b = 0; b < blockCount; b++) {
    const count = load<i32>(listCounts + (b << 2))
    if (count == 0) continue
    const at = (b * sourceN.width) << 2
    const list = (b * stride) << 2
    sumGradients(itemsN, b, chosenItems, chosenPulls, chosen, x + at)
    sumGradients(sourceN, b, listRows + list, listWeights + list, count, dx + at)
  }
  if (itemBias.kind >= 0) sumGradients(itemBias, 0, chosenItems, chosenPulls, chosen, ONE)
}
