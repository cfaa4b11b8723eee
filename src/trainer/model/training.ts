// What one arriving event teaches: the output weights first, then each network, the counts, and last some replays. All
// of them see the user at the moment of the event, as filled in here from the positive sets.

import type { Config } from '../../config.ts'
import type { Moment } from '../../learn/part.ts'
import type { Baseline, Prequential } from '../../measure/prequential.ts'
import type { Measured } from '../../rank/preference.ts'
import type { Positives } from '../../remember/positives.ts'
import { createUserBatch, gather } from '../../sample/draws.ts'
import type { Model } from './model.ts'
import type { Timed } from './plan.ts'
import { historyMax } from './plan.ts'
import { createShedding, type Shedding } from './shedding.ts'

/** Each of the two kinds of moment has one place in memory: a moment is valid until the next of its kind. */
export interface Moments {
  /** The user as of an event that arrives: what stands before `time` in the positive set. */
  arriving(user: number, time: number): Moment
  /** As arriving(), of an item that stands at `place` of the positive set by now. */
  before(user: number, place: number, time: number): Moment
  /** The user with everything in the positive set, as of `time`. */
  now(user: number, time: number): Moment
  /** As now(), with what lies before `place` of the positive set, including events at the very `time`. */
  upTo(user: number, place: number, time: number): Moment
  /** Somebody unknown with this history, newest first, of which only the order is known. */
  ofHistory(history: Int32Array): Moment
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
    before: (user, place, time) => fill(arriving, user, place, time),
    now: (user, time) => fill(other, user, positives.count(user), time),
    upTo: (user, place, time) => fill(other, user, place, time, false),
    ofHistory(history) {
      const length = Math.min(history.length, historyMax)
      other.user = -1
      other.users.userRows[0] = -1
      other.users.historyItems.set(history.subarray(0, length))
      other.users.historyStart[1] = length
      other.users.historyLength[0] = length
      return other
    },
  }
}

function historyOf({ users }: Moment): Int32Array {
  return users.historyItems.subarray(0, users.historyStart[1]!)
}

/** The moving average of the loss forgets over about the reciprocal of this many steps. */
const lossRate = 0.001

export interface Training {
  /** What events do not get of the work while too many come. */
  readonly shedding: Shedding
  /** Learns from an item that is in the user's positive set by now; `moment` is the user before it. */
  learn(moment: Moment, item: number, how: Learning): void
  /** Only the output weights, from an item that nothing more is to be learned of. */
  weigh(moment: Moment, item: number, goal: number, measured: Measured | undefined): void
  /** Counts an event that another worker learns: see Learner. */
  countOther(history: Int32Array, item: number, weight?: number): void
}

export interface Learning {
  /** Share of the work, in [0, 1]. */
  readonly effort: number
  /** How much more than before the item is worth to the user by the event, in (0, 1]: steps and counts are as large. */
  readonly weight: number
  /** Of the step of the output weights, which learn from what is measured: 0 where the event is not. */
  readonly goal: number
  /** Nobody has written to a network since it was. */
  readonly measured: Measured | undefined
}

export interface TrainingNeeds {
  readonly model: Model
  readonly positives: Positives
  readonly prequential: Prequential
  readonly baselines: readonly Baseline[]
  /** `loss`: the moving average; NaN before the first step. */
  readonly counts: { loss: number }
  readonly timed: Timed
  readonly moments: Moments
  readonly hidesEqualTimes: boolean
  /** See LearnerExtras; the history is valid during the call. */
  readonly onCounted:
    | ((user: number, history: Int32Array, item: number, weight: number) => void)
    | undefined
  readonly config: Pick<Config, 'measureMin' | 'debtEventsMax' | 'repeats'>
}

export function createTraining(needs: TrainingNeeds): Training {
  const { model, positives, prequential, baselines, counts, timed } = needs
  const { measureMin, debtEventsMax } = needs.config
  const { networks, neighbours, parts, preference, window, shared } = model

  function track(loss: number): void {
    if (Number.isNaN(loss)) return
    counts.loss = Number.isNaN(counts.loss) ? loss : counts.loss + lossRate * (loss - counts.loss)
  }

  function count(moment: Moment, item: number, weight = 1): void {
    for (const part of parts) timed(part.name, () => part.observe(moment, item, weight))
    if (!parts.includes(neighbours)) neighbours.observe(moment, item, weight)
    for (const baseline of baselines) baseline.observe(moment, item)
    prequential.observe(item, weight)
  }

  function weigh(moment: Moment, item: number, goal: number, measured: Measured | undefined): void {
    // Whatever is known of an item that nobody has had before tells only that: it would teach to prefer such items.
    if (prequential.popularity(item) === 0) return
    timed('fusion', () => preference.learn(moment, item, measured, goal))
  }

  const shedding = createShedding({ measureMin, debtEventsMax, positives, networks, track })

  return {
    shedding,
    countOther(history, item, weight) {
      positives.see(-1, item)
      count(needs.moments.ofHistory(history), item, weight)
    },
    weigh,
    learn(moment, item, { effort, weight, goal, measured }) {
      const { user, time } = moment
      const isUntouched = measured !== undefined
      shared.lend()
      const place = positives.placeOf(user, item)
      if (shedding.learns(effort, user, item, place, weight)) {
        if (goal > 0) weigh(moment, item, goal, measured)
        for (const one of networks) {
          track(
            timed(one.network.spec.name, () => one.learnEvent(user, place, weight, isUntouched)),
          )
        }
      }
      // Events of equal time were hidden from the prediction, but they do belong together.
      // And an item that is chosen again is no neighbour of its own.
      const isBehind = needs.hidesEqualTimes || (needs.config.repeats && place >= 0)
      window.push(user, item)
      const before = isBehind ? needs.moments.upTo(user, place, time) : moment
      count(before, item, weight)
      needs.onCounted?.(user, historyOf(before), item, weight)
      if (effort > 0) {
        for (const one of networks) {
          track(timed(one.network.spec.name, () => one.replay(effort)))
        }
      }
      shared.end()
    },
  }
}
