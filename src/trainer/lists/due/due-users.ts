// Which users are due a list, and in which order: first users with live events, with a pause between two lists of one
// user and the newest event first where more are due than can be ranked; then users whose events were history.

import type { Position, Positions } from '../../../types.ts'
import { type AfterHistory, createAfterHistory } from './after-history.ts'
import { type Due, dueAfter, type Reflected } from './due.ts'
import type { DueVisitor } from './due-rows.ts'
import { createWaiting, type Waiting } from './waiting.ts'

export interface DueUsersOptions {
  /** The minimum time between two lists of a user, in ms, so that a burst of events gives one list. 0: no pause. */
  readonly pauseMs: number
  /** Monotonic ms when the user's last list was sent; -Infinity: never. */
  readonly sentAt: (user: number) => number
  /** The newest event first; else in order of arrival. */
  readonly newestFirst: boolean
  /** Who is owed a list for what was history is kept outside: see after-history.ts. */
  readonly keepsOwed?: boolean
}

/** A list is late when it was due for longer. */
export const lateMs = 250

export interface DueUsers
  extends Pick<AfterHistory, 'catchesUp' | 'caughtUp' | 'takeOwed' | 'keptOwed'> {
  /**
   * The user has a new event. `last`: what the user's last list reflects. The list of an event that is history is due
   * once the stream has caught up.
   */
  mark(event: ListedEvent, last: Reflected | undefined): void
  /** Adds a user who is due for another reason, or was due before a restart. */
  put(user: number, due: Due): void
  /**
   * Adds a user of whom it is kept outside that a list is owed for this; `last`: what their last list reflects, if it
   * is known to have arrived.
   */
  owe(user: number, due: Due, last: Reflected | undefined): void
  /** It is kept outside that this user is owed a list, who has nothing to make one from. */
  oweNothing(user: number, due: Due): void
  /** What the user is due, now or once a stream has caught up. */
  get(user: number): Due | undefined
  /** Whether the user is due whatever of a past is still to be read. */
  isLive(user: number): boolean
  /** Takes out users who are due at `nowMs`, at Infinity all are, one after the other until it is over. */
  take(nowMs: number, isOver: () => boolean): Iterable<readonly [user: number, due: Due]>
  delete(user: number): void
  /** Keeps only what is due in these streams. */
  keep(streams: ReadonlySet<string>): void
  /** The positions, each moved back before the first record whose list is still to come. */
  safeToCommit(positions: Positions): Map<string, number>
  /** Users who can be taken, now or after a pause. */
  readonly size: number
  /** For how many more ms nobody can be taken: 0 where somebody can be now, Infinity where nobody waits. */
  pauseLeft(nowMs: number): number
  /** For how long the oldest due user had waited when take() last looked, in ms; 0: none was left. */
  readonly lagMs: number
  /** Users with live events who were taken more than `lateMs` after they were due. */
  readonly late: number
  /** What get() gives, of all users who are due anything. */
  show(visit: DueVisitor): void
}

/** An event that the user's next list is to reflect. */
export interface ListedEvent {
  readonly user: number
  /** Event time in ms. */
  readonly time: number
  readonly position: Position
  /** Monotonic ms when the event came. */
  readonly atMs: number
  readonly isHistory: boolean
}

export function createDueUsers(options: DueUsersOptions): DueUsers {
  const waiting = createWaiting()
  const afterHistory = createAfterHistory(options.keepsOwed)
  const liveUsers = createLiveUsers(waiting, options)
  let lagMs = 0

  function* take(
    nowMs: number,
    isOver: () => boolean,
  ): Generator<readonly [number, Due], void, undefined> {
    lagMs = 0
    for (const taken of liveUsers.take(nowMs)) {
      afterHistory.settle(taken[0])
      yield taken
      if (!isOver()) continue
      lagMs = liveUsers.longestWait(nowMs)
      return
    }
    for (let next = afterHistory.next(); next !== undefined; next = afterHistory.next()) {
      afterHistory.settle(next[0])
      yield next
      if (isOver()) return
    }
  }

  return {
    catchesUp: afterHistory.catchesUp,
    caughtUp: afterHistory.caughtUp,
    mark({ user, time, position, atMs, isHistory }, last) {
      const waits = waiting.get(user)
      const later = afterHistory.get(user, position.stream)
      // A list that history left due has no age: nobody has been waiting for it.
      const earlier = waits ?? (later && { ...later, sinceMs: atMs })
      const due = dueAfter(earlier, last, time, position, atMs)
      if (isHistory && waits === undefined) {
        afterHistory.put(user, due)
        return
      }
      if (later !== undefined) afterHistory.delete(user)
      // A user who waits keeps the place in the queue.
      waiting.set(user, due)
    },
    put: (user, due) => void waiting.set(user, due),
    owe(user, due, last) {
      const { stream, offset } = due.position
      const isInList = last?.position.stream === stream && last.position.offset >= offset
      const isDue = afterHistory.get(user, stream) !== undefined
      afterHistory.owe(user, due)
      // That list settles it.
      if (isDue) return
      // Who waits for a list of a live event gets one list for both.
      if (isInList || waiting.has(user)) afterHistory.delete(user)
      if (isInList && !waiting.has(user)) afterHistory.settle(user)
    },
    oweNothing(user, due) {
      afterHistory.owe(user, due)
      afterHistory.delete(user)
      afterHistory.settle(user)
    },
    takeOwed: afterHistory.takeOwed,
    keptOwed: afterHistory.keptOwed,
    get: (user) => waiting.get(user) ?? afterHistory.get(user),
    isLive: waiting.has,
    take,
    delete(user) {
      waiting.delete(user)
      afterHistory.forget(user)
    },
    keep(streams) {
      waiting.show((user, _, stream) => {
        if (!streams.has(stream)) waiting.delete(user)
      })
      afterHistory.keep(streams)
    },
    safeToCommit(positions) {
      const safe = new Map(positions)
      waiting.limit(safe)
      afterHistory.limitPositions(safe)
      return safe
    },
    get size() {
      return waiting.size + afterHistory.ready
    },
    pauseLeft: (nowMs) => (afterHistory.ready > 0 ? 0 : liveUsers.pauseLeft(nowMs)),
    get lagMs() {
      return lagMs
    },
    get late() {
      return liveUsers.late
    },
    show(visit) {
      afterHistory.show((user, ...due) => {
        if (!waiting.has(user)) visit(user, ...due)
      })
      waiting.show(visit)
    },
  }
}

/** Users whose events are live: taken as soon as the pause since their last list is over. */
function createLiveUsers(waiting: Waiting, { pauseMs, sentAt, newestFirst }: DueUsersOptions) {
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
