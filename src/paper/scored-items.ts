// The items that Algorithm 1 may compare, each with its score against an anchor item r, and the ways to leave some of
// them out.
//
// Symbols: n items, m of them left, r the anchor, g_i = z(i,r) - z(r,i).

import type { PairwiseRanker } from '../ports/engine.ts'
import type { Excluded } from '../rank/preference.ts'
import { createTopK } from '../rank/top-k.ts'
import { chooseAnchor } from './anchor.ts'
import { keepHighest, prefilterFactor } from './prefilter.ts'

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
