// What the host calls. One instance of this module serves one network, in a memory of its own.

import {
  Table, crew, itemBias, itemsD, itemsN, joint, learned, member, outputBias, query, setCrew, setStrand, sourceD, sourceN,
  steps, x, x1, x2, xs,
} from './memory'
import { applyDense } from './dense/layers'
import { drawnOf, lossOf, sumEntries } from './pairwise/draw-gradients'
import { applyGradients, startSums } from './rows/row-gradients'
import { readQuery, scoreItems } from './user/query'
import { hasFailed, meetAll } from './thread-pool'
import { chunksOf, compareJoint, learnJoint, startJoint, sumStrands } from './pairwise/learn-pairs'
import { settle } from './rows/catch-up-draws'
import { drawLoss, learnDraw } from './scores/learn-draw'

export {
  steps, userRows, historyStart, historyItems, historyAges, historyLength, positives, candidates, direct, mirrored,
  negatives, choices, blockCount, hasHistory, shift, reach, stride, blockRecords, listRows, listWeights, listCounts,
  marks, places, query, queryN, x, dx, learned, outputWeights, outputBias, x1, x2, xs, e1, e2, dv, scores, chosenItems,
  chosenPulls, chosenAlphas, chosenGammas, driftTerms, looked, factors, layerCount, layerRecords, input, inputDelta,
  joint, pairMax, pairUser, pairA, pairB, pairBase, pairMirrorBase, pairZ, pairDz, pairDraw, pairQuestion, pairUsers, pairInput,
  pairInputDelta, picked, coupleWeights, strands, strandBytes, strandCouples, strandCoupleBytes, entries, entryBytes, chunkSums,
  member, lookedBytes, dense, denseCount, toFirst, toSecond, denseGradient, denseKind, denseRate, denseL2,
} from './memory'
export { fail, hasFailed } from './thread-pool'
export { forgetMarks } from './user/history'
export { countLogs, logs, scoreAll, sumLogs } from './scores/score-all'
export { cardBytes, cardScratch, makeCards } from './pairwise/item-projections'
export { championScratch, pickBest, pickCompared } from './pairwise/algorithm-1'
export { bindUser, contestScratch, foresee, meet } from './pairwise/pairwise-ranker'

/**
 * Learns draws 0 … count-1, one update for each (`each`) or one for all; returns the sum of their losses. `members` of a
 * crew call it for the same update, with a joint tower and not for each; else it is 1.
 */
export function learn(count: i32, each: bool, members: i32): f64 {
  setCrew(members)
  if (!joint) setStrand(0)
  if (joint || !each) startTables()
  let loss: f64 = 0
  if (each) {
    for (let k = 0; k < count; k++) loss += update(k, k + 1, 1)
    return loss
  }
  return update(0, count, 1 / <f64>count)
}

function update(from: i32, to: i32, scale: f64): f64 {
  if (joint) return updateJoint(from, to, scale)
  const now = to - from == 1
  settle(from, to)
  let loss: f64 = 0
  let drawn = 0
  for (let k = from; k < to; k++) {
    if (!learnDraw(k, scale, now)) continue
    loss += drawLoss()
    drawn++
  }
  if (drawn == 0) return 0
  if (!now) applyTables()
  if (!now || learned) applyDense()
  store<i32>(steps, load<i32>(steps) + 1)
  return loss
}

/** A member's share of an update; the first one starts it and ends it for all. */
function updateJoint(from: i32, to: i32, scale: f64): f64 {
  if (crew > 1) settle(from, to)
  if (member == 0) startJoint(from, to)
  meetAll()
  learnJoint(from, to, scale)
  meetAll()
  if (drawnOf(chunksOf(from, to)) == 0 || hasFailed()) return 0
  if (crew > 1) sumEntries(from, to)
  applyTables()
  sumStrands()
  applyDense()
  meetAll()
  if (member > 0) return 0
  store<i32>(steps, load<i32>(steps) + 1)
  return lossOf(chunksOf(from, to))
}

function startTables(): void {
  start(sourceN)
  start(itemsN)
  start(sourceD)
  start(itemsD)
  start(itemBias)
}

function start(table: Table): void {
  if (table.kind >= 0) startSums(table)
}

function applyTables(): void {
  apply(sourceN)
  apply(itemsN)
  apply(sourceD)
  apply(itemsD)
  apply(itemBias)
}

function apply(table: Table): void {
  if (table.kind >= 0) applyGradients(table)
}

/** out[n] = s(user k, items[n]); `out` has room for whole lanes. */
export function score(k: i32, items: usize, count: i32, out: usize): void {
  readQuery(k, false)
  scoreItems(learned ? xs : x, items, count, out, false)
}

/** out[n] = z(user 0, first[n], second[n]); `more` and `out` have room for whole lanes. */
export function compare(first: usize, second: usize, count: i32, more: usize, out: usize): void {
  readQuery(0, false)
  // DNCR with the joint tower has nothing to score: what other calls have left there must not count.
  if (query == 0) {
    memory.fill(out, 0, count << 2)
    memory.fill(more, 0, count << 2)
  }
  scoreItems(learned ? x1 : x, first, count, out, false)
  scoreItems(learned ? x2 : x, second, count, more, false)
  const bias: f32 = learned && !joint ? load<f32>(outputBias) : 0
  for (let n: usize = 0; n < <usize>count << 2; n += 4) {
    store<f32>(out + n, load<f32>(out + n) - load<f32>(more + n) + bias)
  }
  if (joint) compareJoint(first, second, count, out)
}

/** True when all of the ids are in low … end-1; `count` of them, read in whole lanes with the rest masked. */
export function idsWithin(ids: usize, count: i32, low: i32, end: i32): bool {
  let bad = i32x4.splat(0)
  const span = i32x4.splat(end - low)
  const start = i32x4.splat(low)
  let n = 0
  for (; n + 4 <= count; n += 4) {
    bad = v128.or(bad, i32x4.ge_u(i32x4.sub(v128.load(ids + (n << 2)), start), span))
  }
  if (v128.any_true(bad)) return false
  for (; n < count; n++) {
    if (<u32>(load<i32>(ids + (n << 2)) - low) >= <u32>(end - low)) return false
  }
  return true
}

/** True when none is below zero or no number. */
export function agesHold(ages: usize, count: i32): bool {
  const zero = f32x4.splat(0)
  let good = i32x4.splat(-1)
  let n = 0
  for (; n + 4 <= count; n += 4) good = v128.and(good, f32x4.ge(v128.load(ages + (n << 2)), zero))
  if (!i32x4.all_true(good)) return false
  for (; n < count; n++) if (!(load<f32>(ages + (n << 2)) >= 0)) return false
  return true
}
