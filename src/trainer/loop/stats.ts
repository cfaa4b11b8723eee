// What the learning side says of itself. How much of its time it learns is known to whoever drives it.

import type { TrainerStats } from '../../messages.ts'
import type { Lists } from '../lists/lists.ts'
import type { Learner } from '../model/learner.ts'
import type { Books } from './state.ts'

export function statsOf(
  learner: Learner,
  lists: Lists,
  books: Books,
  queuedEvents: number,
  forgetting: TrainerStats['forgetting'],
): TrainerStats {
  const { counts, learned, positives, prequential, parts } = learner
  const sum = (of: 'steps' | 'triplets' | 'rejected' | 'saturated') =>
    learned.reduce((total, one) => total + one.counts[of], 0)
  return {
    events: counts.events,
    repeats: counts.repeats,
    removals: counts.removals,
    users: books.users.length,
    items: positives.items,
    positives: positives.size,
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
    queuedEvents,
    debtEvents: learner.shedding.debt.events,
    debtGivenUp: learner.shedding.debt.givenUp,
    shedShare: learner.shedding.share,
    modelVersion: lists.version,
    bytes: positives.bytes + parts.reduce((total, part) => total + part.bytes, 0),
    newItemsUnscored: prequential.unscored,
    quality: prequential.quality(),
    forgetting,
    weights: learner.preference.weights(),
    dead: Object.fromEntries(books.dead),
    skipped: Object.fromEntries(books.skipped),
  }
}
