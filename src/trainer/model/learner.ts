// One event at a time: predict it, remember it, learn from it. This is the order that keeps every measure honest:
//   1. rank the item among 100 others (nothing of the event is known yet),
//   2. put it into the positive set,
//   3. learn the output weights, from scores of parts that have not seen the event,
//   4. learn each part from the event itself,
//   5. count it (trend, neighbours),
//   6. replay earlier positives, each with the history it had then.

import type { Config } from '../../config.ts'
import type { Moment, ScoreItems } from '../../learn/part.ts'
import { createForgetting, type Forgetting } from '../../measure/forgetting.ts'
import { createPrequential, type Prequential } from '../../measure/prequential.ts'
import { addAction } from '../../messages.ts'
import type { Engine } from '../../ports/engine.ts'
import type { Positives } from '../../remember/positives.ts'
import { createRandom, type Random } from '../../sample/random.ts'
import type { LearnerExtras } from './learner-extras.ts'
import { createModel, type Model, openSets } from './model.ts'
import { createMoment } from './moments.ts'
import { historyMax, planLearner } from './plan.ts'
import { createShedding, type Shedding } from './shedding.ts'
import { untimed } from './stopwatch.ts'

/** The moving mean of the loss forgets over about this many steps. */
const lossMemory = 0.001

export interface LearnerCounts {
  events: number
  repeats: number
  removals: number
  loss: number
}

/** What an applied event did to the user's positive set. */
export type Applied = 'learned' | 'withheld' | 'changed' | 'nothing'

export interface Learner extends Model {
  readonly positives: Positives
  readonly prequential: Prequential
  readonly forgetting: Forgetting
  readonly randoms: ReadonlyMap<string, Random>
  readonly counts: LearnerCounts
  /** Users whose removals may lie ahead of the input, because the store was read: they may still have the items. */
  readonly doubted: Set<number>
  /**
   * Predicts an event, remembers it and learns from it. `effort` in [0, 1]: share of the work; 0 only remembers
   * and counts.
   */
  apply(user: number, item: number, time: number, action: number, effort: number): Applied
  /** Only the prediction of an added item, where a whole step of time is predicted before any of it is learned. */
  predict(user: number, item: number, time: number): void
  /** All of apply() for an added item but the prediction. */
  learn(user: number, item: number, time: number): Applied
  /** What events do not get of the work while too many come. */
  readonly shedding: Shedding
  /** Remembers and counts what the store already knew: no prediction, no learning. */
  absorb(user: number, item: number, time: number, action: number): void
  /** The user as of `time`, with all they have now. Valid until the next call. */
  momentOf(user: number, time: number): Moment
  scorer(moment: Moment): ScoreItems
  /** Makes rows for all ids known so far. */
  grow(users: number, items: number): void
}

export function createLearner(config: Config, engine: Engine, extras: LearnerExtras = {}): Learner {
  const { hidesEqualTimes = false, stopwatch = untimed } = extras
  const { positives, draws } = openSets(config, engine, hidesEqualTimes)
  const randoms = new Map(
    ['fusion', 'test', 'probe'].map((name) => [name, createRandom(config.seed, name)] as const),
  )
  const model = createModel({
    ...{ config, engine, positives, plan: extras.plan ?? planLearner(config) },
    ...{ fusionRandom: randoms.get('fusion')!, draws },
  })
  const { parts, learned, neighbours, preference, window } = model
  const opponents = (extras.opponents ?? []).map((make) => make(positives))
  const [first = 'model', ...apart] = preference.names
  const prequential: Prequential = createPrequential(
    positives,
    randoms.get('test')!,
    [first, 'itemKnn', ...apart, ...opponents.map(({ name }) => name)],
    extras.onRanks,
  )
  const forgetting = createForgetting(positives, randoms.get('probe')!, config.probeUsersMax)
  const counts: LearnerCounts = { events: 0, repeats: 0, removals: 0, loss: Number.NaN }
  const arrive = createMoment(positives, historyMax)
  const fill = createMoment(positives, historyMax)
  // The one moment that arrive() fills: the scorers read what stands in it.
  const arriving = arrive(0, 0, 0)

  const [own, ...others] = preference.scorers(arriving)
  const scorers: ScoreItems[] = [
    own!,
    (items, out) => neighbours.alone(arriving, items, out),
    ...others,
    ...opponents.map(
      (one): ScoreItems =>
        (items, out) =>
          one.score(arriving, items, out),
    ),
  ]

  function grow(users: number, items: number): void {
    for (const one of learned) one.grow(users, items)
  }

  function track(loss: number): void {
    if (Number.isNaN(loss)) return
    counts.loss = Number.isNaN(counts.loss) ? loss : counts.loss + lossMemory * (loss - counts.loss)
  }

  const { measureMin, debtEventsMax } = config
  const shedding = createShedding({
    measureMin,
    debtEventsMax,
    positives,
    networks: learned,
    track,
  })

  function learn(moment: Moment, user: number, item: number, effort: number): void {
    const place = positives.placeOf(user, item)
    if (shedding.learns(effort, user, item, place)) {
      stopwatch.run('fusion', () => preference.learn(moment, item))
      for (const one of learned) {
        track(stopwatch.run(one.network.spec.name, () => one.learnEvent(user, place)))
      }
    }
    window.push(user, item)
    // What stands at the same time was hidden from the prediction, and is together all the same.
    const whole = hidesEqualTimes ? fill(user, place, moment.time, true) : moment
    for (const part of parts) stopwatch.run(part.name, () => part.observe(whole, item))
    if (!parts.includes(neighbours)) neighbours.observe(whole, item)
    for (const opponent of opponents) opponent.observe(whole, item)
    prequential.observe(item)
    if (effort === 0) return
    for (const one of learned) {
      track(stopwatch.run(one.network.spec.name, () => one.replay(effort)))
    }
  }

  /** The user as of an item that arrives, with rows for both. */
  function meet(user: number, item: number, time: number): Moment {
    positives.see(user, -1)
    grow(positives.users, Math.max(positives.items, item + 1))
    return arrive(user, positives.placeAt(user, time), time)
  }

  function predict(moment: Moment, item: number, scored: boolean): void {
    const earlier = moment.users.historyLength[0]!
    prequential.predict(moment.user, item, earlier, scored, scorers)
  }

  function add(moment: Moment, item: number, fresh: boolean, effort: number): Applied {
    const { user, time } = moment
    const earlier = moment.users.historyLength[0]!
    if (fresh && forgetting.wants(user, item, earlier) && forgetting.probe(moment, item)) {
      positives.withhold(user, item, time)
      return 'withheld'
    }
    const change = positives.add(user, item, time)
    if (change === 'added') {
      learn(moment, user, item, effort)
      return 'learned'
    }
    counts.repeats++
    return change === 'nothing' ? 'nothing' : 'changed'
  }

  return {
    ...model,
    positives,
    prequential,
    forgetting,
    shedding,
    doubted: new Set(),
    randoms,
    counts,
    scorer: preference.scorer,
    grow,
    absorb(user, item, time, action) {
      if (action !== addAction) positives.remove(user, item, time)
      else if (positives.add(user, item, time) === 'added') {
        neighbours.meet(item)
        prequential.observe(item)
      }
      grow(positives.users, positives.items)
    },
    momentOf: (user, time) => fill(user, positives.count(user), time),
    apply(user, item, time, action, effort) {
      counts.events++
      if (action === addAction) {
        const fresh = positives.takes(user, item, time)
        const moment = meet(user, item, time)
        const measures = shedding.measures(effort)
        predict(moment, item, fresh && measures)
        return add(moment, item, fresh, effort)
      }
      counts.removals++
      positives.see(user, item)
      grow(positives.users, positives.items)
      return positives.remove(user, item, time) === 'removed' ? 'changed' : 'nothing'
    },
    predict(user, item, time) {
      const fresh = positives.takes(user, item, time)
      predict(meet(user, item, time), item, fresh)
    },
    learn(user, item, time) {
      counts.events++
      const fresh = positives.takes(user, item, time)
      return add(meet(user, item, time), item, fresh, 1)
    },
  }
}
