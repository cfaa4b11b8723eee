// What a worker of a group does when it is given streams that others may have worked on: it claims the store anew, so
// that its lists are newer than theirs, and reads the state of each of their users before it learns from one.

import type { EventBatch, Tenure } from '../ports/event-source.ts'
import type { PositiveStore } from '../ports/positive-store.ts'
import type { Trainer } from '../ports/trainer.ts'
import type { Ids } from '../remember/ids.ts'
import { silentBatch } from '../remember/remember.ts'
import type { Retrying } from './retry.ts'

export interface Claim {
  /** For the versions of lists: above all that any worker on this store was given before. */
  readonly versionBase: number
  /** Streams that nobody else has claimed since this worker did. */
  readonly kept: readonly string[]
}

export interface TakeOverParts {
  readonly store: PositiveStore
  readonly trainer: Trainer
  readonly users: Ids
  readonly items: Ids
  readonly retrying: Retrying
  readonly claimVersions: (streams: readonly string[]) => Promise<Claim>
  /** False where everything is read again from the earliest event, to be learned anew. */
  readonly readsStore?: boolean
}

export interface TakeOver {
  /** To be called with every batch in the order they are read, before the work on it begins. */
  begin(batch: EventBatch): Promise<void>
  /**
   * Makes the trainer know these users of the stream as the store does; `ids` with repeats, -1 for none. Reads each
   * once a tenure.
   */
  know(stream: string, ids: Int32Array, onWait: () => void): Promise<void>
  /** Whether what has this version was made since the newest claim. Between tenures nothing is. */
  owns(version: number): boolean
}

export function createTakeOver(parts: TakeOverParts): TakeOver {
  const { store, trainer, users, items, retrying } = parts
  /** Per stream the number of the tenure in which it was gained, and per user the one in which they were read. */
  let gainedIn = new Map<string, number>()
  let readIn = new Int32Array(1024)
  let tenures = 0
  let current: Tenure | undefined
  let versionBase = 0

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
      const { streams } = tenure
      versionBase = Number.POSITIVE_INFINITY
      const claim = await retrying('claiming the store', () => parts.claimVersions(streams), onWait)
      const before = gainedIn
      const first = tenures === 0
      tenures++
      const isKept = (name: string): boolean => before.has(name) && claim.kept.includes(name)
      const gained = streams.filter((name) => !isKept(name))
      gainedIn = new Map(
        streams.map((name) => [name, isKept(name) ? (before.get(name) ?? tenures) : tenures]),
      )
      current = tenure
      versionBase = claim.versionBase
      // What the checkpoint knew of them is still to come.
      const held = { streams, gained: first ? [] : gained, versionBase }
      await trainer.offer({ ...silentBatch([], users, items), held }, onWait)
    },
    owns: (version) => version >= versionBase,
    async know(stream, ids, onWait) {
      const gained = gainedIn.get(stream)
      if (gained === undefined || parts.readsStore === false) return
      const unread: string[] = []
      for (const user of ids) {
        if (user >= 0 && isUnread(user, gained)) unread.push(users.name(user))
      }
      if (unread.length === 0) return
      const states = await retrying('reading histories', () => store.read(unread), onWait)
      await trainer.offer(silentBatch(states, users, items), onWait)
    },
  }
}
