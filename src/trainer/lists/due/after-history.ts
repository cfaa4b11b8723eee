// Users whose newest event was read while their stream was still catching up with its past. Their lists are made once
// the stream has caught up, those of the users who were active last first, and each user gets one for all of the past.
//
// Reading a past takes long, and a worker may be killed meanwhile. Where somebody outside keeps a record of who is owed
// a list, these users are told there, and positions may then be committed before their lists are out: whoever reads the
// stream next is given them again.

import type { OwedLists } from '../../../messages.ts'
import type { Position } from '../../../types.ts'
import type { Due } from './due.ts'
import { DueRows, type DueVisitor } from './due-rows.ts'
import { PastStream } from './past-stream.ts'

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
  show(visit: DueVisitor): void
  /** Moves positions back before the first record of each stream whose list is to come and is not kept outside. */
  limitPositions(positions: Map<string, number>): void
  /** Who is owed a list, and no longer is, since the last call. From here on it is kept outside. */
  takeOwed(): OwedLists[]
  /** Who is kept outside now. */
  keptOwed(): Iterable<readonly [user: number, position: Position]>
}

/** `keepsOwed`: what takeOwed() returns is kept outside; else positions wait for all lists. */
export function createAfterHistory(keepsOwed = false): AfterHistory {
  const rows = new DueRows()
  const streams = new Map<string, PastStream>()

  function streamOf(name: string): PastStream {
    const known = streams.get(name)
    if (known !== undefined) return known
    const made = new PastStream(rows, name, keepsOwed)
    streams.set(name, made)
    return made
  }

  /** Most users have nothing in any. */
  function forEach(user: number, visit: (stream: PastStream) => void): void {
    if (rows.first(user) >= 0) for (const stream of streams.values()) visit(stream)
  }

  return {
    put: (user, due) => streamOf(due.position.stream).put(user, due),
    owe(user, due) {
      // What nothing has been read of so far has no past that it would wait for.
      const isNew = !streams.has(due.position.stream)
      const stream = streamOf(due.position.stream)
      if (isNew) stream.isReading = false
      stream.owe(user, due)
    },
    get(user, name) {
      if (name !== undefined) return streams.get(name)?.get(user)
      if (rows.first(user) < 0) return undefined
      for (const stream of streams.values()) {
        const due = stream.get(user)
        if (due !== undefined) return due
      }
      return undefined
    },
    delete: (user) => forEach(user, (stream) => stream.delete(user)),
    forget: (user) => forEach(user, (stream) => stream.forget(user)),
    settle: (user) => forEach(user, (stream) => stream.settle(user)),
    next() {
      for (const stream of streams.values()) {
        const found = stream.isReading ? undefined : stream.next()
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
      for (const [name, stream] of streams) {
        if (names.has(name)) continue
        stream.drop()
        streams.delete(name)
      }
    },
    get isReading() {
      for (const stream of streams.values()) if (stream.isReading) return true
      return false
    },
    get ready() {
      let ready = 0
      for (const one of streams.values()) if (!one.isReading) ready += one.size
      return ready
    },
    show(visit) {
      for (const stream of streams.values()) stream.show(visit)
    },
    limitPositions(positions) {
      for (const [name, { since }] of streams) {
        const at = positions.get(name)
        if (at !== undefined && since < at) positions.set(name, since)
      }
    },
    *keptOwed() {
      for (const [stream, one] of streams) {
        for (const [user, offset] of one.told()) yield [user, { stream, offset }]
      }
    },
    takeOwed: () => (keepsOwed ? [...streams.values()].flatMap((stream) => stream.takeOwed()) : []),
  }
}
