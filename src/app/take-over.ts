// What a worker of a group does when it is given streams that others may have worked on: it claims the store anew, so
// that its lists are newer than theirs, and reads the state of each of their users before it learns from one.

import type { EventBatch, Tenure } from '../ports/event-source.ts'
import type { PositiveStore } from '../ports/positive-store.ts'
import type { Trainer } from '../ports/trainer.ts'
import type { Ids } from '../remember/ids.ts'
import { silentBatch } from '../remember/remember.ts'
import type { Retrying } from './retry.ts'

export interface TakeOverParts {
  readonly store: PositiveStore
  readonly trainer: Trainer
  readonly users: Ids
  readonly items: Ids
  readonly retrying: Retrying
  /** A base for the versions of lists above all that any worker on this store was given before. */
  readonly claimVersions: () => Promise<number>
  /** False where everything is read again from the earliest event, to be learned anew. */
  readonly readsStore?: boolean
}

export interface TakeOver {
  /** To be called with every batch in the order they are read, before the work on it begins. */
  begin(batch: EventBatch): Promise<void>
  /** Makes the trainer know these users of the stream as the store does. Reads each once a tenure. */
  know(stream: string, names: Iterable<string>, onWait: () => void): Promise<void>
}

export function createTakeOver(parts: TakeOverParts): TakeOver {
  const { store, trainer, users, items, retrying } = parts
  /** Per stream the number of the tenure in which it was gained, and per user the one in which they were read. */
  let gainedIn = new Map<string, number>()
  let readIn = new Int32Array(1024)
  let tenures = 0
  let current: Tenure | undefined

  function isUnread(user: number, gained: number): boolean {
    if (user >= readIn.length) {
      const more = new Int32Array(2 * user)
      more.set(readIn)
      readIn = more
    }
    if (readIn[user]! >= gained) return false
    readIn[user] = tenures
    return true
  }

  return {
    async begin(batch) {
      const { tenure } = batch
      if (tenure === undefined || tenure === current) return
      const onWait = (): void => batch.waiting?.()
      const versionBase = await retrying('claiming the store', parts.claimVersions, onWait)
      tenures++
      const before = gainedIn
      gainedIn = new Map(tenure.streams.map((name) => [name, before.get(name) ?? tenures]))
      current = tenure
      const held = { streams: tenure.streams, versionBase }
      await trainer.offer({ ...silentBatch([], users, items), held }, onWait)
    },
    async know(stream, names, onWait) {
      const gained = gainedIn.get(stream)
      if (gained === undefined || parts.readsStore === false) return
      const unread: string[] = []
      for (const name of names) {
        const user = users.of(name)
        if (user >= 0 && isUnread(user, gained)) unread.push(name)
      }
      if (unread.length === 0) return
      const states = await retrying('reading histories', () => store.read(unread), onWait)
      await trainer.offer(silentBatch(states, users, items), onWait)
    },
  }
}
