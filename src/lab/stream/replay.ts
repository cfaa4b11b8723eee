// A whole stream played through a learner, every event predicted before it is learned, with what came of it by span of
// the stream, what was forgotten, and what each part of the work cost.
//
// Live: each event is learned at once, in the order of the log. Strict: events of equal time are hidden from each
// other's history and all of a step of time is predicted before any of it is learned; the caller shuffles them.

import type { Config } from '../../config.ts'
import type { Moment, Part, ScoreItems } from '../../learn/part.ts'
import type { MakeOpponent } from '../../measure/opponent.ts'
import { addAction } from '../../messages.ts'
import type { Engine } from '../../ports/engine.ts'
import { createRandom } from '../../sample/random.ts'
import { createLearner, type Learner } from '../../trainer/model/learner.ts'
import type { LearnerPlan } from '../../trainer/model/plan.ts'
import { createStopwatch } from '../../trainer/model/stopwatch.ts'
import { type Arrivals, stepEnd } from './arrivals.ts'
import { createOldTastes } from './old-tastes.ts'
import { createTally, type Span, type SpanQuality } from './tally.ts'

/** Some tenths of a second of work. */
const breathEvents = 500

export interface PlayOptions {
  readonly config: Config
  readonly engine: Engine
  readonly strict: boolean
  readonly plan?: LearnerPlan
  readonly opponents?: readonly MakeOpponent[]
  /** Monotonic ms. */
  readonly nowMs: () => number
  /** ms that the processor has worked for this process: what a part costs, however busy the machine is. */
  readonly processorMs: () => number
  /** Between pieces of the work: progress, and room for what else the process must hear. */
  readonly breathe?: (done: number) => Promise<void>
}

export interface Known {
  readonly hr10: number
  readonly ndcg10: number
}

export interface Played {
  /** Events of each span that were scored. */
  readonly events: Readonly<Record<Span, number>>
  readonly quality: Readonly<Record<string, Readonly<Record<Span, SpanQuality>>>>
  /** Withheld early events, by who ranks them: at 30 % of the stream and at its end. */
  readonly oldTastes: {
    readonly probes: number
    readonly at30: Readonly<Record<string, Known>>
    readonly atEnd: Readonly<Record<string, Known>>
  }
  /** µs of the processor an event of learning, by part. */
  readonly cost: Readonly<Record<string, number>>
  readonly weights: Readonly<Record<string, number>>
  readonly seconds: number
}

export async function play(arrivals: Arrivals, options: PlayOptions): Promise<Played> {
  const { users, items, times, count } = arrivals
  const { config, strict, nowMs } = options
  const stopwatch = createStopwatch(options.processorMs)
  const newest = new Float64Array(arrivals.userCount).fill(Number.NaN)
  let place = 0
  const learner: Learner = createLearner({ ...config, probeUsersMax: 0 }, options.engine, {
    ...(options.plan === undefined ? {} : { plan: options.plan }),
    ...{ opponents: options.opponents ?? [], hidesEqualTimes: strict, stopwatch },
    onRanks: (earlier, ranks) =>
      tally.add(place, earlier, times[place]! - newest[users[place]!]!, ranks),
  })
  const { rankers } = learner.prequential
  const tally = createTally(rankers, count)
  const old = createOldTastes(arrivals, createRandom(config.seed, 'old tastes'))
  const from = nowMs()
  let at30: Record<string, Known> | undefined
  let told = 0

  function arrive(learn: boolean): void {
    const [user, item, time] = [users[place]!, items[place]!, times[place]!]
    if (old.holds(place)) {
      if (learn) learner.positives.withhold(user, item, time)
      return
    }
    if (!strict) learner.apply(user, item, time, addAction, 1)
    else if (learn) learner.learn(user, item, time)
    else learner.predict(user, item, time)
    if (learn) newest[user] = time
  }

  function begin(): Record<string, Known> {
    old.begin(learner.momentOf, learner.positives.items)
    return knownBy(learner, old)
  }

  for (let first = 0, end = 0; first < count; first = end) {
    end = strict ? stepEnd(arrivals, first) : first + 1
    // A step that the mark lies in is learned first: its users may have come with it.
    if (at30 === undefined && first >= old.begins) at30 = begin()
    for (place = first; strict && place < end; place++) arrive(false)
    for (place = first; place < end; place++) arrive(true)
    if (end - told < breathEvents) continue
    told = end
    await options.breathe?.(end)
  }
  at30 ??= begin()
  return {
    events: tally.events(),
    quality: Object.fromEntries(rankers.map((name) => [name, tally.of(name)])),
    oldTastes: { probes: old.probes, at30, atEnd: knownBy(learner, old) },
    cost: Object.fromEntries([...stopwatch.spent].map(([name, ms]) => [name, (1e3 * ms) / count])),
    weights: learner.preference.weights(),
    seconds: (nowMs() - from) / 1e3,
  }
}

/** How well the model and each learned part know the withheld events now. */
function knownBy(learner: Learner, old: ReturnType<typeof createOldTastes>): Record<string, Known> {
  const known: Record<string, Known> = { model: old.rank(learner.scorer) }
  for (const part of learner.parts) {
    if (part.features.length === 1) known[part.name] = old.rank(scorerOf(part))
  }
  return known
}

const scorerOf =
  (part: Part) =>
  (moment: Moment): ScoreItems =>
  (items, out) =>
    part.score(moment, items, out, 0)
