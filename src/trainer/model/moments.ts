// Users at points of event time, with what they had just before: filled from the mirror, one at a time.

import type { Moment } from '../../learn/part.ts'
import type { Positives } from '../../remember/positives.ts'
import { createUserBatch, gather } from '../../sample/history.ts'

/**
 * Fills the one moment it owns with the user at `time` (ms) and what lies before place `before` of their run. Valid
 * until the next call. `whole`: also what stands at the same time, where the mirror hides that.
 */
export type FillMoment = (user: number, before: number, time: number, whole?: boolean) => Moment

export function createMoment(positives: Positives, historyMax: number): FillMoment {
  const moment = { user: 0, time: 0, users: createUserBatch(1, historyMax) }
  return (user, before, time, whole = false) => {
    moment.user = user
    moment.time = time
    moment.users.count = 0
    const hides = whole ? false : positives.limits.hidesEqualTimes
    gather(moment.users, positives, user, before, time, historyMax, hides)
    return moment
  }
}
