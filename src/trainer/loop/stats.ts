// What the learning side reports of itself. How much of its time it spends on learning is known to whoever drives it.

import type { TrainerStats } from '../../messages.ts'
import type { Lists } from '../lists/lists.ts'
import type { ListableItems } from '../lists/recommender.ts'
import type { Learner } from '../model/learner.ts'
import { createNormWatch } from '../model/row-norms.ts'
import type { InputState } from './input-state.ts'

/** The forgetting probe is ranked again when the number of events has grown by this factor plus this many events. */
const probeGrowth = 1.2
const probeEvents = 1_000

/** What the learning side is busy with. */
export interface Work {
  /** Events that wait. */
  readonly queued: number
  /** Share of the full work that an event gets. */
  readonly effort: number
}

export interface StatsSources {
  readonly learner: Learner
  readonly lists: Lists
  readonly input: InputState
  readonly feed?: ListableItems | undefined
}

/**
 * `exact`: the forgetting probe is ranked now, which costs as much as hundreds of events; else its result may be as old
 * as a fifth of the stream, and as two fifths of it while events arrive faster than they can be learned.
 */
export function createStats({
  learner,
  lists,
  input,
  feed,
}: StatsSources): (exact: boolean, work: Work, between?: () => void) => TrainerStats {
  const largestNorm = createNormWatch(learner.networks)
  let forgetting: TrainerStats['forgetting'] = { before: 0, after: 0, users: 0 }
  let probeDue = 0

  function probe(exact: boolean, effort: number, between?: () => void): TrainerStats['forgetting'] {
    const { events } = learner.counts
    if (exact || events >= probeDue * (effort < 1 ? probeGrowth : 1)) {
      forgetting = learner.forgetting.report(events, learner.score, between)
      // Nothing was ranked where there is nobody to compare yet.
      if (forgetting.users > 0) probeDue = probeGrowth * events + probeEvents
    }
    return forgetting
  }

  return (exact, { queued, effort }, between) => {
    const { counts, networks, positives, prequential, parts, userShare } = learner
    const listBytes = learner.preference.bytes ?? 0
    const sum = (of: 'steps' | 'triplets' | 'rejected' | 'saturated') =>
      networks.reduce((total, network) => total + network.counts[of], 0)
    return {
      events: counts.events,
      repeats: counts.repeats,
      removals: counts.removals,
      users: input.users.length,
      items: positives.items,
      positives: positives.size,
      earlierItems: positives.earlier.size,
      itemsForgotten: positives.earlier.dropped,
      steps: sum('steps'),
      triplets: sum('triplets'),
      loss: counts.loss,
      drawsRejected: sum('rejected'),
      usersSaturated: sum('saturated'),
      learningShare: 0,
      learningSeconds: 0,
      listsRanked: lists.ranked,
      listsUnchanged: lists.unchanged,
      listsLate: lists.late,
      listsWithdrawn: lists.withdrawn(),
      itemsUnlisted: feed?.availability.unlisted().length ?? 0,
      queuedEvents: queued,
      debtEvents: learner.shedding.debt.events,
      debtGivenUp: learner.shedding.debt.givenUp,
      excessEvents: userShare.excess,
      ...(userShare.newestExcess >= 0 && { excessUser: input.users.name(userShare.newestExcess) }),
      shedShare: learner.shedding.share,
      effort,
      modelVersion: lists.version,
      bytes: parts.reduce((total, part) => total + part.bytes, positives.bytes + listBytes),
      newItemsUnscored: prequential.unscored,
      leftOutUnscored: prequential.leftOut,
      quality: prequential.quality(),
      forgetting: probe(exact, effort, between),
      weights: learner.preference.weights(),
      dead: Object.fromEntries(input.dead),
      skipped: Object.fromEntries(input.skipped),
      norm: largestNorm(between),
      evictions: { ...input.evictions },
    }
  }
}
