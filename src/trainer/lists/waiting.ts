// Users who wait for a list, and in which order they get it. While all can be served, the order does not matter. Where
// more wait than can be ranked, first in, first out would make everybody late: so the newest event comes first, and a
// fair share goes to the users who have waited for longest.

import type { Due } from './due.ts'

/** So many users with the newest events are followed by the one who has waited for longest. */
const newestTurns = 3
/** Outdated entries are removed when they are more than this and more than half of all. */
const deadMax = 1_024

export interface Waiting {
  readonly size: number
  get(user: number): Due | undefined
  has(user: number): boolean
  /** Adds or updates a user, who is then the newest; one who waits already keeps the place among the oldest. */
  set(user: number, due: Due): void
  delete(user: number): void
  /** In order of arrival; users who are deleted meanwhile are passed over. */
  [Symbol.iterator](): Iterator<[number, Due]>
  values(): Iterable<Due>
  /**
   * The waiting users for whom `isDue` holds: the newest event first, and every fourth time the one who has waited for
   * longest. Users may be deleted meanwhile; a user who is not may come twice.
   */
  inTurn(isDue: (user: number, due: Due) => boolean): Iterable<[number, Due]>
}

export function createWaiting(): Waiting {
  const byUser = new Map<number, Due>()
  /** In order of the newest event; an entry is outdated once the user has another one or waits no more. */
  let entries: [number, Due][] = []

  function isCurrent([user, due]: readonly [number, Due]): boolean {
    return byUser.get(user) === due
  }

  function removeOutdated(): void {
    if (entries.length <= 2 * byUser.size + deadMax) return
    entries = entries.filter(isCurrent)
  }

  function* inTurn(
    isDue: (user: number, due: Due) => boolean,
  ): Generator<[number, Due], void, undefined> {
    const newest = entries
    const oldest = byUser.entries()
    let turn = 0
    for (let at = newest.length - 1; at >= 0; at--) {
      const entry = newest[at]!
      if (!isCurrent(entry) || !isDue(...entry)) continue
      yield entry
      if (++turn % newestTurns !== 0) continue
      for (const old of oldest) {
        if (!isDue(...old)) continue
        yield old
        break
      }
    }
  }

  return {
    get size() {
      return byUser.size
    },
    get: (user) => byUser.get(user),
    has: (user) => byUser.has(user),
    set(user, due) {
      byUser.set(user, due)
      entries.push([user, due])
      removeOutdated()
    },
    delete(user) {
      byUser.delete(user)
      removeOutdated()
    },
    [Symbol.iterator]: () => byUser.entries(),
    values: () => byUser.values(),
    inTurn,
  }
}
