// The best items of a large catalogue without scoring all of it, and the same to the last bit: a scan bounds every
// item's score from above, the items with the largest bounds are scored exactly and give a threshold, and only who may
// reach that is scored, too.

import type { Moment, StagedPart } from '../../learn/part.ts'
import type { ItemScan } from '../../ports/catalogue.ts'
import type { Excluded, Pause } from '../preference.ts'
import { createItemIndex, type ItemIndexOptions } from './item-index.ts'
import { createPopularityLevels } from './popularity-levels.ts'
import { createScoredItems, type Scored } from './scored-items.ts'

/** Catalogues that take longer to score whole than a round of ranking lasts, some 10 ms for 100,000 items. */
const wholeItemsMax = 200_000
/** For longer lists all is scored. */
const kMax = 600
/** Items that are scored for the threshold, beyond those of the list: with fewer, many times as many may reach it. */
const thresholdItems = 200
/** How often items that may not be listed are taken out of those with the largest bounds, until it is given up. */
const looksMax = 4

export interface StagedRanker {
  readonly bytes: number
  /** A step of work for who has nothing else to do, which later lists are spared; whether there was any. */
  prepare(n: number): boolean
  /** Whether a list over n items takes longer than a round of ranking may, until more was prepared. */
  mustPrepare(n: number): boolean
  /**
   * Bounds all of items 0…n-1 for best(), or returns false where it is quicker to score all. `weights`: of the features
   * of each part; `k`: of the first call of best(); `pause`: as in best().
   */
  begin(
    moment: Moment,
    n: number,
    k: number,
    weights: () => readonly Float32Array[],
    excluded: Excluded,
    pause?: Pause,
  ): boolean
  /**
   * Items that may be among the k best or be the runner-up, with their scores, or undefined where it is quicker to
   * score all. It may be called again with a larger k. `pause` is called between its passes over the catalogue: another
   * list may be begun and made there, which has no pauses itself.
   */
  best(k: number, pause?: Pause): Scored | undefined
}

/** Read at every list. */
export interface StagedOptions {
  /** Catalogues of this many items are ranked in stages; smaller ones are scored whole in less time. */
  readonly stagedItemsMin: number
  /** A list is chosen from this many items with the best bounds, and may miss some; 0: from all that may be in it. */
  readonly candidates?: number
}

/** `parts`: all that the score is the sum of, in that order. */
export function createStagedRanker(
  scan: ItemScan,
  parts: readonly StagedPart[],
  options: StagedOptions,
  indexOptions: ItemIndexOptions = {},
): StagedRanker {
  const networks = parts.flatMap(({ rows }) => rows ?? [])
  const index = createItemIndex(scan, networks, indexOptions)
  const popular = parts.findIndex(({ popularity }) => popularity !== undefined)
  const levels = popular < 0 ? undefined : createPopularityLevels(scan, parts[popular]!.popularity!)
  const query = new Float32Array(index.columns)
  const none = new Float32Array(0)
  /** Of the list that is under way, and of one that is made in a pause of it. */
  const lists = [createList(parts), createList(parts)] as const
  let isPaused = false

  function beginParts({ moment, weights }: List): void {
    let at = 0
    parts.forEach((part, p) => {
      const width = part.rows?.widths.reduce((sum, own) => sum + own, 0) ?? 0
      part.begin(moment, weights[p]!, query.subarray(at, at + width))
      at += width
    })
  }

  /** Makes sure that these items are not looked at. */
  function lower(bounds: Float32Array, items: Int32Array): void {
    for (let x = 0; x < items.length; x++) {
      if (items[x]! < bounds.length) bounds[items[x]!] = Number.NEGATIVE_INFINITY
    }
  }

  /** Of the list's items, made again where another list has taken the place of them. */
  function boundsOf(list: List): Float32Array {
    if (list.isBounded) return scan.bounds
    list.isBounded = true
    const { weights, excluded } = list
    scan.bound({
      query,
      levelWeights: popular < 0 ? none : weights[popular]!,
      levelShares: levels?.shares() ?? none,
      terms: parts.flatMap((part) => part.terms?.() ?? []),
    })
    const { bounds } = scan
    for (const part of parts) part.raise?.(bounds)
    if (excluded.own !== undefined) lower(bounds, excluded.own)
    if (excluded.unlisted !== undefined) lower(bounds, excluded.unlisted)
    return bounds
  }

  /** Another list may take the place of the bounds, and of what the parts know of the moment. */
  function rest(list: List, pause: Pause | undefined): void {
    if (pause === undefined) return
    isPaused = true
    const isElsewhere = pause()
    isPaused = false
    if (isElsewhere) beginParts(list)
    list.isBounded &&= !isElsewhere
  }

  /** No item below it can be among the k best or the runner-up. NaN: there is none to be had. */
  function thresholdOf(k: number, list: List): number {
    const { n, excluded, found } = list
    const known = found.worstOf(k + 1, excluded)
    if (known !== undefined) return known
    const bounds = boundsOf(list)
    const most = k + 1 + thresholdItems
    for (let look = 0; look < looksMax; look++) {
      const best = scan.best(most)
      const listable = best.filter((item) => !excluded(item))
      if (listable.length <= k) {
        if (best.length < most) return Number.NEGATIVE_INFINITY
        for (const item of best) if (excluded(item)) bounds[item] = Number.NEGATIVE_INFINITY
        continue
      }
      const isFirst = found.all().count === 0
      found.include(listable.sort(), n, n)
      // Nobody has to be asked again where there are no others.
      return found.worstOf(k + 1, isFirst ? nobody : excluded)!
    }
    return Number.NaN
  }

  /** As many with the largest bounds as a list may be chosen from; undefined: it is to be exact. */
  function bestListable(k: number, list: List): Int32Array | undefined {
    const { candidates = 0 } = options
    for (let look = 0; look < looksMax && candidates > 0; look++) {
      const bounds = boundsOf(list)
      const best = scan.best(Math.max(candidates, 2 * k))
      const listable = best.filter((item) => !list.excluded(item))
      if (listable.length > k) return listable.sort()
      lower(bounds, best.filter(list.excluded))
    }
    return undefined
  }

  return {
    get bytes() {
      return scan.bytes
    },
    prepare(n) {
      if (n < options.stagedItemsMin) return false
      if (index.prepare(n) || levels?.prepare() === true) return true
      return parts.some((part) => part.prepare?.() === true)
    },
    mustPrepare(n) {
      if (n <= wholeItemsMax || n < options.stagedItemsMin) return false
      return index.lacks(n) || levels?.lacks === true || parts.some((part) => part.lacks?.())
    },
    begin(moment, n, k, weightsOf, excluded, pause) {
      if (n < options.stagedItemsMin || k > kMax) return false
      const list = lists[isPaused ? 1 : 0]
      Object.assign(list, { moment, n, weights: weightsOf(), excluded, ...notYet })
      beginParts(list)
      if (!index.ready(query, n) || levels?.renew() === false) return false
      // The first lists after a start have much to put and to look up before they can be bounded.
      rest(list, pause)
      boundsOf(list)
      list.found.forget()
      return true
    },
    best(k, pause) {
      const list = lists[isPaused ? 1 : 0]
      const { n, found } = list
      if (k > kMax) return undefined
      rest(list, pause)
      const few = bestListable(k, list)
      if (few !== undefined) return found.include(few, scan.items, n)
      const threshold = thresholdOf(k, list)
      if (Number.isNaN(threshold)) return undefined
      // A longer list needs no other items where those that were found for a shorter one suffice.
      if (threshold >= list.complete) return found.all()
      rest(list, pause)
      list.complete = threshold
      boundsOf(list)
      const near = scan.above(threshold)
      const some = pause === undefined ? near : near.slice()
      rest(list, pause)
      found.include(some, scan.items, n)
      rest(list, pause)
      return found.all()
    },
  }
}

const nobody = () => false

interface List {
  moment: Moment
  n: number
  weights: readonly Float32Array[]
  excluded: Excluded
  readonly found: ReturnType<typeof createScoredItems>
  /** All items whose bounds reach this are found; Infinity: not even those with the largest. */
  complete: number
  /** The bounds of the scan are those of this list. */
  isBounded: boolean
}

const notYet = { complete: Number.POSITIVE_INFINITY, isBounded: false }

function createList(parts: readonly StagedPart[]): List {
  const asked = { moment: {} as Moment, n: 0, weights: [], excluded: nobody }
  return { ...asked, ...notYet, found: createScoredItems(parts) }
}
