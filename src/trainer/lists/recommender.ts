// The K best items for a user, or for any history: by the model over the whole catalogue, or by popularity where there
// are no positives. An item that no user has any more, or that the item feed keeps out of lists, is never listed, nor
// is one of the history, unless items may be listed again.

import type { Moment } from '../../learn/part.ts'
import type { Excluded, Pause, Preferred } from '../../rank/preference.ts'
import { copyOf, createScoreRanker } from '../../rank/top-k.ts'
import type { Availability } from '../../remember/availability/availability.ts'
import type { ListSource } from '../../types.ts'
import type { Learner } from '../model/learner.ts'

export interface Recommendation extends Preferred {
  readonly source: ListSource
}

export interface Recommender {
  /** `time`: the moment that the list is for, in ms of event time. */
  toUser(user: number, k: number, time: number, pause?: Pause): Recommendation
  /** For whoever has the history of the moment; `own`: the items of it that are not shown, ascending. */
  toHistory(moment: Moment, own: Int32Array, k: number): Recommendation
  popular(k: number): Recommendation
}

/** What the item feed says, and the time by which it is obeyed, in ms since the epoch. */
export interface ListableItems {
  readonly availability: Availability
  readonly nowMs: () => number
}

export function createRecommender(learner: Learner, feed?: ListableItems): Recommender {
  const { positives, prequential, preference, repeats } = learner
  const rankByPopularity = createScoreRanker(preference.longest)
  let scores = new Float32Array(1024)
  let marks = new Uint8Array(1024)

  const none = new Int32Array(0)
  const isUnlisted = feed?.availability.isUnlisted ?? (() => false)
  const unlistedItems = (): Int32Array => feed?.availability.unlisted() ?? none
  const isTaken = (item: number): boolean =>
    positives.holders[item]! > 0 || (learner.isShared && prequential.popularity(item) > 0)
  const isLeftOut = (item: number): boolean => !isTaken(item) || isUnlisted(item)

  function lookAtClock(): void {
    feed?.availability.advance(feed.nowMs())
  }

  /** What nobody is shown, and nothing else. */
  function forEverybody(): Excluded {
    return Object.assign((item: number) => isLeftOut(item), { unlisted: unlistedItems() })
  }

  function excludedFor(user: number): Excluded {
    if (repeats) return forEverybody()
    const uncertain = learner.usersWithUncertainRemovals.has(user)
    const isExcluded = (item: number) =>
      positives.excludes(user, item) ||
      isLeftOut(item) ||
      (uncertain && positives.removals.has(user, item))
    const own = ownOf(user)
    const known = { own, unlisted: unlistedItems() }
    if (uncertain) return Object.assign(isExcluded, known)
    const listable = (n: number, out: Int32Array) => listableFor(user, n, out)
    return Object.assign(isExcluded, { ...known, listable })
  }

  /** What the user has and is not shown, but for a withheld item. */
  function ownOf(user: number): Int32Array {
    const own = allOf(user)
    if (!positives.strengths.any(user)) return own
    return own.filter((item) => positives.excludes(user, item))
  }

  function allOf(user: number): Int32Array {
    const { runs, earlier } = positives
    const first = runs.start[user] ?? 0
    const run = runs.items.subarray(first, first + positives.count(user))
    if (earlier.count(user) === 0) return run
    const own = new Int32Array(earlier.count(user) + run.length)
    own.set(earlier.itemsOf(user))
    own.set(run, earlier.count(user))
    return own
  }

  /** All items that may be listed: what the user is not shown is marked, not looked up for every item. */
  function listableFor(user: number, n: number, out: Int32Array): number {
    if (marks.length < n) marks = new Uint8Array(2 * n)
    const { holders, withheld } = positives
    const own = ownOf(user)
    const withheldItem = withheld.get(user)?.item ?? -1
    for (const item of own) marks[item] = 1
    if (withheldItem >= 0) marks[withheldItem] = 1
    let count = 0
    for (let item = 0; item < n; item++) {
      if (marks[item] !== 0 || isUnlisted(item)) continue
      if (holders[item]! > 0 || isTaken(item)) out[count++] = item
    }
    for (const item of own) marks[item] = 0
    if (withheldItem >= 0) marks[withheldItem] = 0
    return count
  }

  function personal(moment: Moment, k: number, excluded: Excluded, pause?: Pause): Recommendation {
    const length = Math.min(k, preference.longest)
    const best = preference.best(moment, positives.items, length, excluded, pause)
    return { ...best, source: 'PERSONAL' }
  }

  function popular(k: number, excluded: Excluded): Recommendation {
    const n = positives.items
    if (scores.length < n) scores = new Float32Array(2 * n)
    for (let item = 0; item < n; item++) scores[item] = prequential.popularity(item)
    const best = rankByPopularity(scores, n, Math.min(k, preference.longest), excluded)
    return { ...copyOf(best), source: 'POPULAR' }
  }

  return {
    toUser(user, k, time, pause) {
      lookAtClock()
      if (positives.count(user) === 0) return popular(k, excludedFor(user))
      const fill = () => learner.momentOf(user, time)
      const make = (pause?: Pause) => personal(fill(), k, excludedFor(user), pause)
      return pause === undefined ? make() : amidOthers(make, fill, pause, feed?.availability)
    },
    toHistory(moment, own, k) {
      lookAtClock()
      if (repeats) return personal(moment, k, forEverybody())
      const has = new Set(own)
      const excluded = (item: number) => has.has(item) || isLeftOut(item)
      return personal(moment, k, Object.assign(excluded, { own, unlisted: unlistedItems() }))
    },
    popular(k) {
      lookAtClock()
      return popular(k, isLeftOut)
    },
  }
}

/** Others may ask while a list is made: their moments take the place of this one, which is filled in again. */
function amidOthers<T>(
  make: (pause: Pause) => T,
  fill: () => void,
  pause: Pause,
  availability?: Availability,
): T {
  const fillAfter = (): boolean => {
    if (!pause()) return false
    fill()
    return true
  }
  for (;;) {
    const withdrawals = availability?.withdrawals
    const list = make(fillAfter)
    // By the clock of another list an item may have left the lists amid this one.
    if (availability?.withdrawals === withdrawals) return list
  }
}
