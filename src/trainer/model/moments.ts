// Users at points of event time, with what they had just before, filled from the positive sets.

import type { Moment } from '../../learn/part.ts'
import type { Positives } from '../../remember/positives.ts'
import { createUserBatch, gather } from '../../sample/history.ts'
import { historyMax } from './plan.ts'

/** Each of the two kinds of moment has one place in memory: a moment is valid until the next of its kind. */
export interface Moments {
  /** The user as of an event that arrives: what stands before `time` in the positive set. */
  arriving(user: number, time: number): Moment
  /** The user with everything in the positive set, as of `time`. */
  now(user: number, time: number): Moment
  /** As now(), with what lies before `place` of the positive set, including events at the very `time`. */
  upTo(user: number, place: number, time: number): Moment
}

export function createMoments(positives: Positives): Moments {
  const arriving = { user: 0, time: 0, users: createUserBatch(1, historyMax) }
  const other = { user: 0, time: 0, users: createUserBatch(1, historyMax) }
  const hides = positives.limits.hidesEqualTimes

  function fill(
    moment: typeof other,
    user: number,
    before: number,
    time: number,
    hidesEqual = hides,
  ) {
    moment.user = user
    moment.time = time
    moment.users.count = 0
    gather(moment.users, positives, user, before, time, historyMax, hidesEqual)
    return moment
  }

  return {
    arriving: (user, time) => fill(arriving, user, positives.placeAt(user, time), time),
    now: (user, time) => fill(other, user, positives.count(user), time),
    upTo: (user, place, time) => fill(other, user, place, time, false),
  }
}
