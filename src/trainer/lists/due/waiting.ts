// Users who wait for a list: since when, in which order they get it, and up to which place of the input every record
// has its list. While all can be served, the order does not matter. Where more wait than can be ranked, first in, first
// out would make everybody late: the newest event comes first, and a fair share goes to those who wait for longest.

import type { Due } from './due.ts'
import { DueQueue, DueRows, type DueVisitor } from './due-rows.ts'

/** After this many users with the newest events comes the one who has waited longest. */
const newestTurns = 3
export interface Waiting {
  readonly size: number
  get(user: number): Due | undefined
  has(user: number): boolean
  /** Adds or updates a user, who is then the newest; one who waits already keeps the place among the oldest. */
  set(user: number, due: Due): void
  delete(user: number): void
  /** Users in order of arrival; who is deleted meanwhile is passed over. */
  users(): Iterable<number>
  /** In order of arrival. */
  show(visit: DueVisitor): void
  /** Moves positions back before the first record whose list is still to come. */
  limit(positions: Map<string, number>): void
  /**
   * The waiting users for whom `isDue` holds: the newest event first, and every fourth time the one who has waited for
   * longest. Users may be deleted meanwhile; a user who is not may come twice.
   */
  inTurn(isDue: (user: number) => boolean): Iterable<number>
}

/** Every user has one row. */
const key = 0

export function createWaiting(): Waiting {
  const rows = new DueRows()
  const byArrival = new DueQueue(rows, 0)
  const byNewestEvent = new DueQueue(rows, 1)
  const userOf = (row: number) => rows.get(row, 'user')

  function* inTurn(isDue: (user: number) => boolean): Generator<number, void, undefined> {
    const oldest = byArrival.walk()
    let turn = 0
    try {
      for (const row of byNewestEvent.walk('newest')) {
        const user = userOf(row)
        if (!isDue(user)) continue
        yield user
        if (++turn % newestTurns !== 0) continue
        let old = oldest.next()
        while (old.done !== true && !isDue(userOf(old.value))) old = oldest.next()
        if (old.done !== true) yield userOf(old.value)
      }
    } finally {
      oldest.return()
    }
  }

  return {
    get size() {
      return byArrival.size
    },
    get(user) {
      const row = rows.find(user, key)
      return row < 0 ? undefined : rows.due(row)
    },
    has: (user) => rows.find(user, key) >= 0,
    set(user, due) {
      let row = rows.find(user, key)
      if (row >= 0) byNewestEvent.remove(row)
      else byArrival.append((row = rows.add(user, key)))
      byNewestEvent.append(row)
      rows.setDue(row, due)
    },
    delete(user) {
      const row = rows.find(user, key)
      if (row < 0) return
      byArrival.remove(row)
      byNewestEvent.remove(row)
      rows.delete(row)
    },
    *users() {
      for (const row of byArrival.walk()) yield userOf(row)
    },
    show(visit) {
      for (const row of byArrival.walk()) rows.show(row, visit)
    },
    limit: (positions) => rows.limit(positions),
    inTurn,
  }
}
