// From scores to a list: the K best items, each with the probability that the user prefers it to the next one, and to
// the best one that is not listed. It is the whole of ranking where the order of items is total (NBPR, eq. 20; a tower
// over the user alone); see paper/algorithm-1.ts where it is not. Nothing is allocated per call.
//
// Symbols: n items, k length of the list, s_i the score of item i; i beats j iff s_i > s_j or (s_i = s_j and i < j);
// P = σ(s_i - s_j); r the best that found no place.

import { createSortingRoom, fill, type SortingRoom, sink, sortBest } from './best-first.ts'
import type { Excluded } from './preference.ts'

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
 * Returns the plain top-K of s over items 0…n-1: exact wherever the order is total. P is that of `logitsPerScore`
 * (s_i - s_j). `kMax`: the longest list that will be asked for.
 */
export function createScoreRanker(kMax: number) {
  const select = createTopK(kMax)
  const result = createRanked(kMax)
  return (
    scores: Float32Array,
    n: number,
    k: number,
    excluded: Excluded,
    logitsPerScore = 1,
  ): Ranked => {
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

export type RankByScore = ReturnType<typeof createScoreRanker>

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

export interface TopK {
  /** k, or all there are. */
  readonly count: number
  /** (kMax) best first, and their s; `count` are valid. */
  readonly items: Int32Array
  readonly scores: Float32Array
  /** The best that found no place, -1 if there is none. */
  readonly runnerUp: number
  /** Its score, -Infinity if there is none. */
  readonly runnerUpScore: number
}

/**
 * A selector for lists of up to `kMax`. It looks at items 0…n-1 with the scores in front of `scores`; `excluded` is
 * asked only for items that would enter the list. Throws a RangeError on NaN and on a k beyond kMax.
 */
export function createTopK(
  kMax: number,
): (scores: Float32Array, n: number, k: number, excluded: Excluded) => TopK {
  // One place more than the list, for the runner-up. The heap's root is the worst of those kept.
  const heapItems = new Int32Array(kMax + 1)
  const heapScores = new Float32Array(kMax + 1)
  const largest = new Float32Array(2 * (kMax + 1))
  const sorting = createSortingRoom(kMax + 1)
  const result = {
    count: 0,
    items: new Int32Array(kMax),
    scores: new Float32Array(kMax),
    runnerUp: -1,
    runnerUpScore: Number.NEGATIVE_INFINITY,
  }

  function take({ items, scores }: SortingRoom, count: number, k: number): TopK {
    result.count = Math.min(count, k)
    for (let at = 0; at < result.count; at++) {
      result.items[at] = items[at]!
      result.scores[at] = scores[at]!
    }
    result.runnerUp = count > k ? items[k]! : -1
    result.runnerUpScore = count > k ? scores[k]! : Number.NEGATIVE_INFINITY
    return result
  }

  return (scores, n, k, excluded) => {
    if (k < 0 || k > kMax || n > scores.length) {
      throw new RangeError(`k ${k} of at most ${kMax}, n ${n} of ${scores.length} scores`)
    }
    const sorted = sortBest(sorting, k + 1, scores, n, excluded)
    if (sorted >= 0) return take(sorting, sorted, k)
    const floor = floorOf(scores, n, largest.subarray(0, 2 * (k + 1)))
    let size = fill(heapItems, heapScores, k + 1, scores, n, floor, excluded)
    // Many of the largest are excluded.
    if (size <= k && floor > Number.NEGATIVE_INFINITY) {
      size = fill(heapItems, heapScores, k + 1, scores, n, Number.NEGATIVE_INFINITY, excluded)
    }
    result.runnerUp = -1
    result.runnerUpScore = Number.NEGATIVE_INFINITY
    result.count = Math.min(size, k)
    while (size > 0) {
      const at = --size
      if (at < k) {
        result.items[at] = heapItems[0]!
        result.scores[at] = heapScores[0]!
      } else {
        result.runnerUp = heapItems[0]!
        result.runnerUpScore = heapScores[0]!
      }
      sink(heapItems, heapScores, size, heapItems[size]!, heapScores[size]!)
    }
    return result
  }
}

/** Less is not worth a look ahead. */
const perBlockMin = 8

/**
 * A score that at least half as many items reach as `largest` has room for: the middle one of the largest scores of as
 * many blocks of items. Infinitely low where blocks would be short.
 */
function floorOf(scores: Float32Array, n: number, largest: Float32Array): number {
  const length = Math.floor(n / largest.length)
  if (length < perBlockMin) return Number.NEGATIVE_INFINITY
  for (let block = 0; block < largest.length; block++) {
    let most = Number.NEGATIVE_INFINITY
    for (let at = block * length; at < (block + 1) * length; at++) {
      if (scores[at]! > most) most = scores[at]!
    }
    largest[block] = most
  }
  return largest.sort()[largest.length >> 1]!
}
