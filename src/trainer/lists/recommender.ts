// The K best items for one user now: the model's over the whole catalogue, or popularity alone for a user
// the model knows nothing of. Never an item the user has, nor one that nobody has any more.

import type { Preferred } from '../../rank/preference.ts'
import { createScoreRanker } from '../../rank/rank.ts'
import type { Excluded } from '../../rank/top-k.ts'
import type { ListSource } from '../../types.ts'
import type { Learner } from '../model/learner.ts'

export interface Best extends Preferred {
  readonly source: ListSource
}

/** `time`: the moment the list is for, in ms of event time. */
export function createRecommender(
  learner: Learner,
): (user: number, k: number, time: number) => Best {
  const { positives, prequential, preference } = learner
  const byPopularity = createScoreRanker(preference.longest)
  let scores = new Float32Array(1024)
  let marks = new Uint8Array(1024)

  function unlistedFor(user: number): Excluded {
    const doubted = learner.doubted.has(user)
    const unlisted: Excluded = (item) =>
      positives.has(user, item) ||
      positives.holders[item] === 0 ||
      (doubted && positives.removals.has(user, item))
    if (!doubted) unlisted.listable = (n, out) => listableFor(user, n, out)
    return unlisted
  }

  /** The same for all items at once: what the user has is marked, instead of looked up for every item. */
  function listableFor(user: number, n: number, out: Int32Array): number {
    if (marks.length < n) marks = new Uint8Array(2 * n)
    const { holders, runs, withheld } = positives
    const first = runs.start[user]!
    const end = first + positives.count(user)
    const apart = withheld.get(user)?.item ?? -1
    for (let at = first; at < end; at++) marks[runs.items[at]!] = 1
    if (apart >= 0) marks[apart] = 1
    let count = 0
    for (let item = 0; item < n; item++) {
      if (marks[item] === 0 && holders[item] !== 0) out[count++] = item
    }
    for (let at = first; at < end; at++) marks[runs.items[at]!] = 0
    if (apart >= 0) marks[apart] = 0
    return count
  }

  return (user, k, time) => {
    const n = positives.items
    const most = Math.min(k, preference.longest)
    const unlisted = unlistedFor(user)
    if (positives.count(user) > 0) {
      const moment = learner.momentOf(user, time)
      return { ...preference.best(moment, n, most, unlisted), source: 'PERSONAL' }
    }
    if (scores.length < n) scores = new Float32Array(2 * n)
    for (let item = 0; item < n; item++) scores[item] = prequential.popularity(item)
    const best = byPopularity(scores, n, most, unlisted)
    const { count } = best
    return {
      items: best.items.slice(0, count),
      scores: best.scores.slice(0, count),
      source: 'POPULAR',
    }
  }
}
