// Users whose newest event was read while their stream was still catching up with its past. Their lists are made once
// the stream has caught up, those of the users who were active last first, and each user gets one for all of the past.
//
// Reading a past takes long, and a worker may be killed meanwhile. Where somebody outside keeps a record of who is owed
// a list, these users are told there, and positions may then be committed before their lists are out: whoever reads the
// stream next is given them again.

import type { OwedLists } from '../../messages.ts'
import type { Position } from '../../types.ts'
import type { Due } from './due.ts'

export interface AfterHistory {
  /** The user's list is due once the stream has caught up. */
  put(user: number, due: Due): void
  /** As put() for a user of whom it is kept outside that a list is owed; they come after all others. */
  owe(user: number, due: Due): void
  /** What the user is due in this stream, or without a name in any, if anything. */
  get(user: number, stream?: string): Due | undefined
  delete(user: number): void
  /** The user has got a list. */
  settle(user: number): void
  /** The user is nobody's any more; who keeps outside what is owed hears of it otherwise. */
  forget(user: number): void
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
  /** Moves positions back before the first record of each stream whose list is to come and is not kept outside. */
  limitPositions(positions: Map<string, number>): void
  /** Who is owed a list, and no longer is, since the last call. From here on it is kept outside. */
  takeOwed(): OwedLists[]
  /** Who is kept outside now. */
  keptOwed(): Iterable<readonly [user: number, position: Position]>
}

interface Stream {
  isReading: boolean
  /** In the order of their latest events. */
  readonly users: Map<number, Due>
  /** Users who were given again, in the order in which they are taken. */
  readonly given: Map<number, Due>
  /** The first record that any of the users is due for and that is not kept outside, or an earlier one. */
  since: number
  /** Users in the order in which they are taken from the end; undefined until it is asked for. */
  order: number[] | undefined
  /** Users whose newest event is not yet kept outside. */
  readonly untold: Set<number>
  /** The newest record of each user that is kept outside. */
  readonly told: Map<number, number>
  settled: [user: number, offset: number][]
}

/** `keepsOwed`: what takeOwed() returns is kept outside; else positions wait for all lists. */
export function createAfterHistory(keepsOwed = false): AfterHistory {
  const streams = new Map<string, Stream>()

  function streamOf(name: string): Stream {
    const known = streams.get(name)
    if (known !== undefined) return known
    const made = newStream()
    streams.set(name, made)
    return made
  }

  return {
    put: (user, due) => putIn(streamOf(due.position.stream), user, due),
    owe(user, due) {
      // What nothing has been read of so far has no past that it would wait for.
      const isNew = !streams.has(due.position.stream)
      const stream = streamOf(due.position.stream)
      if (isNew) stream.isReading = false
      oweIn(stream, user, due)
    },
    get(user, name) {
      if (name !== undefined) return dueIn(streams.get(name), user)
      for (const stream of streams.values()) {
        const due = dueIn(stream, user)
        if (due !== undefined) return due
      }
      return undefined
    },
    delete(user) {
      for (const stream of streams.values()) remove(stream, user)
    },
    forget(user) {
      for (const stream of streams.values()) forgetIn(stream, user)
    },
    settle(user) {
      for (const stream of streams.values()) settleIn(stream, user)
    },
    next() {
      for (const stream of streams.values()) {
        if (stream.isReading) continue
        const found = newest(stream)
        if (found === undefined) continue
        remove(stream, found[0])
        return found
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
      let ready = 0
      for (const one of streams.values())
        if (!one.isReading) ready += one.users.size + one.given.size
      return ready
    },
    *entries() {
      for (const { users, given } of streams.values()) yield* [...users, ...given]
    },
    limitPositions(positions) {
      for (const [name, { since }] of streams) {
        const at = positions.get(name)
        if (at !== undefined && since < at) positions.set(name, since)
      }
    },
    *keptOwed() {
      for (const [stream, { told }] of streams) {
        for (const [user, offset] of told) yield [user, { stream, offset }]
      }
    },
    takeOwed: () => (keepsOwed ? [...streams].flatMap(([name, one]) => tellOf(name, one)) : []),
  }
}

function newStream(): Stream {
  return {
    ...{ isReading: true, users: new Map(), given: new Map(), since: Infinity, order: undefined },
    ...{ untold: new Set(), told: new Map(), settled: [] },
  }
}

function dueIn(stream: Stream | undefined, user: number): Due | undefined {
  return stream?.users.get(user) ?? stream?.given.get(user)
}

function remove(stream: Stream, user: number): void {
  stream.given.delete(user)
  if (!stream.users.delete(user)) return
  if (stream.untold.delete(user) && stream.untold.size === 0) stream.since = Infinity
  if (stream.users.size === 0) stream.order = undefined
}

function newest(stream: Stream): readonly [number, Due] | undefined {
  stream.order ??= [...stream.users.keys()]
  for (let user = stream.order.pop(); user !== undefined; user = stream.order.pop()) {
    const due = stream.users.get(user)
    if (due !== undefined) return [user, due]
  }
  for (const first of stream.given) return first
  return undefined
}

function putIn(stream: Stream, user: number, due: Due): void {
  stream.given.delete(user)
  // Deleted first, so that the user is the latest again.
  stream.users.delete(user)
  stream.users.set(user, due)
  stream.untold.add(user)
  const first = stream.told.has(user) ? due.position : due.since
  stream.since = Math.min(stream.since, first.offset)
  stream.order = undefined
}

function oweIn(stream: Stream, user: number, due: Due): void {
  const { offset } = due.position
  stream.told.set(user, Math.max(offset, stream.told.get(user) ?? offset))
  const known = dueIn(stream, user)
  if (known === undefined || (!stream.users.has(user) && known.position.offset < offset)) {
    stream.given.set(user, due)
  }
}

function settleIn({ told, settled }: Stream, user: number): void {
  const offset = told.get(user)
  if (offset === undefined) return
  told.delete(user)
  settled.push([user, offset])
}

function forgetIn(stream: Stream, user: number): void {
  remove(stream, user)
  stream.told.delete(user)
}

function tellOf(name: string, stream: Stream): OwedLists[] {
  const { untold, users, told, settled } = stream
  if (untold.size + settled.length === 0) return []
  const owed = [...untold].map((user): [number, number] => [user, users.get(user)!.position.offset])
  for (const [user, offset] of owed) told.set(user, offset)
  untold.clear()
  stream.since = Number.POSITIVE_INFINITY
  stream.settled = []
  return [{ stream: name, owed, settled }]
}
