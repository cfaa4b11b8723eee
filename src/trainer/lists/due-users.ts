// Who is due a list, and in which order: first users with live events, by newest event where more are due than can be
// ranked and with a pause between two lists of one user; then users whose events were history.

import type { Position, Positions } from '../../types.ts'
import { type AfterHistory, createAfterHistory } from './after-history.ts'
import { type About, type Due, dueAfter, dueBefore } from './list-records.ts'
import { createWaiting } from './waiting.ts'

export interface DueUsersOptions {
  /** Between two lists of a user at least so many ms, so that a burst gives one list. 0: no pause. */
  readonly pauseMs: number
  /** Monotonic ms when the user's last list was sent; -Infinity: never. */
  readonly sentAt: (user: number) => number
  /** Without it in the order of their coming. */
  readonly newestFirst: boolean
}

/** A list is late when it was due for longer. */
export const lateMs = 250

export interface DueUsers extends Pick<AfterHistory, 'catchesUp' | 'caughtUp'> {
  /**
   * The user has a new event. `told`: what the user's last list reflects. The list of an event that is history is due
   * once the stream has caught up.
   */
  touch(event: Touch, told: About | undefined): void
  /** Puts a user in who is due for a reason of its own, or was so before a restart. */
  put(user: number, due: Due): void
  get(user: number): Due | undefined
  /** Takes users that are due at `nowMs` out, at Infinity all are, one after the other until it is over. */
  take(nowMs: number, isOver: () => boolean): Iterable<readonly [user: number, due: Due]>
  delete(user: number): void
  /** Keeps only what is due in these streams. */
  keep(streams: ReadonlySet<string>): void
  /** The positions, moved back before the first record of each stream whose list is still to come. */
  safe(positions: Positions): Map<string, number>
  /** Users that can be taken, now or after a pause. */
  readonly size: number
  /** For how long the oldest that was due had waited when take() last looked, in ms; 0: none was left. */
  readonly lagMs: number
  /** Users with live events that were taken more than `lateMs` after they were due. */
  readonly late: number
  entries(): Map<number, Due>
}

export interface Touch {
  readonly user: number
  /** Event time in ms. */
  readonly time: number
  readonly position: Position
  readonly atMs: number
  readonly isHistory: boolean
}

export function createDueUsers({ pauseMs, sentAt, newestFirst }: DueUsersOptions): DueUsers {
  const waiting = createWaiting()
  const afterHistory = createAfterHistory()
  let lagMs = 0
  let late = 0

  /** Monotonic ms. */
  function dueMsOf(user: number, due: Due): number {
    return Math.max(due.sinceMs, sentAt(user) + pauseMs)
  }

  function* takeLive(nowMs: number): Generator<readonly [number, Due], void, undefined> {
    const isDue = (user: number) => nowMs >= sentAt(user) + pauseMs
    for (const [user, due] of newestFirst ? waiting.inTurn(isDue) : waiting) {
      if (!isDue(user)) continue
      waiting.delete(user)
      if (nowMs < Infinity && nowMs - dueMsOf(user, due) > lateMs) late++
      yield [user, due]
    }
  }

  /** Of who is due: in the order of their coming the first has waited for longest. */
  function longestWait(nowMs: number): number {
    for (const [user, due] of waiting) {
      if (nowMs >= sentAt(user) + pauseMs) return Math.max(0, nowMs - dueMsOf(user, due))
    }
    return 0
  }

  function* take(
    nowMs: number,
    isOver: () => boolean,
  ): Generator<readonly [number, Due], void, undefined> {
    lagMs = 0
    for (const taken of takeLive(nowMs)) {
      yield taken
      if (!isOver()) continue
      lagMs = longestWait(nowMs)
      return
    }
    for (let next = afterHistory.next(); next !== undefined; next = afterHistory.next()) {
      yield next
      if (isOver()) return
    }
  }

  return {
    catchesUp: afterHistory.catchesUp,
    caughtUp: afterHistory.caughtUp,
    touch({ user, time, position, atMs, isHistory }, told) {
      const waits = waiting.get(user)
      const later = afterHistory.get(user, position.stream)
      // What history has left to do has no age: nobody has waited for it since it came.
      const earlier = waits ?? (later && { ...later, sinceMs: atMs })
      const due = dueAfter(earlier, told, time, position, atMs)
      if (isHistory && waits === undefined) {
        afterHistory.put(user, due)
        return
      }
      if (later !== undefined) afterHistory.delete(user)
      // One who waits keeps the place in the queue.
      waiting.set(user, due)
    },
    put: (user, due) => void waiting.set(user, due),
    get: (user) => waiting.get(user),
    take,
    delete(user) {
      waiting.delete(user)
      afterHistory.delete(user)
    },
    keep(streams) {
      for (const [user, { position }] of waiting) {
        if (!streams.has(position.stream)) waiting.delete(user)
      }
      afterHistory.keep(streams)
    },
    safe(positions) {
      const before = dueBefore(positions, waiting.values())
      afterHistory.safe(before)
      return before
    },
    get size() {
      return waiting.size + afterHistory.ready
    },
    get lagMs() {
      return lagMs
    },
    get late() {
      return late
    },
    entries: () => new Map([...afterHistory.entries(), ...waiting]),
  }
}
