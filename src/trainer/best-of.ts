// The K best items for one user now: the model's over the whole catalogue, or popularity alone for a user
// the model knows nothing of. Never an item the user has, nor one that nobody has any more.

import { createRanker } from '../rank/rank.ts'
import type { ListSource } from '../types.ts'
import type { Learner } from './learner.ts'
import type { Preferred } from './preference.ts'

export interface Best extends Preferred {
  readonly source: ListSource
}

/** `time`: the moment the list is for, in ms of event time. */
export function createBestOf(learner: Learner): (user: number, k: number, time: number) => Best {
  const { positives, prequential, preference } = learner
  const byPopularity = createRanker({
    kMax: preference.longest,
    exact: 'resume',
    order: 'itemId',
    candidates: 0,
    blockMax: 1,
  })
  let scores = new Float32Array(1024)

  return (user, k, time) => {
    const n = positives.items
    const most = Math.min(k, preference.longest)
    const doubted = learner.doubted.has(user)
    const unlisted = (item: number) =>
      positives.has(user, item) ||
      positives.holders[item] === 0 ||
      (doubted && positives.removals.has(user, item))
    if (positives.count(user) > 0) {
      const moment = learner.momentOf(user, time)
      return { ...preference.best(moment, n, most, unlisted), source: 'PERSONAL' }
    }
    if (scores.length < n) scores = new Float32Array(2 * n)
    for (let item = 0; item < n; item++) scores[item] = prequential.popularity(item)
    const best = byPopularity.byScore(scores, n, most, unlisted)
    const { count } = best
    return {
      items: best.items.slice(0, count),
      scores: best.scores.slice(0, count),
      source: 'POPULAR',
    }
  }
}
