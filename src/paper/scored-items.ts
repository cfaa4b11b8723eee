// The items that Algorithm 1 may compare, each with its score against an anchor item r, and the ways to leave some of
// them out: which item is the anchor, and which are compared at all where the network can estimate their scores.
//
// Symbols: n items, m of them left, r the anchor, g_i = z(i,r) - z(r,i), K the length of the list.

import type { PairwiseRanker } from '../ports/engine.ts'
import type { Excluded } from '../rank/preference.ts'
import { createTopK } from '../rank/top-k.ts'

export type Against = Pick<PairwiseRanker, 'compareWith' | 'estimate'>

export interface ScoredItems {
  /** The items, `count` of them valid. */
  readonly order: Int32Array
  /** Their scores, once there are any. */
  readonly g: Float32Array
  readonly count: number
  /** Pairs compared since the last call of takeCompared(), two logits each. */
  takeCompared(): number
  /** All items 0…n-1 that are not excluded, by item id. */
  collect(n: number, excluded: Excluded): void
  /** Leaves out those that need not be compared to keep `most`, where the pairwise ranker can estimate scores. */
  prefilter(r: number, most: number, pairwise: Against): void
  /** g of all against r, or against the anchor chosen for lists of k where r is -1; returns it. NaN throws. */
  scoreAgainst(r: number, k: number, pairwise: Against): number
  /** Keeps those with the highest g, of equal ones the lower ids. */
  keepBest(most: number): void
}

export function createScoredItems(): ScoredItems {
  let order = new Int32Array(0)
  let kept = new Int32Array(0)
  let g = new Float32Array(0)
  let reverse = new Float32Array(0)
  let select = { most: 0, topK: createTopK(0) }
  let m = 0
  let compared = 0

  function reserve(n: number): void {
    if (order.length >= n) return
    order = new Int32Array(n)
    kept = new Int32Array(n)
    g = new Float32Array(n)
    reverse = new Float32Array(n)
  }

  return {
    get order() {
      return order
    },
    get g() {
      return g
    },
    get count() {
      return m
    },
    takeCompared() {
      const pairs = compared
      compared = 0
      return pairs
    },
    collect(n, excluded) {
      reserve(n)
      m = 0
      compared = 0
      if (excluded.listable !== undefined) m = excluded.listable(n, order)
      else for (let item = 0; item < n; item++) if (!excluded(item)) order[m++] = item
    },
    prefilter(given, most, pairwise) {
      if (pairwise.estimate === undefined || m <= prefilterFactor * most) return
      pairwise.estimate(given < 0 ? order[m >> 1]! : given, order, m, g)
      m = keepHighest(order, g, m, prefilterFactor * most)
    },
    scoreAgainst(given, k, pairwise) {
      let r = given
      if (r < 0) {
        const { anchor, comparisons } = chooseAnchor(order, m, k, pairwise)
        r = anchor
        compared += comparisons
      }
      if (m > 0) pairwise.compareWith(r, order, m, g, reverse)
      compared += m
      writeGaps(order, g, reverse, m, r)
      return r
    },
    keepBest(most) {
      if (select.most !== most) select = { most, topK: createTopK(most) }
      const { items: places, scores } = select.topK(g, m, most, none)
      for (let x = 0; x < most; x++) kept[x] = order[places[x]!]!
      g.set(scores)
      order.set(kept.subarray(0, most))
      m = most
    },
  }
}

/** g = z(i,r) - z(r,i) of the first m items, from z(i,r) in g and z(r,i) in `reverse`. */
function writeGaps(
  order: Int32Array,
  g: Float32Array,
  reverse: Float32Array,
  m: number,
  r: number,
): void {
  for (let x = 0; x < m; x++) {
    // Equal infinities are equal, and their difference would be NaN; -0 must sort as 0. r is its own equal.
    const gap = g[x] === reverse[x] || order[x] === r ? 0 : g[x]! - reverse[x]!
    if (Number.isNaN(gap)) {
      throw new RangeError(`item ${order[x]} against anchor ${r}: the logits give NaN`)
    }
    g[x] = gap
  }
}

function none(): boolean {
  return false
}

/** S = ⌈1.5·√M⌉: the sample costs little, and about 2·√M items beat the third of it. */
const sampledPerRoot = 1.5
/** The anchor's place in the sample: this, plus the share of the sample that corresponds to twice the list. */
const placesMin = 3

/**
 * The anchor that a scan starts from: the item of order[0…m-1] that is the t-th of an even sample of S of them by z(i,
 * first of the sample); -1 without candidates. It depends only on the model, the user and the candidates. Few items
 * should beat it, because the scan continues from there; but more items than the list has places, or the scan must be
 * repeated from the start.
 */
function chooseAnchor(
  order: Int32Array,
  m: number,
  k: number,
  pairwise: Pick<PairwiseRanker, 'compareWith'>,
): { anchor: number; comparisons: number } {
  if (m === 0) return { anchor: -1, comparisons: 0 }
  const s = Math.ceil(sampledPerRoot * Math.sqrt(m))
  const t = Math.min(s, placesMin + Math.floor((2 * k * s) / m))
  const sample = Int32Array.from({ length: s }, (_, x) => order[Math.floor(((x + 0.5) * m) / s)]!)
  const logits = new Float32Array(s)
  pairwise.compareWith(sample[0]!, sample, s, logits)
  const best = Array.from(sample.keys()).sort((x, y) => logits[y]! - logits[x]! || x - y)
  return { anchor: sample[best[t - 1]!]!, comparisons: Math.ceil(s / 2) }
}

/** How many times more candidates are compared with the anchor than will be kept. */
const prefilterFactor = 8

const bins = 1_024
const counts = new Int32Array(bins)

/**
 * Which of many candidates are compared at all: several times more than will be kept, because an estimate to first
 * order is not the tower itself. Keeps, in their order, the items of order[0…m-1] whose scores are in the upper bins
 * that hold at least `least` of them; returns how many. All are kept where the scores are not finite or do not differ.
 */
function keepHighest(order: Int32Array, scores: Float32Array, m: number, least: number): number {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let x = 0; x < m; x++) {
    const score = scores[x]!
    if (!(score >= low)) low = score
    if (!(score <= high)) high = score
  }
  const scale = (bins - 1) / (high - low)
  if (m <= least || !(scale > 0 && scale < Number.POSITIVE_INFINITY)) return m
  counts.fill(0)
  for (let x = 0; x < m; x++) counts[((scores[x]! - low) * scale) | 0]!++
  let bin = bins
  for (let above = 0; bin > 0 && above < least; ) above += counts[--bin]!
  let kept = 0
  for (let x = 0; x < m; x++) {
    if ((((scores[x]! - low) * scale) | 0) >= bin) order[kept++] = order[x]!
  }
  return kept
}
