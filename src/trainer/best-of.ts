// The K best items for one user now: the fused score over the whole catalogue, or popularity alone for a user
// the model knows nothing of. Never an item the user has, nor one that nobody has any more.

import { createTopK, type TopK } from '../rank/top-k.ts'
import type { ListSource } from '../types.ts'
import type { Learner } from './learner.ts'

/** Longest list that can be asked for. */
const listMax = 1_000

export interface Best {
  readonly items: Int32Array
  /** P(preferred to the next); of the last, to the runner-up. */
  readonly scores: Float32Array
  readonly source: ListSource
}

/** `time`: the moment the list is for, in ms of event time. */
export function createBestOf(learner: Learner): (user: number, k: number, time: number) => Best {
  const { positives, prequential } = learner
  const topK = createTopK(listMax)
  let scores = new Float32Array(1024)
  let everything = new Int32Array(0)

  return (user, k, time) => {
    const n = positives.items
    if (scores.length < n) scores = new Float32Array(2 * n)
    if (everything.length !== n) everything = Int32Array.from({ length: n }, (_, item) => item)
    const known = positives.count(user) > 0
    if (known) learner.scorer(learner.momentOf(user, time))(everything, scores)
    else for (let item = 0; item < n; item++) scores[item] = prequential.popularity(item)
    const unlisted = (item: number) => positives.has(user, item) || positives.holders[item] === 0
    const best = topK(scores, n, Math.min(k, listMax), unlisted)
    return {
      items: best.items.slice(0, best.count),
      scores: preferences(best),
      source: known ? 'PERSONAL' : 'POPULAR',
    }
  }
}

/** σ(s_k - s_{k+1}): the model's probability that the user prefers the k-th item to the next one. */
function preferences(best: TopK): Float32Array {
  return Float32Array.from({ length: best.count }, (_, at) => {
    const next = at + 1 < best.count ? best.scores[at + 1]! : best.runnerUpScore
    return 1 / (1 + Math.exp(next - best.scores[at]!))
  })
}
