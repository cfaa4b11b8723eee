// From scores or comparisons to a list: K items, best first, each with the probability that the user prefers it to the
// next one. It knows no model; which items may not be listed is up to the caller's `excluded`.
//
// Symbols: s_i the score of item i where the order is total, z(i,j) the logit of «i is preferred to j»,
// P = σ(s_i - s_j) or σ((z(i,j) - z(j,i))/2). The half difference averages the two ways to
// compare a pair; it agrees with the order of the list, and the output bias (eq. 23) cancels.

import { isTotal, type Network, type PairwiseRanker, type UserBatch } from '../ports/engine.ts'
import type { Excluded } from '../rank/preference.ts'
import {
  createRanked,
  createScoreRanker,
  probability,
  type RankByScore,
  type Ranked,
} from '../rank/top-k.ts'
import type { Compare } from './algorithm-1.ts'
import { createCandidateFinder } from './candidates.ts'
import { createPlainPairwiseRankers, type PlainPairwiseRankers } from './plain-ranker.ts'

export interface RankOptions {
  /** Longest list that will be asked for. */
  readonly kMax: number
  /** K passes as the paper has it, or the champion stack: the same lists. */
  readonly exact: 'literal' | 'resume'
  /** Ascending by the anchor score, or by item id as the literal reading has it. */
  readonly order: 'anchor' | 'itemId'
  /** Candidates by anchor score that Algorithm 1 compares; 0: all. Not with `order: 'itemId'`. */
  readonly candidates: number
  /** See createAlgorithm1. */
  readonly blockMax: number
}

export interface Ranker {
  readonly byScore: RankByScore
  /**
   * Algorithm 1 over items 0…n-1. `anchor` -1 (none given): the ranker chooses one (scored-items.ts). `pairwise`: the
   * same comparisons, faster; it is used unless `exact` is 'literal'.
   */
  byComparison(
    compare: Compare,
    n: number,
    k: number,
    excluded: Excluded,
    anchor: number,
    pairwise?: PairwiseRanker,
  ): Ranked
  /** Pairs compared since creation, two logits each. */
  comparisons(): number
}

export function createRanker(options: RankOptions): Ranker {
  const { kMax, exact, candidates, blockMax } = options
  if (candidates !== 0 && candidates <= kMax) {
    throw new RangeError(`${candidates} candidates cannot fill ${kMax} places and a runner-up`)
  }
  const plain = createPlainPairwiseRankers(blockMax)
  const picker = createPicker(options, plain)
  const { picked } = picker
  const compareEach = createComparer(kMax, picked)
  const result = createRanked(kMax)

  function byComparison(
    compare: Compare,
    n: number,
    k: number,
    excluded: Excluded,
    anchor: number,
    given?: PairwiseRanker,
  ): Ranked {
    if (k < 0 || k > kMax) throw new RangeError(`k ${k} of at most ${kMax}`)
    const pairwise = given ?? plain.of(compare)
    // A network's ranker is valid until the network is asked for anything else, as the K passes do.
    const after = exact === 'literal' ? undefined : given
    const found = picker.pick(compare, n, k === 0 ? 0 : k + 1, excluded, anchor, pairwise)
    const count = Math.min(found, k)
    const pairs = Math.min(count, found - 1)
    result.items.set(picked.subarray(0, count))
    let chance = compareEach(pairs, (at) => at + 1, compare, after)
    for (let at = 0; at < count; at++) result.beatsNext[at] = at < pairs ? chance(at) : 1
    // A relation of pairs need not be transitive: an item later in the list is given no more than those before it.
    result.scores.fill(1, 0, count)
    if (found > count) {
      chance = compareEach(count, () => count, compare, after)
      for (let at = 0; at < count; at++) {
        result.scores[at] = Math.min(at > 0 ? result.scores[at - 1]! : 1, chance(at))
      }
    }
    result.count = count
    return result
  }

  return {
    byScore: createScoreRanker(kMax),
    byComparison,
    comparisons: () => picker.compared() + plain.passed,
  }
}

/** Algorithm 1 over the candidates: the items of a list and the runner-up, best first, into `picked`. */
function createPicker(
  { kMax, exact, order, candidates }: RankOptions,
  plain: PlainPairwiseRankers,
) {
  const finder = createCandidateFinder()
  // One more than the list: the runner-up.
  const picked = new Int32Array(kMax + 1)
  let compared = 0

  /** Puts the first `wanted` of the list into `picked`, and says how many there are. */
  function pick(
    compare: Compare,
    n: number,
    wanted: number,
    excluded: Excluded,
    anchor: number,
    pairwise: PairwiseRanker,
  ): number {
    const whole = order === 'itemId'
    if (!whole && candidates === 0 && exact === 'resume') {
      const upper = finder.fromAnchor(n, excluded, anchor, pairwise, wanted)
      if (upper !== undefined) {
        compared += upper.comparisons
        const r = upper.order[0]!
        const found = pairwise.pickBest(upper.order, upper.count, wanted, picked)
        compared += pairwise.compared
        // Once r is taken, its place in the scan would go to an item before it.
        const place = picked.subarray(0, found).indexOf(r)
        if (found === wanted && (place < 0 || place === found - 1)) return found
      }
    }
    const scan = whole
      ? finder.byItemId(n, excluded)
      : candidates === 0 && exact === 'resume'
        ? finder.rest()
        : finder.byAnchor(n, excluded, anchor, candidates, pairwise, wanted)
    compared += scan.comparisons
    if (exact === 'literal') return plain.literal(scan.order, scan.count, wanted, compare, picked)
    const found = pairwise.pickBest(scan.order, scan.count, wanted, picked)
    compared += pairwise.compared
    return found
  }

  return { picked, pick, compared: () => compared }
}

/** Compares picked items in pairs, both ways. */
function createComparer(kMax: number, picked: Int32Array) {
  const first = new Int32Array(2 * kMax)
  const second = new Int32Array(2 * kMax)
  /** z[2·at] and z[2·at + 1]: picked[at] over the other one, and that over it. */
  const z = new Float32Array(2 * kMax)
  const chance = (at: number): number => probability(z[2 * at]!, z[2 * at + 1]!, 0.5)

  /** P(picked[at] is preferred to picked[other(at)]) for at < pairs, valid until the next call. */
  return (
    pairs: number,
    other: (at: number) => number,
    compare: Compare,
    pairwise: PairwiseRanker | undefined,
  ): ((at: number) => number) => {
    for (let at = 0; at < pairs; at++) {
      first[2 * at] = second[2 * at + 1] = picked[at]!
      second[2 * at] = first[2 * at + 1] = picked[other(at)]!
      if (pairwise === undefined) continue
      const item = picked.subarray(at, at + 1)
      const [forward, reverse] = [z.subarray(2 * at), z.subarray(2 * at + 1)]
      pairwise.compareWith(picked[other(at)]!, item, 1, forward, reverse)
    }
    if (pairwise === undefined && pairs > 0) compare(first, second, 2 * pairs, z)
    return chance
  }
}

/**
 * Ranks items 0…n-1 for the one user of `users`: by score where the network's order is total, else by
 * comparison.
 */
export function createNetworkRanker(
  network: Pick<Network, 'spec' | 'scoreAll' | 'compare' | 'pairwiseRanker'>,
  ranker: Ranker,
): (users: UserBatch, n: number, k: number, excluded: Excluded, anchor: number) => Ranked {
  const total = isTotal(network.spec)
  // With learned weights s = (w1 + w2)·(p ⊙ V), which is z(i,j) - z(j,i), twice the logit (eq. 20).
  const logitsPerScore = network.spec.output === 'learned' ? 0.5 : 1
  return (users, n, k, excluded, anchor) => {
    if (!total) {
      const compare: Compare = (i, j, count, out) => network.compare(users, i, j, count, out)
      return ranker.byComparison(compare, n, k, excluded, anchor, network.pairwiseRanker?.(users))
    }
    return ranker.byScore(network.scoreAll(users, n), n, k, excluded, logitsPerScore)
  }
}
