// Which items Algorithm 1 compares, and in which order. In ascending order of a cheap score the champion changes often
// and late, which saves comparisons and keeps a weak item from rising. The cheap score is one comparison with an anchor
// item; the order by item id is the literal reading of the paper.
//
// Symbols: n items, M candidates, C most candidates kept, r the anchor, g_i = z(i,r) - z(r,i).

import type { PairwiseRanker } from '../ports/engine.ts'
import { createTopK, type Excluded } from '../rank/top-k.ts'
import { chooseAnchor } from './anchor.ts'
import { keepHighest, prefilterFactor } from './prefilter.ts'

/** Where the low half of a 64-bit number stands. */
const low = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1

/** In all orders `order` holds `count` items and is valid until the next call. */
export interface ScanOrder {
  readonly order: Int32Array
  readonly count: number
  /** Pairs compared for it, two logits each. */
  readonly comparisons: number
}

/** In the orders by an anchor, r -1 leaves the choice of the anchor to chooseAnchor(), for lists of k. */
export interface CandidateFinder {
  /** All items 0…n-1 that are not excluded, by item id. */
  byItemId(n: number, excluded: Excluded): ScanOrder
  /** The `most` (0: all) with the highest g, ascending by g, equal ones by item id. NaN throws. */
  byAnchor(
    n: number,
    excluded: Excluded,
    r: number,
    most: number,
    pairwise: Against,
    k?: number,
  ): ScanOrder
  /**
   * The order of byAnchor() for all items, from r on. All before r have g < 0: r beats each, so a scan that reaches r
   * makes r its champion, whichever item was before. undefined where an item before r ties with it, or r is excluded;
   * rest() then, or where r has been picked, gives the whole order.
   */
  fromAnchor(
    n: number,
    excluded: Excluded,
    r: number,
    pairwise: Against,
    k: number,
  ): ScanOrder | undefined
  /** After fromAnchor(): the order of all items, with the pairs that were compared if it gave none. */
  rest(): ScanOrder
}

export type Against = Pick<PairwiseRanker, 'compareWith' | 'estimate'>

export function createCandidateFinder(): CandidateFinder {
  let order = new Int32Array(0)
  let upper = new Int32Array(0)
  let g = new Float32Array(0)
  let back = new Float32Array(0)
  let keys = new BigUint64Array(0)
  let select = { most: 0, topK: createTopK(0) }
  let m = 0
  let compared = 0

  function reserve(n: number): void {
    if (order.length >= n) return
    order = new Int32Array(n)
    upper = new Int32Array(n)
    g = new Float32Array(n)
    back = new Float32Array(n)
    keys = new BigUint64Array(n)
  }

  function collect(n: number, excluded: Excluded): void {
    reserve(n)
    m = 0
    compared = 0
    if (excluded.listable !== undefined) m = excluded.listable(n, order)
    else for (let item = 0; item < n; item++) if (!excluded(item)) order[m++] = item
  }

  /** g of all against r, which is returned. */
  function scoreAgainst(given: number, k: number, pairwise: Against): number {
    let r = given
    if (r < 0) {
      const { anchor, comparisons } = chooseAnchor(order, m, k, pairwise)
      r = anchor
      compared += comparisons
    }
    if (m > 0) pairwise.compareWith(r, order, m, g, back)
    compared += m
    for (let x = 0; x < m; x++) {
      // Equal infinities are equal, and their difference would be NaN; -0 must sort as 0. r is its own equal.
      const gap = g[x] === back[x] || order[x] === r ? 0 : g[x]! - back[x]!
      if (Number.isNaN(gap)) {
        throw new RangeError(`item ${order[x]} against anchor ${r}: the logits give NaN`)
      }
      g[x] = gap
    }
    return r
  }

  /** Native sort of whole numbers: the float's bits made ascending above, the item id below. */
  function sortByScore(items: Int32Array, scores: Float32Array, count: number): void {
    const halves = new Uint32Array(keys.buffer)
    const bits = new Uint32Array(scores.buffer)
    for (let x = 0; x < count; x++) {
      const sign = bits[x]! >>> 31
      halves[2 * x + low] = items[x]!
      halves[2 * x + 1 - low] = sign === 1 ? ~bits[x]! : bits[x]! | 0x80000000
    }
    keys.subarray(0, count).sort()
    for (let x = 0; x < count; x++) items[x] = halves[2 * x + low]!
  }

  /** Leaves out those that need not be compared to keep `most`, where the pairwise ranker can estimate scores. */
  function estimate(given: number, most: number, pairwise: Against): void {
    if (pairwise.estimate === undefined || m <= prefilterFactor * most) return
    pairwise.estimate(given < 0 ? order[m >> 1]! : given, order, m, g)
    m = keepHighest(order, g, m, prefilterFactor * most)
  }

  /** Keeps those with the highest g, of equal ones the lower ids. */
  function cut(most: number): void {
    if (select.most !== most) select = { most, topK: createTopK(most) }
    const { items: places, scores } = select.topK(g, m, most, none)
    for (let x = 0; x < most; x++) upper[x] = order[places[x]!]!
    g.set(scores)
    order.set(upper.subarray(0, most))
    m = most
  }

  function whole(): ScanOrder {
    sortByScore(order, g, m)
    return { order, count: m, comparisons: compared }
  }

  return {
    byItemId(n, excluded) {
      collect(n, excluded)
      return { order, count: m, comparisons: 0 }
    },
    byAnchor(n, excluded, given, most, pairwise, k = 0) {
      collect(n, excluded)
      if (most > 0) estimate(given, most, pairwise)
      scoreAgainst(given, k, pairwise)
      if (most > 0 && most < m) cut(most)
      return whole()
    },
    fromAnchor(n, excluded, given, pairwise, k) {
      collect(n, excluded)
      const r = scoreAgainst(given, k, pairwise)
      let count = 0
      let has = false
      for (let x = 0; x < m; x++) {
        if (g[x]! < 0) continue
        const item = order[x]!
        if (g[x] === 0 && item < r) return undefined
        if (item === r) has = true
        back[count] = g[x]!
        upper[count++] = item
      }
      if (!has) return undefined
      sortByScore(upper, back, count)
      const comparisons = compared
      compared = 0
      return { order: upper, count, comparisons }
    },
    rest: whole,
  }
}

function none(): boolean {
  return false
}
