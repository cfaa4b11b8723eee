// A user's history at a moment, gathered from the mirror into the flat form that networks read.
// Causal by construction: only what stands before a place of the run, which is in order of event time.

import type { UserBatch } from '../ports/engine.ts'
import type { Positives } from '../remember/positives.ts'

/** Room for `count` users with up to `historyMax` items each. */
export function createUserBatch(count: number, historyMax: number): UserBatch {
  return {
    count: 0,
    userRows: new Int32Array(count),
    historyStart: new Int32Array(count + 1),
    historyItems: new Int32Array(count * historyMax),
    historyAges: new Float32Array(count * historyMax),
    historyLength: new Int32Array(count),
  }
}

/** Appends a user with `length` earlier positives and none of them: for networks that read rows, not histories. */
export function addUser(into: UserBatch, user: number, length: number): void {
  const k = into.count++
  into.historyStart[k + 1] = into.historyStart[k]!
  into.historyLength[k] = length
  into.userRows[k] = user
}

/**
 * Appends a user as of the moment `time` (ms) with the history before place `before` of their run,
 * newest first, at most `historyMax` items. `hidesEqualTimes`: what happened at the very moment is no history.
 */
export function gather(
  into: UserBatch,
  positives: Positives,
  user: number,
  before: number,
  time: number,
  historyMax: number,
  hidesEqualTimes = positives.limits.hidesEqualTimes === true,
): void {
  const { items, times, start } = positives.runs
  const { historyItems, historyAges } = into
  const k = into.count++
  const first = start[user] ?? 0
  if (hidesEqualTimes) while (before > 0 && times[first + before - 1] === time) before--
  const end = before < historyMax ? 0 : before - historyMax
  let at = into.historyStart[k]!
  for (let place = before - 1; place >= end; place--) {
    const age = (time - times[first + place]!) / 1000
    historyItems[at] = items[first + place]!
    historyAges[at++] = Math.max(age, 0)
  }
  into.historyStart[k + 1] = at
  into.historyLength[k] = before
  into.userRows[k] = user
}
