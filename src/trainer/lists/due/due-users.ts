// Which users are due a list, and in which order: first users with live events, with a pause between two lists of one
// user and the newest event first where more are due than can be ranked; then users whose events were history.

import { longer } from '../../../arrays.ts'
import { ChangedRows } from '../../../ports/live-state.ts'
import type { Position, Positions } from '../../../types.ts'
import { type AfterHistory, createAfterHistory } from './after-history.ts'
import { type Due, dueAfter, type Reflected } from './due.ts'
import type { DueVisitor } from './due-rows.ts'
import { createLiveUsers, createWaiting, type LiveUsersOptions } from './waiting.ts'

export interface DueUsersOptions extends LiveUsersOptions {
  /** Gets a mark for every user who is due something else than before. */
  readonly changed?: ChangedRows
  /** Who is owed a list for what was history is kept outside: see after-history.ts. */
  readonly keepsOwed?: boolean
}

export interface DueUsers
  extends Pick<AfterHistory, 'catchesUp' | 'caughtUp' | 'takeOwed' | 'keptOwed'> {
  /**
   * The user has a new event. `last`: what the user's last list reflects. The list of an event that is history is due
   * once the stream has caught up.
   */
  mark(event: ListedEvent, last: Reflected | undefined): void
  /** Adds a user who is due for another reason, or was due before a restart, then at this place. */
  put(user: number, due: Due, place?: number): void
  /**
   * Adds a user of whom it is kept outside that a list is owed for this; `last`: what their last list reflects, if it
   * is known to have arrived.
   */
  owe(user: number, due: Due, last: Reflected | undefined): void
  /** It is kept outside that this user is owed a list, who has nothing to make one from. */
  oweNothing(user: number, due: Due): void
  /** What the user is due, now or once a stream has caught up. */
  get(user: number): Due | undefined
  readonly arrivals: Pick<Arrivals, 'users' | 'placeOf'>
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

/** When users came to wait, and of whom something has changed since a checkpoint. */
class Arrivals {
  /** All of whom something was noted are below. */
  users = 0
  readonly changed: ChangedRows
  /** By user, their place among all who came; what is left of a user who does not wait means nothing. */
  private places: Float64Array = new Float64Array(1024)
  private newest = 0

  constructor(changed = new ChangedRows()) {
    this.changed = changed
  }

  /** The user is to be due something else. `comes`: who was due nothing, and gets this place. */
  note(user: number, comes = false, place = this.newest + 1): void {
    this.users = Math.max(this.users, user + 1)
    this.changed.mark(user)
    if (!comes) return
    if (user >= this.places.length) this.places = longer(this.places, 2 * user)
    this.places[user] = place
    this.newest = Math.max(this.newest, place)
  }

  placeOf(user: number): number {
    return this.places[user] ?? 0
  }
}

export function createDueUsers(options: DueUsersOptions): DueUsers {
  const waiting = createWaiting()
  const afterHistory = createAfterHistory(options.keepsOwed)
  const liveUsers = createLiveUsers(waiting, options)
  const arrivals = new Arrivals(options.changed)
  let lagMs = 0

  const get = (user: number) => waiting.get(user) ?? afterHistory.get(user)

  function* take(
    nowMs: number,
    isOver: () => boolean,
  ): Generator<readonly [number, Due], void, undefined> {
    lagMs = 0
    for (const taken of liveUsers.take(nowMs)) {
      arrivals.note(taken[0])
      afterHistory.settle(taken[0])
      yield taken
      if (!isOver()) continue
      lagMs = liveUsers.longestWait(nowMs)
      return
    }
    for (let next = afterHistory.next(); next !== undefined; next = afterHistory.next()) {
      arrivals.note(next[0])
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
      arrivals.note(user, waits === undefined)
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
    put(user, due, place) {
      arrivals.note(user, !waiting.has(user), place)
      waiting.set(user, due)
    },
    owe(user, due, last) {
      arrivals.note(user, get(user) === undefined)
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
      arrivals.note(user)
      afterHistory.owe(user, due)
      afterHistory.delete(user)
      afterHistory.settle(user)
    },
    takeOwed: afterHistory.takeOwed,
    keptOwed: afterHistory.keptOwed,
    get,
    arrivals,
    isLive: waiting.has,
    take,
    delete(user) {
      arrivals.note(user)
      waiting.delete(user)
      afterHistory.forget(user)
    },
    keep(streams) {
      arrivals.changed.markAll()
      waiting.keep(streams)
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
