// A whole log replayed through a learner, with every event predicted before it is learned. The result says how good the
// predictions were by span of the stream, what was forgotten, and what each part of the work cost.
//
// Live: each event is learned at once, in the order of the log. Strict: events of equal time are hidden from each
// other's history, and all events of a time are predicted before any of them is learned; the caller shuffles them.

import type { Config } from '../../config.ts'
import type { Quality, QualityWithError } from '../../measure/metrics.ts'
import type { Baseline, MakeBaseline } from '../../measure/prequential.ts'
import { addAction } from '../../messages.ts'
import type { Engine } from '../../ports/engine.ts'
import type { Measured } from '../../rank/preference.ts'
import { createRandom } from '../../sample/random.ts'
import { fullAdd } from '../../strength.ts'
import { createLearner, type Learner } from '../../trainer/model/learner.ts'
import type { LearnerPlan } from '../../trainer/model/plan.ts'
import { type Arrivals, stepEnd } from './arrivals.ts'
import { createOldTastes, type OldTastes } from './old-tastes.ts'
import { createStopwatch } from './stopwatch.ts'
import { createTally, type Span } from './tally.ts'
import {
  createWholeCatalogue,
  type WholeCatalogue,
  type WholeCatalogueResult,
} from './whole-catalogue.ts'

/** Some tenths of a second of work. */
const eventsPerPause = 500

export interface ReplayOptions {
  readonly config: Config
  readonly engine: Engine
  readonly strict: boolean
  readonly plan?: LearnerPlan
  readonly baselines?: readonly MakeBaseline[]
  /** Monotonic ms. */
  readonly nowMs: () => number
  /** Processor time of this process in ms: what a part costs, however busy the machine is. */
  readonly processorMs: () => number
  /** Called between pieces of the work, to show progress and to let the process hear signals. */
  readonly onPause?: (done: number) => Promise<void>
}

export interface ReplayResult {
  /** Scored events of each span. */
  readonly events: Readonly<Record<Span, number>>
  readonly quality: Readonly<Record<string, Readonly<Record<Span, QualityWithError>>>>
  /** Withheld early events, by ranker: at 30 % of the stream and at its end. */
  readonly oldTastes: {
    readonly probes: number
    readonly at30: Readonly<Record<string, Quality>>
    readonly atEnd: Readonly<Record<string, Quality>>
  }
  readonly wholeCatalogue: WholeCatalogueResult
  /** µs of processor time that predicting an event takes, and learning it by part. */
  readonly cost: Readonly<Record<string, number>>
  readonly weights: Readonly<Record<string, number>>
  readonly seconds: number
}

export async function replay(arrivals: Arrivals, options: ReplayOptions): Promise<ReplayResult> {
  const { users, times, count } = arrivals
  const { config, strict, nowMs } = options
  const stopwatch = createStopwatch(options.processorMs)
  const made: Baseline[] = []
  const baselines = (options.baselines ?? []).map(
    (make): MakeBaseline =>
      (positives) => {
        const baseline = make(positives)
        made.push(baseline)
        return baseline
      },
  )
  const learner = createLearner({ ...config, probeUsersMax: 0 }, options.engine, {
    ...(options.plan === undefined ? {} : { plan: options.plan }),
    ...{ baselines, hidesEqualTimes: strict, timed: stopwatch.run },
    onRanks(earlier, ranks) {
      const { place, newest } = player
      tally.add(place, earlier, times[place]! - newest[users[place]!]!, ranks)
    },
  })
  const { rankers } = learner.prequential
  const tally = createTally(rankers, count)
  const oldTastes = createOldTastes(arrivals, createRandom(config.seed, 'old tastes'))
  const whole = wholeCatalogueOf(arrivals, learner, made)
  const player = createPlayer(learner, arrivals, oldTastes, whole)
  const from = nowMs()
  let at30: Record<string, Quality> | undefined
  let pausedAt = 0

  function begin(): Record<string, Quality> {
    const { users: knownUsers, items: knownItems } = learner.positives
    // The newest item may be one that was withheld: then nothing has made a row for it yet.
    learner.grow(knownUsers, knownItems)
    oldTastes.begin(learner.momentOf, knownItems)
    return qualityOfOldTastes(learner, oldTastes)
  }

  for (let first = 0, end = 0; first < count; first = end) {
    end = strict ? stepEnd(arrivals, first) : first + 1
    // A step that contains the mark is learned first: its users may have come with it.
    if (at30 === undefined && first >= oldTastes.begins) at30 = begin()
    if (strict) player.strict(first, end)
    else player.live(first)
    if (end - pausedAt < eventsPerPause) continue
    pausedAt = end
    await options.onPause?.(end)
  }
  at30 ??= begin()
  const cost = [...stopwatch.spent()].map(([name, ms]) => [name, (1e3 * ms) / count] as const)
  return {
    events: tally.events(),
    quality: Object.fromEntries(rankers.map((name) => [name, tally.of(name)])),
    oldTastes: { probes: oldTastes.probes, at30, atEnd: qualityOfOldTastes(learner, oldTastes) },
    wholeCatalogue: whole.result(),
    cost: Object.fromEntries(cost),
    weights: learner.preference.weights(),
    seconds: (nowMs() - from) / 1e3,
  }
}

function wholeCatalogueOf(
  arrivals: Arrivals,
  learner: Learner,
  baselines: readonly Baseline[],
): WholeCatalogue {
  return createWholeCatalogue(arrivals, learner, {
    model: learner.score,
    popularity(_moment, items, out) {
      for (let x = 0; x < items.length; x++) out[x] = learner.prequential.popularity(items[x]!)
    },
    itemKnn: learner.neighbours.alone,
    ...Object.fromEntries(baselines.map(({ name, score }) => [name, score])),
  })
}

/** Gives the learner the events of the stream, but for the withheld ones. */
function createPlayer(
  learner: Learner,
  { users, items, times, codes, userCount }: Arrivals,
  old: OldTastes,
  whole: WholeCatalogue,
) {
  /** The time of each user's newest event, NaN before the first one. */
  const newest = new Float64Array(userCount).fill(Number.NaN)
  let place = 0

  function play(at: number, learns: boolean, work: (...event: Event) => void): void {
    place = at
    const [user, item, time] = [users[at]!, items[at]!, times[at]!]
    if (!old.withholds(at)) work(user, item, time, codes?.[at] ?? fullAdd)
    else if (learns) learner.positives.withhold(user, item, time)
    if (learns && !old.withholds(at)) newest[user] = time
  }

  return {
    newest,
    /** The event in hand. */
    get place() {
      return place
    },
    live(at: number): void {
      play(at, true, (user, item, time, code) => {
        whole.rank(at)
        learner.apply(user, item, time, addAction, 1, code)
      })
    },
    /** Predicts the events first … end - 1 of one time, then learns them. */
    strict(first: number, end: number): void {
      const measured: (Measured | undefined)[] = []
      for (let at = first; at < end; at++) {
        play(at, false, (...event) => {
          whole.rank(at)
          measured[at - first] = copyOf(learner.predict(...event))
        })
      }
      for (let at = first; at < end; at++) {
        play(at, true, (user, item, time, code) => {
          learner.learn(user, item, time, measured[at - first], code)
        })
      }
    },
  }
}

/** What the output weights learn from, to keep: the original is valid until the next prediction. */
function copyOf(measured: Measured | undefined): Measured | undefined {
  return measured?.fused && { columns: [], fused: structuredClone(measured.fused) }
}

type Event = [user: number, item: number, time: number, code: number]

/** How well the model, and each part with a single feature, rank the withheld events now. */
function qualityOfOldTastes(learner: Learner, old: OldTastes): Record<string, Quality> {
  const found: Record<string, Quality> = { model: old.rank(learner.score) }
  for (const part of learner.parts) {
    if (part.features.length > 1) continue
    found[part.name] = old.rank((moment, items, out) => part.score(moment, items, out, 0))
  }
  return found
}
