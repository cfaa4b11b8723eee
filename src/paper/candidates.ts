// Which items Algorithm 1 compares, and in which order. In ascending order of a cheap score the champion changes often
// and late, which saves comparisons and keeps a weak item from rising. The cheap score is one comparison with an anchor
// item; the order by item id is the literal reading of the paper.
//
// Symbols: n items, M candidates, C most candidates kept, r the anchor, g_i = z(i,r) - z(r,i).

import type { Excluded } from '../rank/preference.ts'
import { type Against, createScoredItems } from './scored-items.ts'

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

export function createCandidateFinder(): CandidateFinder {
  const scored = createScoredItems()
  const sortByScore = createScoreSort()
  let upper = new Int32Array(0)
  let upperScores = new Float32Array(0)

  function reserve(n: number): void {
    if (upper.length >= n) return
    upper = new Int32Array(n)
    upperScores = new Float32Array(n)
  }

  /** Puts the items from r on into `upper`, with their scores; -1 where r does not come first or is not there. */
  function takeUpper(r: number): number {
    const { order, g, count: m } = scored
    let count = 0
    let has = false
    for (let x = 0; x < m; x++) {
      if (g[x]! < 0) continue
      const item = order[x]!
      if (g[x] === 0 && item < r) return -1
      if (item === r) has = true
      upperScores[count] = g[x]!
      upper[count++] = item
    }
    return has ? count : -1
  }

  function whole(): ScanOrder {
    const { order, g, count } = scored
    sortByScore(order, g, count)
    return { order, count, comparisons: scored.takeCompared() }
  }

  return {
    byItemId(n, excluded) {
      scored.collect(n, excluded)
      return { order: scored.order, count: scored.count, comparisons: 0 }
    },
    byAnchor(n, excluded, given, most, pairwise, k = 0) {
      scored.collect(n, excluded)
      if (most > 0) scored.prefilter(given, most, pairwise)
      scored.scoreAgainst(given, k, pairwise)
      if (most > 0 && most < scored.count) scored.keepBest(most)
      return whole()
    },
    fromAnchor(n, excluded, given, pairwise, k) {
      scored.collect(n, excluded)
      const r = scored.scoreAgainst(given, k, pairwise)
      reserve(scored.order.length)
      const count = takeUpper(r)
      if (count < 0) return undefined
      sortByScore(upper, upperScores, count)
      return { order: upper, count, comparisons: scored.takeCompared() }
    },
    rest: whole,
  }
}

/** Where the low half of a 64-bit number stands. */
const low = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1

/**
 * The function sorts the first `count` items by their scores, ascending, equal scores by item id; the scores stay where
 * they are. It sorts whole numbers of 64 bits, because the native sort of these is the fastest there is.
 */
function createScoreSort(): (items: Int32Array, scores: Float32Array, count: number) => void {
  let keys = new BigUint64Array(0)

  return (items, scores, count) => {
    if (keys.length < count) keys = new BigUint64Array(items.length)
    const halves = new Uint32Array(keys.buffer)
    const bits = new Uint32Array(scores.buffer)
    for (let x = 0; x < count; x++) {
      // The bits of a float made ascending above, the item id below.
      const sign = bits[x]! >>> 31
      halves[2 * x + low] = items[x]!
      halves[2 * x + 1 - low] = sign === 1 ? ~bits[x]! : bits[x]! | 0x80000000
    }
    keys.subarray(0, count).sort()
    for (let x = 0; x < count; x++) items[x] = halves[2 * x + low]!
  }
}
