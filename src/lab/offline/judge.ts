// Evaluates a model on a split: how high does the held-out item rank among its negatives (sampled) and in the whole
// catalogue (full)? Ties get the middle rank. Neither trains nor chooses what is held out.

import {
  addRank,
  midRank,
  newQuality,
  type QualityWithError,
  qualityOf,
} from '../../measure/metrics.ts'
import { createAlgorithm1 } from '../../paper/algorithm-1.ts'
import type { Random } from '../../sample/random.ts'
import { shuffled } from '../../sample/random.ts'
import type { Split } from './leave-one-out.ts'

/** A model whose order is total: out[x] = score of items[x] for the user, x < count. Higher is better. */
export type OfflineScorer = (
  user: number,
  items: Int32Array,
  count: number,
  out: Float32Array,
) => void

/** A pairwise model: out[x] = logit of «the user prefers first[x] to second[x]», x < count. */
export type OfflineComparer = (
  user: number,
  first: Int32Array,
  second: Int32Array,
  count: number,
  out: Float32Array,
) => void

export type HeldOutPart = 'validation' | 'test'

export interface JudgeOptions {
  /** Among every item that the user does not have (train, validation, test) instead of the negatives. */
  readonly full?: boolean
  /** Evaluate every n-th user only, where ranking is expensive; default 1: all. */
  readonly every?: number
}

/** Zero-based ranks of the held-out items, one per judged user, by the scores. */
export function ranksByScore(
  split: Split,
  scorer: OfflineScorer,
  part: HeldOutPart,
  options: JudgeOptions = {},
): Float64Array {
  const candidates = candidatesFor(split, options)
  const scores = new Float32Array(candidates.length)
  return eachJudged(split, part, options, candidates, (user, count) => {
    scorer(user, candidates, count, scores)
    return midRank(scores, count)
  })
}

/** The authors' way: the rank is the number of candidates that beat the held-out item in their own pair. */
export function ranksByCount(
  split: Split,
  comparer: OfflineComparer,
  part: HeldOutPart,
  options: JudgeOptions = {},
): Float64Array {
  const candidates = candidatesFor(split, options)
  const own = new Int32Array(candidates.length)
  const forward = new Float32Array(candidates.length)
  const reverse = new Float32Array(candidates.length)
  return eachJudged(split, part, options, candidates, (user, count) => {
    own.fill(candidates[0]!, 0, count)
    comparer(user, own, candidates, count, forward)
    comparer(user, candidates, own, count, reverse)
    for (let x = 0; x < count; x++) reverse[x]! -= forward[x]!
    reverse[0] = 0
    return midRank(reverse, count)
  })
}

/**
 * The paper's list of k by Algorithm 1 over the candidates in random order; the rank is the place in the
 * list, or the number of candidates when the item is not listed. The relation need not be transitive,
 * so the order matters: it is drawn from `random`, and no item has a place of its own.
 */
export function ranksByAlgorithm1(
  split: Split,
  comparer: OfflineComparer,
  part: HeldOutPart,
  random: Random,
  k = 10,
): Float64Array {
  const candidates = candidatesFor(split, {})
  const order = new Int32Array(candidates.length)
  const list = new Int32Array(k)
  const { resume } = createAlgorithm1({ blockMax: 16 })
  return eachJudged(split, part, {}, candidates, (user, count) => {
    const places = shuffled(count, random)
    for (let x = 0; x < count; x++) order[x] = candidates[places[x]!]!
    const listed = resume(
      order,
      count,
      k,
      (first, second, pairs, out) => comparer(user, first, second, pairs, out),
      list,
    )
    const place = list.subarray(0, listed).indexOf(candidates[0]!)
    return place < 0 ? count : place
  })
}

/** HR@10, NDCG@10 and the standard error of HR@10 over the ranks. */
export function qualityOfRanks(ranks: Float64Array, k = 10): QualityWithError {
  const sums = newQuality()
  for (const rank of ranks) addRank(sums, rank, k)
  return qualityOf(sums)
}

function candidatesFor(split: Split, options: JudgeOptions): Int32Array {
  return new Int32Array(options.full ? split.items.length : split.negativesPerUser + 1)
}

/** Calls `rankOf` with the held-out item as candidate 0, for every judged user who has one, in order. */
function eachJudged(
  split: Split,
  part: HeldOutPart,
  options: JudgeOptions,
  candidates: Int32Array,
  rankOf: (user: number, count: number) => number,
): Float64Array {
  const { full = false, every = 1 } = options
  const targets = split[part].items
  const ranks: number[] = []
  const has = new Int32Array(split.items.length).fill(-1)
  for (let user = 0; user < targets.length; user += every) {
    if (targets[user]! < 0) continue
    candidates[0] = targets[user]!
    const count = full
      ? gatherAll(split, user, has, candidates)
      : gatherNegatives(split, user, candidates)
    ranks.push(rankOf(user, count))
  }
  return Float64Array.from(ranks)
}

function gatherNegatives(split: Split, user: number, candidates: Int32Array): number {
  let count = 1
  const from = user * split.negativesPerUser
  for (let at = from; at < from + split.negativesPerUser; at++) {
    if (split.negatives[at]! >= 0) candidates[count++] = split.negatives[at]!
  }
  return count
}

function gatherAll(split: Split, user: number, has: Int32Array, candidates: Int32Array): number {
  const { start, items } = split.train
  for (let at = start[user]!; at < start[user + 1]!; at++) has[items[at]!] = user
  for (const part of [split.validation, split.test]) {
    if (part.items[user]! >= 0) has[part.items[user]!] = user
  }
  let count = 1
  for (let item = 0; item < has.length; item++) {
    if (has[item] !== user) candidates[count++] = item
  }
  return count
}
