// Which items Algorithm 1 compares, and in which order it meets them. Ascending by a cheap score the
// champion changes often and late, which saves comparisons and keeps a weak one from drifting upward.
// The cheap score is one comparison against one anchor item; by item id is the literal order.
//
// Symbols: n items, M candidates, C most candidates kept, r the anchor, g_i = z(i,r) - z(r,i).

import type { Compare } from './algorithm-1.ts'
import type { Excluded } from './top-k.ts'

/** Candidates per call of the anchor pass: enough to amortize a call, small enough for a cache. */
const chunk = 1_024
/** Where the low half of a 64-bit number stands. */
const low = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1

/** In both orders `order` holds `count` items and is valid until the next call. */
export interface ScanOrder {
  readonly order: Int32Array
  readonly count: number
  /** Pairs compared for it, two logits each. */
  readonly comparisons: number
}

export interface CandidateFinder {
  /** All items 0…n-1 that are not excluded, by item id. */
  byItemId(n: number, excluded: Excluded): ScanOrder
  /** The `most` (0: all) with the highest g, ascending by g, equal ones by item id. NaN throws. */
  byAnchor(n: number, excluded: Excluded, r: number, most: number, compare: Compare): ScanOrder
}

/** The user's last champion if it may still be listed, else the most popular item that may; -1: none. */
export function chooseAnchor(
  lastChampion: number,
  mostPopularFirst: Int32Array,
  excluded: Excluded,
): number {
  if (lastChampion >= 0 && !excluded(lastChampion)) return lastChampion
  for (const item of mostPopularFirst) if (!excluded(item)) return item
  return -1
}

export function createCandidateFinder(): CandidateFinder {
  const first = new Int32Array(2 * chunk)
  const second = new Int32Array(2 * chunk)
  const z = new Float32Array(2 * chunk)
  let order = new Int32Array(0)
  let g = new Float32Array(0)
  let keys = new BigUint64Array(0)

  function reserve(n: number): void {
    if (order.length >= n) return
    order = new Int32Array(n)
    g = new Float32Array(n)
    keys = new BigUint64Array(n)
  }

  function collect(n: number, excluded: Excluded): number {
    reserve(n)
    let count = 0
    for (let item = 0; item < n; item++) if (!excluded(item)) order[count++] = item
    return count
  }

  function scoreAgainst(r: number, m: number, compare: Compare): void {
    for (let begin = 0; begin < m; begin += chunk) {
      const count = Math.min(chunk, m - begin)
      for (let x = 0; x < count; x++) {
        first[2 * x] = second[2 * x + 1] = order[begin + x]!
        second[2 * x] = first[2 * x + 1] = r
      }
      compare(first, second, 2 * count, z)
      for (let x = 0; x < count; x++) {
        const [forth, back] = [z[2 * x]!, z[2 * x + 1]!]
        // Equal infinities are equal, and their difference would be NaN; -0 must sort as 0.
        const gap = forth === back ? 0 : forth - back
        if (Number.isNaN(gap)) {
          throw new RangeError(`item ${order[begin + x]} against anchor ${r}: the logits give NaN`)
        }
        g[begin + x] = gap
      }
    }
  }

  /** Native sort of whole numbers: the float's bits made ascending above, the item id below. */
  function sortByScore(m: number): void {
    const halves = new Uint32Array(keys.buffer)
    const bits = new Uint32Array(g.buffer)
    for (let x = 0; x < m; x++) {
      const sign = bits[x]! >>> 31
      halves[2 * x + low] = order[x]!
      halves[2 * x + 1 - low] = sign === 1 ? ~bits[x]! : bits[x]! | 0x80000000
    }
    keys.subarray(0, m).sort()
    for (let x = 0; x < m; x++) {
      const above = halves[2 * x + 1 - low]!
      order[x] = halves[2 * x + low]!
      bits[x] = above >>> 31 === 1 ? above & 0x7fffffff : ~above
    }
  }

  /** Keeps the last `most`; of those that tie at the cut the lower ids. Returns where they begin. */
  function cut(m: number, most: number): number {
    const begin = m - most
    let from = begin
    let end = begin
    while (from > 0 && g[from - 1] === g[begin]) from--
    while (end < m && g[end] === g[begin]) end++
    order.copyWithin(begin, from, from + end - begin)
    return begin
  }

  return {
    byItemId(n, excluded) {
      const count = collect(n, excluded)
      return { order, count, comparisons: 0 }
    },
    byAnchor(n, excluded, r, most, compare) {
      const m = collect(n, excluded)
      scoreAgainst(r, m, compare)
      sortByScore(m)
      if (most === 0 || most >= m) return { order, count: m, comparisons: m }
      return { order: order.subarray(cut(m, most), m), count: most, comparisons: m }
    },
  }
}
