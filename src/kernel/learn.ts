// One call of learn(): updates of the parameters from the draws of the batch.

import { hasOutputWeights, joint, steps, threadIndex } from './globals'
import { Table, itemBias, itemsD, itemsN, sourceD, sourceN } from './records'
import { hasFailed, setThreadCount, threadCount, waitForAll } from './thread-pool'
import { selectShard } from './dense/gradient-shards'
import { applyDense } from './dense/weights'
import { drawnOf, lossOf, sumDrawGradients } from './pairwise/draw-gradients'
import { chunksOf, learnJoint, startJoint, sumShards } from './pairwise/learn-pairs'
import { catchUpDraws } from './rows/catch-up-draws'
import { applyGradients, startSums } from './rows/row-gradients'
import { learnDraw, startLearned } from './scores/learn-draw'
import { drawLoss } from './scores/question-loss'

/**
 * Learns draws 0 … count-1, with one update for each draw (`each`) or one for all, and returns the sum of their losses.
 * `isRead`: the query of the first draw's user is the one that was read last, from rows that are as they were; only for
 * `each`, and without Adam. All `threads` of a pool call it for the same update, which has a joint tower and is not
 * `each`; otherwise it is 1.
 */
export function learn(count: i32, each: bool, threads: i32, isRead: bool): f64 {
  setThreadCount(threads)
  startLearned()
  if (!joint) selectShard(0)
  if (joint || !each) startTables()
  let loss: f64 = 0
  if (each) {
    for (let k = 0; k < count; k++) loss += update(k, k + 1, 1, isRead && k == 0)
    return loss
  }
  return update(0, count, 1 / <f64>count, false)
}

function update(from: i32, to: i32, scale: f64, isRead: bool): f64 {
  if (joint) return updateJoint(from, to, scale)
  const immediate = to - from == 1
  catchUpDraws(from, to)
  let loss: f64 = 0
  let drawn = 0
  for (let k = from; k < to; k++) {
    if (!learnDraw(k, scale, immediate, isRead)) continue
    loss += drawLoss()
    drawn++
  }
  if (drawn == 0) return 0
  if (!immediate) applyTables()
  if (!immediate || hasOutputWeights) applyDense()
  store<i32>(steps, load<i32>(steps) + 1)
  return loss
}

/** This thread's share of an update; the first thread starts and ends it for all. */
function updateJoint(from: i32, to: i32, scale: f64): f64 {
  if (threadCount > 1) catchUpDraws(from, to)
  if (threadIndex == 0) startJoint(from, to)
  waitForAll()
  learnJoint(from, to, scale)
  waitForAll()
  if (drawnOf(chunksOf(from, to)) == 0 || hasFailed()) return 0
  if (threadCount > 1) sumDrawGradients(from, to)
  applyTables()
  sumShards()
  applyDense()
  waitForAll()
  if (threadIndex > 0) return 0
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
