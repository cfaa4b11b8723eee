// Users who wait for a list, and in which turn they get it. While all can be served, the turn does not matter. Where
// more wait than can be ranked, first in, first out would make everybody late: so the newest event comes first, and a
// fair share goes to who has waited for longest.

import type { Due } from './list-records.ts'

/** So many newest events are followed by the one that has waited for longest. */
const newestTurns = 3
/** Entries that nobody waits by any more are cleared away when they are more than this and half of all. */
const deadMax = 1_024

export interface Waiting {
  readonly size: number
  get(user: number): Due | undefined
  has(user: number): boolean
  /** The user waits by this from now on. Who waits already keeps the place among the oldest, and is the newest. */
  set(user: number, due: Due): void
  delete(user: number): void
  /** From who has waited for longest on; who is deleted meanwhile is passed over. */
  [Symbol.iterator](): Iterator<[number, Due]>
  values(): Iterable<Due>
  /**
   * Those who wait and for whom `isDue` holds, by newest event, and every fourth time the one who has waited for
   * longest. Users may be deleted meanwhile; who is not may be given twice.
   */
  inTurn(isDue: (user: number, due: Due) => boolean): Iterable<[number, Due]>
}

export function createWaiting(): Waiting {
  const byUser = new Map<number, Due>()
  /** By newest event; an entry stands as long as the user waits by it. */
  let entries: [number, Due][] = []

  function stands([user, due]: readonly [number, Due]): boolean {
    return byUser.get(user) === due
  }

  function clear(): void {
    if (entries.length <= 2 * byUser.size + deadMax) return
    entries = entries.filter(stands)
  }

  function* inTurn(
    isDue: (user: number, due: Due) => boolean,
  ): Generator<[number, Due], void, undefined> {
    const newest = entries
    const oldest = byUser.entries()
    let turn = 0
    for (let at = newest.length - 1; at >= 0; at--) {
      const entry = newest[at]!
      if (!stands(entry) || !isDue(...entry)) continue
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
      clear()
    },
    delete(user) {
      byUser.delete(user)
      clear()
    },
    [Symbol.iterator]: () => byUser.entries(),
    values: () => byUser.values(),
    inTurn,
  }
}
