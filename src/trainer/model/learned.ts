// One learned network at work in the stream: its batches, its draws, its steps.

import type { DrawBatch, Network } from '../../ports/engine.ts'
import type { Positives } from '../../remember/positives.ts'
import { createDrawBatch, createDrawer, type FreshWindow } from '../../sample/draws.ts'
import { createRandom, type Random } from '../../sample/random.ts'
import {
  createTripletSampler,
  type SamplerCounts,
  type TripletLimits,
} from '../../sample/triplets.ts'
import { createPortions } from '../loop/overload.ts'
import type { LearnedPlan } from './plans.ts'

export interface Learned {
  readonly network: Network
  readonly counts: { steps: number; triplets: number; rejected: number; saturated: number }
  /** Makes rows for all ids known so far. */
  grow(users: number, items: number): void
  /** Steps on the arriving event: the user's positive at `place`. Returns the mean loss, or NaN without draws. */
  learnEvent(user: number, place: number): number
  /** Steps on earlier positives, `share` of the plan's number. Returns a loss where learnEvent has none, else NaN. */
  replay(share: number): number
  readonly random: Random
}

export function createLearned(
  network: Network,
  plan: LearnedPlan,
  positives: Positives,
  window: FreshWindow,
  seed: number,
  limits: TripletLimits,
): Learned {
  const random = createRandom(seed, plan.spec.name)
  const sampler = createTripletSampler(positives, random, limits)
  const drawer = createDrawer(positives, sampler, window, random, plan.draws)
  const batch = createDrawBatch(plan.draws.replays, plan.draws)
  const counts = { steps: 0, triplets: 0, rejected: 0, saturated: 0 }
  const owed = createPortions()

  function step(drawn: DrawBatch): number {
    collect(sampler.counts, counts)
    if (drawn.count === 0) return Number.NaN
    counts.steps += drawn.count
    counts.triplets += drawn.count * drawn.negatives
    // As of one times the negatives, however many a draw has.
    return (network.step(drawn, 'each') * plan.draws.negatives) / drawn.negatives
  }

  return {
    network,
    counts,
    random,
    grow: (users, items) => network.grow(users, items),
    learnEvent(user, place) {
      drawer.immediate(batch, user, place)
      return step(batch)
    },
    replay(share) {
      drawer.replays(batch, Math.min(plan.draws.replays, owed(plan.draws.replays * share)))
      step(batch)
      return Number.NaN
    },
  }
}

/** Moves what a sampler has counted over, so that the sums go on after a restore. */
export function collect(from: SamplerCounts, into: SamplerCounts): void {
  into.rejected += from.rejected
  into.saturated += from.saturated
  from.rejected = 0
  from.saturated = 0
}
