// Users who wait for a list: since when, in which order they get it, and up to which place of the input every record
// has its list. While all can be served, the order does not matter. Where more wait than can be ranked, first in, first
// out would make everybody late: the newest event comes first, and a fair share goes to those who wait for longest.

import type { Position } from '../../types.ts'

/** What a list reflects: the user's newest event, and the place of the input up to which events are in it. */
export interface Reflected {
  readonly time: number
  readonly position: Position
}

/** A user who waits for a list: also the first place that is not yet in any list. */
export interface Due extends Reflected {
  readonly since: Position
  /** Monotonic ms when the first event that the list is due for came. Infinity: not known. */
  readonly sinceMs: number
}

/** What a new event makes of a user who may already wait, and whose last list may have reflected something. */
export function dueAfter(
  waiting: Due | undefined,
  last: Reflected | undefined,
  time: number,
  position: Position,
  atMs: number,
): Due {
  const known = waiting ?? last
  const newest = Math.max(time, known?.time ?? 0)
  // A record that comes again changes nothing: the list also reflects all that came after it.
  const isRepeat =
    known?.position.stream === position.stream && known.position.offset > position.offset
  const since =
    waiting?.since.stream === position.stream ? earlier(waiting.since, position) : position
  const sinceMs = Math.min(waiting?.sinceMs ?? atMs, atMs)
  return { time: newest, position: isRepeat ? known.position : position, since, sinceMs }
}

function earlier(one: Position, other: Position): Position {
  return one.offset <= other.offset ? one : other
}

/** The positions, each moved back before the first record whose list is still to come. */
export function safePositions(
  positions: ReadonlyMap<string, number>,
  waiting: Iterable<Due>,
): Map<string, number> {
  const safe = new Map(positions)
  for (const { since } of waiting) {
    const at = safe.get(since.stream)
    if (at !== undefined && since.offset < at) safe.set(since.stream, since.offset)
  }
  return safe
}

/** After this many users with the newest events comes the one who has waited longest. */
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
