// One event at a time: predict it, remember it, learn from it. The order keeps every measure honest:
//   1. rank the item among 100 others (nothing of the event is known yet),
//   2. put it into the positive set,
//   3. learn the output weights, from scores of parts that have not seen the event,
//   4. learn each part from the event itself,
//   5. count it (trend, neighbours),
//   6. replay earlier positives, each with the history that the user had then.

import type { Config } from '../../config.ts'
import type { Moment, ScoreItems } from '../../learn/part.ts'
import { createForgetting, type Forgetting } from '../../measure/forgetting.ts'
import type { Prequential } from '../../measure/prequential.ts'
import { addAction } from '../../messages.ts'
import type { Engine } from '../../ports/engine.ts'
import type { Measured } from '../../rank/preference.ts'
import type { Positives } from '../../remember/positives.ts'
import { createRandom, type Random } from '../../sample/random.ts'
import { createUserShare, type UserShare } from '../../sample/user-share.ts'
import { fullAdd, unmeasured } from '../../strength.ts'
import { createModel, type Model, openPositives } from './model.ts'
import type { LearnerExtras, Timed } from './plan.ts'
import { planLearner } from './plan.ts'
import { createNews, createPrediction, type News } from './prediction.ts'
import { createRemember } from './remember.ts'
import type { Shedding } from './shedding.ts'
import { createMoments, createTraining } from './training.ts'

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
  /**
   * Users whose positive sets were read from the store, where removals may be ahead of the input: they may still have
   * the removed items.
   */
  readonly usersWithUncertainRemovals: Set<number>
  /**
   * Predicts an event, remembers it and learns from it. `effort` in [0, 1] is the share of the work; at 0 the event is
   * only remembered and counted. `code`: what an ADD is worth, as in a batch.
   */
  apply(
    ...event: [
      user: number,
      item: number,
      time: number,
      action: number,
      effort: number,
      code?: number,
    ]
  ): Applied
  /**
   * Only the prediction of an added item, for streams where all events of equal time are predicted before any of them
   * is learned. Returns the scores where the event was measured, valid until the next prediction.
   */
  predict(user: number, item: number, time: number, code?: number): Measured | undefined
  /** All of apply() for an added item but the prediction; `measured`: what predict() has just returned for it. */
  learn(user: number, item: number, time: number, measured?: Measured, code?: number): Applied
  /** What events do not get of the work while too many come. */
  readonly shedding: Shedding
  /** How much of the learning one user may have. */
  readonly userShare: UserShare
  /**
   * As apply() for an added item that the user has as of that very time, because it was stored before it came here to
   * be learned.
   */
  applyStored(user: number, item: number, time: number, effort: number): Applied
  /**
   * Remembers and counts what the store already knew, without predicting or learning it. Returns how much more than
   * the model knew of the item is worth to the user. `isCounted`: false where others count it.
   */
  remember(
    ...event: [
      user: number,
      item: number,
      time: number,
      action: number,
      isCounted?: boolean,
      code?: number,
    ]
  ): number
  /**
   * Counts an event of a user whom another worker has: `history` is what stood before it, newest first. There are rows
   * for the item.
   */
  countOther(history: Int32Array, item: number, weight?: number): void
  /** The user as of `time`, with all that the user has now. Valid until the next call. */
  momentOf(user: number, time: number): Moment
  readonly score: ScoreItems
  /** Users of other workers take items, too: an item that nobody has here may be listed once it was taken. */
  readonly isShared: boolean
  /** What a user has may be listed again, and is learned again. */
  readonly repeats: boolean
  /** Makes rows for all ids known so far. `restored`: the parts are restored next, which fills the rows. */
  grow(users: number, items: number, restored?: boolean): void
}

interface Arrival {
  readonly news: News
  readonly effort: number
  readonly measured: Measured | undefined
  /** The user has had more than their share: the item is remembered only. */
  readonly excess: boolean
}

/** A worker does not ask what the work costs. */
const untimed: Timed = (_, work) => work()

export function createLearner(config: Config, engine: Engine, extras: LearnerExtras = {}): Learner {
  const { hidesEqualTimes = false, timed = untimed, onCounted, onRanks } = extras
  const { positives, draws } = openPositives(config, engine, hidesEqualTimes)
  const randoms = new Map(
    ['fusion', 'test', 'probe'].map((name) => [name, createRandom(config.seed, name)] as const),
  )
  const plan = extras.plan ?? planLearner(config)
  const fusionRandom = randoms.get('fusion')!
  const model = createModel({ config, engine, positives, plan, fusionRandom, draws })
  const { networks, preference } = model
  const baselines = (extras.baselines ?? []).map((make) => make(positives))
  const { prequential, predict } = createPrediction(model, positives, {
    ...{ baselines, random: randoms.get('test')!, isShared: onCounted !== undefined, onRanks },
    ...{ userShareMax: config.userShareMax, repeats: config.repeats, timed },
  })
  const forgetting = createForgetting(positives, randoms.get('probe')!, config.probeUsersMax)
  const counts: LearnerCounts = { events: 0, repeats: 0, removals: 0, loss: Number.NaN }
  const userShare = createUserShare(config.userShareMax)
  const moments = createMoments(positives)
  const newsOf = createNews(positives, config.repeats)
  const { shedding, learn, weigh, countOther } = createTraining({
    ...{ model, positives, prequential, baselines, counts, timed },
    ...{ moments, hidesEqualTimes, config, onCounted },
  })

  function grow(users: number, items: number, restored = false): void {
    for (const network of networks) network.grow(users, items, restored)
  }

  /** The user as of an item that arrives, with rows for both. */
  function arrive(user: number, item: number, time: number): Moment {
    positives.see(user, -1)
    grow(positives.users, Math.max(positives.items, item + 1))
    return moments.arriving(user, time)
  }

  function add(moment: Moment, item: number, of: Arrival): Applied {
    const { news, effort, measured, excess } = of
    const { fresh, again, code, weight, goal } = news
    const { user, time, users } = moment
    const probes = fresh && !again && !excess && code === fullAdd && !positives.has(user, item)
    const asks = probes && forgetting.wants(user, item, users.historyLength[0]!)
    if (asks && forgetting.probe(moment, item)) {
      positives.withhold(user, item, time)
      return 'withheld'
    }
    const change = positives.add(user, item, time, code % unmeasured)
    if (fresh && change !== 'nothing' && change !== 'earlier' && !excess) {
      learn(moment, item, { effort, weight, goal, measured })
      return 'learned'
    }
    if (measured !== undefined) weigh(moment, item, goal, measured)
    if (change === 'renewed' || change === 'nothing') counts.repeats++
    return change === 'nothing' ? 'nothing' : 'changed'
  }

  return {
    ...model,
    ...{ positives, prequential, forgetting, shedding, userShare, randoms, counts },
    ...{ grow, countOther, repeats: config.repeats, isShared: onCounted !== undefined },
    usersWithUncertainRemovals: new Set(),
    score: preference.score,
    momentOf: moments.now,
    apply(user, item, time, action, effort, code = fullAdd) {
      counts.events++
      if (action === addAction) {
        const news = newsOf(user, item, time, code)
        const excess = news.fresh && !userShare.admits(user)
        const moment = arrive(user, item, time)
        const measures = !excess && shedding.measures(effort) && news.goal > 0
        const measured = predict(moment, item, measures, news.leftOut)
        return add(moment, item, { news, effort, measured, excess })
      }
      counts.removals++
      positives.see(user, item)
      grow(positives.users, positives.items)
      return positives.remove(user, item, time) === 'removed' ? 'changed' : 'nothing'
    },
    predict(user, item, time, code = fullAdd) {
      return predict(arrive(user, item, time), item, newsOf(user, item, time, code).goal > 0)
    },
    learn(user, item, time, measured, code = fullAdd) {
      counts.events++
      const news = newsOf(user, item, time, code)
      const excess = news.fresh && !userShare.admits(user)
      return add(arrive(user, item, time), item, { news, effort: 1, measured, excess })
    },
    applyStored(user, item, time, effort) {
      counts.events++
      const place = positives.placeOf(user, item)
      if (place < 0 || !userShare.admits(user)) return 'nothing'
      const moment = moments.before(user, place, time)
      const measured = predict(moment, item, shedding.measures(effort))
      const weight = positives.weight(user, item)
      learn(moment, item, { effort, weight, goal: weight, measured })
      return 'learned'
    },
    remember: createRemember(model, positives, prequential, grow),
  }
}
