// Lists by a score that takes long to compute and mostly follows a quicker one: the score with the hidden layer, and
// the sum of the parts. Items are looked at in the order of the sum, some at a time, until one that is left could only
// enter the list if the layer added more to it than to any of those before, and some more: twice as much while those
// looked at last still change the list.
//
// Symbols: l(i) the sum for item i, u(i) what the layer adds, s = l + u; L the items looked at, those with the largest
// l. It ends where min_L l + max_L u + margin < the k-th largest s in L.

import { type Excluded, listMax, type Preferred } from './preference.ts'
import { copyOf, createScoreRanker, type TopK } from './top-k.ts'

export interface BentOptions {
  /** Items that are looked at, at most, and at least twice as many as the list has. */
  readonly shortlist: number
  /** What the layer may add beyond the most that it has been seen to add; twice that while the list still changes. */
  readonly margin: number
}

/** Items at a time. */
const step = 64
/** Lists that a mean is taken of. */
const listsRemembered = 64
/** Of the longest list. */
export const nearestMax = 2 * listMax

export interface Stages {
  /** Items of the `most` largest l, `nearestMax` at most, or all there are, best first; until the next call. */
  nearest(most: number): Pick<TopK, 'count' | 'items' | 'scores'>
  /** s by place. Valid until the next call. */
  bend(items: Int32Array): Float32Array
}

/** The best k of all that are looked at; of equal ones first the one with the larger l, or the smaller id. */
export function createBentRanker(): (stages: Stages, k: number, options: BentOptions) => Preferred {
  const rank = createScoreRanker(listMax)
  /** Items that the last lists have looked at, on average: it decides how many are asked for, not which. */
  let usual = 0

  return ({ nearest, bend }, k, { shortlist, margin }) => {
    const longest = Math.min(Math.max(2 * k, shortlist), nearestMax)
    const more = Math.min(Math.max(2 * k, step), longest)
    let asked = more * Math.max(1, Math.ceil(usual / more))
    // To ask a second time for a few more takes longer than to ask for all of them at once.
    if (asked + more > longest) asked = longest
    // Of this list alone: others may be made while it asks.
    const scores = new Float32Array(longest)
    let found = nearest(asked)
    let bent = 0
    let added = Number.NEGATIVE_INFINITY
    let least = Number.NEGATIVE_INFINITY
    for (let size = 0, most = more; ; most = Math.min(most + more, longest)) {
      if (most > asked) found = nearest((asked = Math.min(Math.max(most, 2 * asked), longest)))
      const { items, scores: sums } = found
      const count = Math.min(found.count, most)
      if (count > bent) {
        // A user's history is read again for every call, which takes longer than a few items more than are needed.
        scores.set(bend(items.slice(bent, found.count)), bent)
        bent = found.count
      }
      for (; size < count; size++) added = Math.max(added, scores[size]! - sums[size]!)
      const ranked = rank(scores, size, k, nothing)
      const isAll = size < most || most === longest
      const before = least
      if (size >= k) least = scores[ranked.items[k - 1]!]!
      const beyond = least > before ? 2 * margin : margin
      if (isAll || sums[size - 1]! + added + beyond < least) {
        usual += (size - usual) / listsRemembered
        const best = copyOf(ranked)
        return { ...best, items: best.items.map((x) => items[x]!) }
      }
    }
  }
}

const nothing = () => false

/** The scores of items 0…n-1, so low where they are known to be excluded that nobody has to ask for them. */
export function lowered(
  scores: Float32Array,
  n: number,
  { own, unlisted }: Excluded,
): Float32Array {
  for (const items of [own, unlisted]) {
    if (items === undefined) continue
    for (let x = 0; x < items.length; x++) {
      if (items[x]! < n) scores[items[x]!] = Number.NEGATIVE_INFINITY
    }
  }
  return scores
}
