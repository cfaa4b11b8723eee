// Users whose newest event was read while their stream was still catching up with its past. Their lists are made once
// the stream has caught up, those of the users who were active last first, and each user gets one for all of the past.

import type { Due } from './due.ts'

export interface AfterHistory {
  /** The user's list is due once the stream has caught up. */
  put(user: number, due: Due): void
  /** What the user is due in this stream, if anything. */
  get(user: number, stream: string): Due | undefined
  delete(user: number): void
  /** Takes out the next user whose stream has caught up; undefined where there is none. */
  next(): readonly [user: number, due: Due] | undefined
  /** More of the past of the stream is to come. */
  catchesUp(stream: string): void
  /** The past of the stream, or without a name of all streams, has been read. */
  caughtUp(stream?: string): void
  /** Keeps only what is due in these streams. */
  keep(streams: ReadonlySet<string>): void
  /** Whether the past of some stream is still being read. */
  readonly isReading: boolean
  /** Users whose stream has caught up. */
  readonly ready: number
  /** All users, in no order. */
  entries(): Iterable<readonly [user: number, due: Due]>
  /** Moves positions back before the first record of each stream whose list is still to come. */
  limitPositions(positions: Map<string, number>): void
}

interface Stream {
  isReading: boolean
  /** In the order of their latest events. */
  readonly users: Map<number, Due>
  /** The first record that any of the users is due for, or an earlier one. */
  since: number
  /** Users in the order in which they are taken from the end; undefined until it is asked for. */
  order: number[] | undefined
}

export function createAfterHistory(): AfterHistory {
  const streams = new Map<string, Stream>()

  function streamOf(name: string): Stream {
    const known = streams.get(name)
    if (known !== undefined) return known
    const made: Stream = { isReading: true, users: new Map(), since: Infinity, order: undefined }
    streams.set(name, made)
    return made
  }

  function remove(stream: Stream, user: number): void {
    if (stream.users.delete(user) && stream.users.size === 0) {
      stream.since = Number.POSITIVE_INFINITY
      stream.order = undefined
    }
  }

  function newest(stream: Stream): readonly [number, Due] | undefined {
    stream.order ??= [...stream.users.keys()]
    for (let user = stream.order.pop(); user !== undefined; user = stream.order.pop()) {
      const due = stream.users.get(user)
      if (due === undefined) continue
      remove(stream, user)
      return [user, due]
    }
    return undefined
  }

  return {
    put(user, due) {
      const stream = streamOf(due.position.stream)
      // Deleted first, so that the user is the latest again.
      stream.users.delete(user)
      stream.users.set(user, due)
      stream.since = Math.min(stream.since, due.since.offset)
      stream.order = undefined
    },
    get: (user, stream) => streams.get(stream)?.users.get(user),
    delete(user) {
      for (const stream of streams.values()) remove(stream, user)
    },
    next() {
      for (const stream of streams.values()) {
        if (stream.isReading) continue
        const found = newest(stream)
        if (found !== undefined) return found
      }
      return undefined
    },
    catchesUp(name) {
      streamOf(name).isReading = true
    },
    caughtUp(name) {
      for (const [own, stream] of streams) {
        if (name === undefined || name === own) stream.isReading = false
      }
    },
    keep(names) {
      for (const name of [...streams.keys()]) if (!names.has(name)) streams.delete(name)
    },
    get isReading() {
      for (const stream of streams.values()) if (stream.isReading) return true
      return false
    },
    get ready() {
      let users = 0
      for (const stream of streams.values()) if (!stream.isReading) users += stream.users.size
      return users
    },
    *entries() {
      for (const { users } of streams.values()) yield* users
    },
    limitPositions(positions) {
      for (const [name, { since }] of streams) {
        const at = positions.get(name)
        if (at !== undefined && since < at) positions.set(name, since)
      }
    },
  }
}
