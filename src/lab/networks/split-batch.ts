// Batches of users and draws for a network, filled from a split: row numbers, and histories of what came strictly
// before. One set of arrays is filled again and again.

import type { DrawBatch } from '../../ports/engine.ts'
import type { Split } from '../offline/leave-one-out.ts'

export interface BatchShape {
  readonly draws: number
  readonly negatives: number
  readonly choices: number
  /** Newest items of a history that are given; 0 for networks with a row per user. */
  readonly historyMax: number
}

export interface SplitBatch {
  readonly batch: DrawBatch
  clear(): void
  /** Adds the user as they were just before training event `at` (an index into train.items). */
  addBefore(user: number, at: number): void
  /** Adds the user as they are when everything in training (and on request validation) has happened. */
  addAfter(user: number, withValidation: boolean, nowMs: number): void
}

export function createSplitBatch(split: Split, shape: BatchShape): SplitBatch {
  const { draws, negatives, choices, historyMax } = shape
  const historyStart = new Int32Array(draws + 1)
  const historyItems = new Int32Array(draws * historyMax)
  const historyAges = new Float32Array(draws * historyMax)
  const batch: DrawBatch = {
    count: 0,
    userRows: new Int32Array(draws),
    historyStart,
    historyItems,
    historyAges,
    historyLength: new Int32Array(draws),
    positives: new Int32Array(draws),
    negatives,
    choices,
    candidates: new Int32Array(draws * negatives * choices).fill(-1),
    direct: new Float32Array(negatives),
    mirrored: new Float32Array(negatives),
  }
  const { start, items, times } = split.train
  let filled = 0

  function push(item: number, ageMs: number): void {
    historyItems[filled] = item
    historyAges[filled] = Math.max(0, ageMs / 1000)
    filled++
  }

  /** Training items [start, end) of the user, newest first, as many as there is room for. */
  function pushTrain(user: number, end: number, room: number, nowMs: number): void {
    const first = Math.max(start[user]!, end - room)
    for (let at = end - 1; at >= first; at--) push(items[at]!, nowMs - times[at]!)
  }

  function close(user: number, length: number): void {
    batch.userRows[batch.count] = user
    batch.historyLength[batch.count] = length
    batch.count++
    historyStart[batch.count] = filled
  }

  return {
    batch,
    clear() {
      batch.count = 0
      filled = 0
    },
    addBefore(user, at) {
      pushTrain(user, at, historyMax, times[at]!)
      close(user, at - start[user]!)
    },
    addAfter(user, withValidation, nowMs) {
      const { validation } = split
      const adds = withValidation && validation.items[user]! >= 0
      if (adds && historyMax > 0) push(validation.items[user]!, nowMs - validation.times[user]!)
      const room = Math.max(0, historyMax - (adds ? 1 : 0))
      pushTrain(user, start[user + 1]!, room, nowMs)
      close(user, start[user + 1]! - start[user]! + (adds ? 1 : 0))
    },
  }
}
