// From scores to a list: the K best items, best first, each with the probability that the user prefers it to the best
// item that is not listed, and to the next one. It knows no model; which items may not be listed is up to the caller's
// `excluded`.
//
// Symbols: s_i the score of item i, P = σ(s_i - s_j) of items i and j, r the best that found no place.

import { createTopK, type Excluded } from './top-k.ts'

/** The longest list that can be asked for. */
export const listMax = 1_000

/** Valid until the next call of the same ranker. */
export interface Ranked {
  /** k, or as many as may be listed. */
  readonly count: number
  /** (kMax), best first, `count` of them valid. */
  readonly items: Int32Array
  /** (kMax) P of each against r: falls down the list. 1 where there is no r. */
  readonly scores: Float32Array
  /** (kMax) P of each against the next, of the last against r; 1 where there is none. */
  readonly beatsNext: Float32Array
}

/**
 * The plain top-K of s over items 0…n-1: exact wherever the order is total. P is that of `logitsPerScore` (s_i - s_j);
 * 1 where it is left out.
 */
export type RankByScore = (
  scores: Float32Array,
  n: number,
  k: number,
  excluded: Excluded,
  logitsPerScore?: number,
) => Ranked

/** `kMax`: the longest list that will be asked for. */
export function createScoreRanker(kMax: number): RankByScore {
  const select = createTopK(kMax)
  const result = createRanked(kMax)
  return (scores, n, k, excluded, logitsPerScore = 1) => {
    const best = select(scores, n, k, excluded)
    const { count, runnerUp, runnerUpScore } = best
    for (let at = 0; at < count; at++) {
      const own = best.scores[at]!
      result.items[at] = best.items[at]!
      result.scores[at] = runnerUp < 0 ? 1 : probability(own, runnerUpScore, logitsPerScore)
      const isLast = at === count - 1
      result.beatsNext[at] = isLast
        ? result.scores[at]!
        : probability(own, best.scores[at + 1]!, logitsPerScore)
    }
    result.count = count
    return result
  }
}

export function createRanked(kMax: number) {
  return {
    count: 0,
    items: new Int32Array(kMax),
    scores: new Float32Array(kMax),
    beatsNext: new Float32Array(kMax),
  }
}

/** What a ranker has found, to keep. */
export function copyOf({ count, items, scores, beatsNext }: Ranked) {
  return {
    items: items.slice(0, count),
    scores: scores.slice(0, count),
    beatsNext: beatsNext.slice(0, count),
  }
}

/** σ(scale (a - b)); equal infinities are equal. */
export function probability(a: number, b: number, scale: number): number {
  return a === b ? 0.5 : 1 / (1 + Math.exp(scale * (b - a)))
}
