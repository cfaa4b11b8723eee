// What one arriving event teaches: the output weights first, then each network, the counts, and last some replays.

import type { Config } from '../../config.ts'
import type { Moment } from '../../learn/part.ts'
import type { Baseline } from '../../measure/baseline.ts'
import type { Prequential } from '../../measure/prequential.ts'
import type { Measured } from '../../rank/preference.ts'
import type { Positives } from '../../remember/positives.ts'
import type { Model } from './model.ts'
import type { Moments } from './moments.ts'
import { createShedding, type Shedding } from './shedding.ts'
import type { Stopwatch } from './stopwatch.ts'

/** The moving average of the loss forgets over about the reciprocal of this many steps. */
const lossRate = 0.001

export interface Training {
  /** What events do not get of the work while too many come. */
  readonly shedding: Shedding
  /** Learns from an item that is in the user's positive set by now; `moment` is the user before it. */
  learn(moment: Moment, item: number, effort: number, measured: Measured | undefined): void
}

export interface TrainingNeeds {
  readonly model: Model
  readonly positives: Positives
  readonly prequential: Prequential
  readonly baselines: readonly Baseline[]
  /** `loss`: the moving average; NaN before the first step. */
  readonly counts: { loss: number }
  readonly stopwatch: Stopwatch
  readonly moments: Moments
  readonly hidesEqualTimes: boolean
  readonly config: Pick<Config, 'measureMin' | 'debtEventsMax'>
}

export function createTraining(needs: TrainingNeeds): Training {
  const { model, positives, prequential, baselines, counts, stopwatch } = needs
  const { measureMin, debtEventsMax } = needs.config
  const { networks, neighbours, parts, preference, window } = model

  function track(loss: number): void {
    if (Number.isNaN(loss)) return
    counts.loss = Number.isNaN(counts.loss) ? loss : counts.loss + lossRate * (loss - counts.loss)
  }

  function observe(moment: Moment, item: number): void {
    window.push(moment.user, item)
    for (const part of parts) stopwatch.run(part.name, () => part.observe(moment, item))
    if (!parts.includes(neighbours)) neighbours.observe(moment, item)
    for (const baseline of baselines) baseline.observe(moment, item)
    prequential.observe(item)
  }

  const shedding = createShedding({ measureMin, debtEventsMax, positives, networks, track })

  return {
    shedding,
    learn(moment, item, effort, measured) {
      const { user, time } = moment
      const place = positives.placeOf(user, item)
      if (shedding.learns(effort, user, item, place)) {
        stopwatch.run('fusion', () => preference.learn(moment, item, measured))
        for (const one of networks) {
          track(stopwatch.run(one.network.spec.name, () => one.learnEvent(user, place)))
        }
      }
      // Events of equal time were hidden from the prediction, but they do belong together.
      observe(needs.hidesEqualTimes ? needs.moments.upTo(user, place, time) : moment, item)
      if (effort === 0) return
      for (const one of networks) {
        track(stopwatch.run(one.network.spec.name, () => one.replay(effort)))
      }
    },
  }
}
