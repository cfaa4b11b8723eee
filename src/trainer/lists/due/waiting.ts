// Users who wait for a list: since when, in which order they get it, and up to which place of the input every record
// has its list. While all can be served, the order does not matter. Where more wait than can be ranked, first in, first
// out would make everybody late: the newest event comes first, and a fair share goes to those who wait for longest.

import type { Due } from './due.ts'
import { DueQueue, DueRows, type DueVisitor } from './due-rows.ts'
import { EarliestRows } from './earliest-rows.ts'

/** After this many users with the newest events comes the one who has waited longest. */
const newestTurns = 3
export interface Waiting {
  readonly size: number
  get(user: number): Due | undefined
  has(user: number): boolean
  /** Adds or updates a user, who is then the newest; one who waits already keeps the place among the oldest. */
  set(user: number, due: Due): void
  delete(user: number): void
  /** Keeps only users who wait for what is in these streams. */
  keep(streams: ReadonlySet<string>): void
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
  const earliest = new EarliestRows(rows)
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

  function remove(user: number): void {
    const row = rows.find(user, key)
    if (row < 0) return
    byArrival.remove(row)
    byNewestEvent.remove(row)
    earliest.remove(row)
    rows.delete(row)
  }

  function show(visit: DueVisitor): void {
    for (const row of byArrival.walk()) rows.show(row, visit)
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
      if (row >= 0) {
        byNewestEvent.remove(row)
        earliest.remove(row)
      } else byArrival.append((row = rows.add(user, key)))
      byNewestEvent.append(row)
      rows.setDue(row, due)
      earliest.add(row)
    },
    delete: remove,
    keep(streams) {
      show((user, _, stream) => {
        if (!streams.has(stream)) remove(user)
      })
    },
    *users() {
      for (const row of byArrival.walk()) yield userOf(row)
    },
    show,
    limit: (positions) => earliest.limit(positions),
    inTurn,
  }
}

export interface LiveUsersOptions {
  /** The minimum time between two lists of a user, in ms, so that a burst of events gives one list. 0: no pause. */
  readonly pauseMs: number
  /** Monotonic ms when the user's last list was sent; -Infinity: never. */
  readonly sentAt: (user: number) => number
  /** The newest event first; else in order of arrival. */
  readonly newestFirst: boolean
}

/** A list is late when it was due for longer. */
export const lateMs = 250

/** Users whose events are live: taken as soon as the pause since their last list is over. */
export function createLiveUsers(
  waiting: Waiting,
  { pauseMs, sentAt, newestFirst }: LiveUsersOptions,
) {
  let late = 0

  const pauseEnd = (user: number) => sentAt(user) + pauseMs

  /** Since when the list could have been made, monotonic ms. */
  const dueSince = (user: number, { sinceMs }: Due) => Math.max(sinceMs, pauseEnd(user))

  return {
    *take(nowMs: number): Generator<readonly [number, Due], void, undefined> {
      const isDue = (user: number) => nowMs >= pauseEnd(user)
      for (const user of newestFirst ? waiting.inTurn(isDue) : waiting.users()) {
        if (!isDue(user)) continue
        const due = waiting.get(user)!
        waiting.delete(user)
        if (nowMs < Infinity && nowMs - dueSince(user, due) > lateMs) late++
        yield [user, due]
      }
    },
    /** In order of arrival the first user who is due has waited for longest. */
    longestWait(nowMs: number): number {
      for (const user of waiting.users()) {
        if (nowMs < pauseEnd(user)) continue
        return Math.max(0, nowMs - dueSince(user, waiting.get(user)!))
      }
      return 0
    },
    pauseLeft(nowMs: number): number {
      let least = Number.POSITIVE_INFINITY
      for (const user of waiting.users()) {
        const left = pauseEnd(user) - nowMs
        if (left <= 0) return 0
        least = Math.min(least, left)
      }
      return least
    },
    get late() {
      return late
    },
  }
}
