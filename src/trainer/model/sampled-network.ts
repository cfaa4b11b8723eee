// A network of the fused model: it learns from draws of its own, some for the arriving event and some replays.

import type { OnlineNetwork, TrackedNetwork } from '../../learn/network/tracked-network.ts'
import type { DrawBatch } from '../../ports/engine.ts'
import type { Positives } from '../../remember/positives.ts'
import { createDrawBatch, createDrawer, type FreshWindow } from '../../sample/draws.ts'
import { createRandom } from '../../sample/random.ts'
import type { SharedDraws } from '../../sample/shared-draws.ts'
import { createTripletSampler, moveCounts, type TripletLimits } from '../../sample/triplets.ts'
import type { NetworkPlan } from './plan.ts'

export function createSampledNetwork(
  network: TrackedNetwork,
  plan: NetworkPlan,
  positives: Positives,
  window: FreshWindow,
  seed: number,
  limits: TripletLimits,
  shared: SharedDraws,
): OnlineNetwork {
  const random = createRandom(seed, plan.spec.name)
  const sampler = createTripletSampler(positives, random, limits, shared)
  const drawer = createDrawer(positives, sampler, window, random, plan.draws)
  const batch = createDrawBatch(plan.draws.replays, plan.draws)
  const counts = { steps: 0, triplets: 0, rejected: 0, saturated: 0 }
  const owed = createPortions()

  function step(drawn: DrawBatch, isUntouched: boolean): number {
    moveCounts(sampler.counts, counts)
    if (drawn.count === 0) return Number.NaN
    counts.steps += drawn.count
    counts.triplets += drawn.count * drawn.negatives
    return drawer.meanLoss(drawn, network.step(drawn, 'each', isUntouched))
  }

  return {
    network,
    counts,
    random,
    grow: (users, items, restored) => network.grow(users, items, restored),
    renew: network.renew,
    learnEvent(user, place, weight = 1, isUntouched = false) {
      drawer.immediate(batch, user, place, weight)
      return step(batch, isUntouched) / weight
    },
    replay(share) {
      drawer.replays(batch, Math.min(plan.draws.replays, owed(plan.draws.replays * share)))
      step(batch, false)
      return Number.NaN
    },
  }
}

/** Adds up the shares it is called with; each call returns the whole units reached and keeps the fraction. */
export function createPortions(): (share: number) => number {
  let sum = 0
  return (share) => {
    sum += share
    const whole = Math.floor(sum)
    sum -= whole
    return whole
  }
}
