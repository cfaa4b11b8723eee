// One event at a time: predict it, remember it, learn from it. This is the order that keeps every measure honest:
//   1. rank the item among 100 others (nothing of the event is known yet),
//   2. put it into the positive set,
//   3. learn the output weights, from scores of parts that have not seen the event,
//   4. learn each part from the event itself,
//   5. count it (trend, neighbours),
//   6. replay earlier positives, each with the history it had then.

import type { Config } from '../config.ts'
import { createForgetting, type Forgetting } from '../evaluate/forgetting.ts'
import { createPrequential, type Prequential, type Scorer } from '../evaluate/prequential.ts'
import { createFusion } from '../learn/fusion.ts'
import { createNeighbours, type Neighbours } from '../learn/neighbours.ts'
import { createNetworkPart } from '../learn/network-part.ts'
import type { Moment, Part } from '../learn/part.ts'
import { createTrend } from '../learn/trend.ts'
import { addAction } from '../messages.ts'
import type { Engine } from '../ports/engine.ts'
import { Positives } from '../remember/positives.ts'
import { createFreshWindow, type FreshWindow } from '../sample/draws.ts'
import { createUserBatch, gather } from '../sample/history.ts'
import { createRandom, type Random } from '../sample/random.ts'
import { createTripletSampler } from '../sample/triplets.ts'
import { createAlone } from './alone.ts'
import { createFused } from './fused.ts'
import { createLearned, type Learned } from './learned.ts'
import { createPaperLearned, isPaper, planPaper } from './paper.ts'
import { historyMax, planNetworks } from './plans.ts'
import type { Preference } from './preference.ts'

const fusionAccumulatorStart = 0.1
const trendHalfLives = [100, 1_000, 10_000]
const neighbourWindow = 20
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

export interface Learner {
  readonly positives: Positives
  readonly parts: readonly Part[]
  readonly learned: readonly Learned[]
  readonly preference: Preference
  readonly neighbours: Neighbours
  readonly prequential: Prequential
  readonly forgetting: Forgetting
  readonly window: FreshWindow
  readonly randoms: ReadonlyMap<string, Random>
  readonly counts: LearnerCounts
  /** Users whose removals may lie ahead of the input, because the store was read: they may still have the items. */
  readonly doubted: Set<number>
  /** `effort` in [0, 1]: share of the draws; 0 only remembers and counts. */
  apply(user: number, item: number, time: number, action: number, effort: number): Applied
  /** Remembers and counts what the store already knew: no prediction, no learning. */
  absorb(user: number, item: number, time: number, action: number): void
  /** The user as of `time`, with all they have now. Valid until the next call. */
  momentOf(user: number, time: number): Moment
  scorer(moment: Moment): Scorer
  /** Makes rows for all ids known so far. */
  grow(users: number, items: number): void
}

export function createLearner(config: Config, engine: Engine): Learner {
  const positives = new Positives(config)
  const paper = isPaper(config)
  const window = createFreshWindow(paper ? config.stepFreshWindow : config.freshWindow)
  const plans = paper ? [] : planNetworks(config)
  const learned = plans.map((plan) => {
    const network = engine.create(plan.spec, config.seed)
    return createLearned(network, plan, positives, window, config.seed, config)
  })
  const neighbours = createNeighbours({
    window: neighbourWindow,
    neighboursPerItemMax: config.neighboursPerItemMax,
  })
  const parts: Part[] = learned.map(({ network }, k) => createNetworkPart(network, plans[k]!.start))
  if (config.parts.includes('neighbours')) parts.push(neighbours)
  if (config.parts.includes('trend')) parts.push(createTrend(trendHalfLives))
  const randoms = new Map(
    ['fusion', 'test', 'probe'].map((name) => [name, createRandom(config.seed, name)] as const),
  )

  function fuse(): Preference {
    const fusion = createFusion(parts, {
      rate: config.fusionRate,
      accumulator: fusionAccumulatorStart,
      negatives: config.negatives,
      choices: config.choices,
    })
    const sampler = createTripletSampler(positives, randoms.get('fusion')!, config)
    return createFused(fusion, parts, sampler, config)
  }

  function asPaper(): Preference {
    const plan = planPaper(config)
    const network = engine.create(plan.spec, config.seed)
    learned.push(createPaperLearned(network, plan, positives, window, config.seed, config))
    parts.push(createNetworkPart(network, 1))
    return createAlone(network, config, (item) => prequential.popularity(item))
  }

  const preference = paper ? asPaper() : fuse()
  const [model = 'model', ...apart] = preference.names
  const prequential: Prequential = createPrequential(positives, randoms.get('test')!, [
    ...[model, 'itemKnn'],
    ...apart,
  ])
  const forgetting = createForgetting(positives, randoms.get('probe')!, config.probeUsersMax)
  const counts: LearnerCounts = { events: 0, repeats: 0, removals: 0, loss: Number.NaN }
  const arriving = { user: 0, time: 0, users: createUserBatch(1, historyMax) }
  const current = { user: 0, time: 0, users: createUserBatch(1, historyMax) }

  function fill(moment: typeof arriving, user: number, before: number, time: number): Moment {
    moment.user = user
    moment.time = time
    moment.users.count = 0
    gather(moment.users, positives, user, before, time, historyMax)
    return moment
  }

  const [own, ...others] = preference.scorers(arriving)
  const scorers: Scorer[] = [
    own!,
    (items, out) => neighbours.alone(arriving, items, out),
    ...others,
  ]

  function grow(users: number, items: number): void {
    for (const one of learned) one.grow(users, items)
  }

  function track(loss: number): void {
    if (Number.isNaN(loss)) return
    counts.loss = Number.isNaN(counts.loss) ? loss : counts.loss + lossMemory * (loss - counts.loss)
  }

  function learn(moment: Moment, user: number, item: number, effort: number): void {
    const place = positives.placeOf(user, item)
    if (place >= 0 && effort > 0) {
      preference.learn(moment, item)
      for (const one of learned) track(one.learnEvent(user, place))
    }
    window.push(user, item)
    for (const part of parts) part.observe(moment, item)
    if (!parts.includes(neighbours)) neighbours.observe(moment, item)
    prequential.observe(item)
    if (effort > 0) for (const one of learned) track(one.replay(effort))
  }

  function added(user: number, item: number, time: number, effort: number): Applied {
    const fresh = positives.takes(user, item, time)
    positives.see(user, -1)
    grow(positives.users, Math.max(positives.items, item + 1))
    const earlier = positives.placeAt(user, time)
    const moment = fill(arriving, user, earlier, time)
    prequential.predict(user, item, earlier, fresh && effort > 0, scorers)
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
    positives,
    parts,
    learned,
    preference,
    neighbours,
    prequential,
    forgetting,
    window,
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
    momentOf: (user, time) => fill(current, user, positives.count(user), time),
    apply(user, item, time, action, effort) {
      counts.events++
      if (action === addAction) return added(user, item, time, effort)
      counts.removals++
      positives.see(user, item)
      grow(positives.users, positives.items)
      return positives.remove(user, item, time) === 'removed' ? 'changed' : 'nothing'
    },
  }
}
