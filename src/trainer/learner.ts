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
import { createFusion, type Fusion } from '../learn/fusion.ts'
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
import { createLearned, type Learned } from './learned.ts'
import { historyMax, planNetworks } from './plans.ts'

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
  readonly fusion: Fusion
  readonly neighbours: Neighbours
  readonly prequential: Prequential
  readonly forgetting: Forgetting
  readonly window: FreshWindow
  readonly randoms: ReadonlyMap<string, Random>
  readonly counts: LearnerCounts
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
  const positives = new Positives({ positivesPerUserMax: config.positivesPerUserMax })
  const window = createFreshWindow(config.freshWindow)
  const plans = planNetworks(config)
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
  const { negatives, choices } = config
  const fusion = createFusion(parts, {
    rate: config.fusionRate,
    accumulator: fusionAccumulatorStart,
    negatives,
    choices,
  })
  const randoms = new Map(
    ['fusion', 'test', 'probe'].map((name) => [name, createRandom(config.seed, name)] as const),
  )
  const sampler = createTripletSampler(positives, randoms.get('fusion')!, config)
  const prequential = createPrequential(positives, randoms.get('test')!, [
    'model',
    'itemKnn',
    ...parts.flatMap(({ name }) => [name, `without.${name}`]),
  ])
  const forgetting = createForgetting(positives, randoms.get('probe')!, config.probeUsersMax)
  const candidates = new Int32Array(1 + negatives * choices)
  const fused = new Float32Array(128)
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

  function scorer(moment: Moment): Scorer {
    return (items, out) => fusion.score(moment, items, out)
  }

  /** The model first: the parts read what its scoring left behind. */
  const scorers: Scorer[] = [
    (items, out) => {
      fusion.score(arriving, items, out)
      fused.set(out.subarray(0, items.length))
    },
    (items, out) => neighbours.alone(arriving, items, out),
    ...parts.flatMap((_, p): Scorer[] => [
      (items, out) => fusion.gave(arriving, p, items.length, out),
      (items, out) => {
        fusion.gave(arriving, p, items.length, out)
        for (let x = 0; x < items.length; x++) out[x] = fused[x]! - out[x]!
      },
    ]),
  ]

  function grow(users: number, items: number): void {
    for (const { network } of learned) network.grow(users, items)
  }

  /** Candidates for the output layer; false when the user has nearly everything. */
  function drawCandidates(user: number, item: number): boolean {
    candidates[0] = item
    let previous = -1
    for (let x = 1; x < candidates.length; x++) {
      const j = sampler.negative(user)
      candidates[x] = j >= 0 ? j : previous
      previous = candidates[x]!
      if (previous < 0) return false
    }
    return true
  }

  function learn(moment: Moment, user: number, item: number, effort: number): void {
    const place = positives.placeOf(user, item)
    if (place >= 0 && effort > 0) {
      if (drawCandidates(user, item)) fusion.learn(moment, candidates)
      for (const one of learned) {
        const loss = one.learnEvent(user, place)
        if (Number.isNaN(loss)) continue
        counts.loss = Number.isNaN(counts.loss)
          ? loss
          : counts.loss + lossMemory * (loss - counts.loss)
      }
    }
    window.push(user, item)
    for (const part of parts) part.observe(moment, item)
    if (!parts.includes(neighbours)) neighbours.observe(moment, item)
    prequential.observe(item)
    if (effort > 0) for (const one of learned) one.replay(effort)
  }

  function added(user: number, item: number, time: number, effort: number): Applied {
    const fresh = !positives.has(user, item)
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
    fusion,
    neighbours,
    prequential,
    forgetting,
    window,
    randoms,
    counts,
    scorer,
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
