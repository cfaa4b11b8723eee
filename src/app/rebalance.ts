// What a worker of a group does when it is given streams that others may have worked on: it claims the store anew, so
// that its lists are newer than theirs, and reads the state of each of their users before it learns from one.

import type { Assignment, EventBatch } from '../ports/event-source.ts'
import type { PositiveStore } from '../ports/positive-store.ts'
import type { Trainer } from '../ports/trainer.ts'
import type { Ownership } from '../publish/ownership.ts'
import type { Ids } from '../remember/ids.ts'
import { snapshotBatch } from '../remember/remember.ts'
import type { Retrying } from './retry.ts'

export interface Claim {
  /** For the versions of lists: above all that any worker on this store was given before. */
  readonly versionBase: number
  /** Streams that nobody else has claimed since this worker did. */
  readonly kept: readonly string[]
}

export interface RebalanceParts {
  readonly store: PositiveStore
  readonly trainer: Trainer
  readonly users: Ids
  readonly items: Ids
  readonly ownership: Pick<Ownership, 'claiming' | 'claimed'>
  readonly retrying: Retrying
  readonly claimVersions: (streams: readonly string[]) => Promise<Claim>
  /** False where everything is read again from the earliest event, to be learned anew. */
  readonly readsStore?: boolean
}

export interface Rebalance {
  /** To be called with every batch in the order they are read, before the work on it begins. */
  begin(batch: EventBatch): Promise<void>
  /**
   * Makes the trainer know these users of the stream as the store does; `ids` with repeats, -1 for none. Each user is
   * read once per assignment.
   */
  readUsers(stream: string, ids: Int32Array, onWait: () => void): Promise<void>
}

export function createRebalance(parts: RebalanceParts): Rebalance {
  const { store, trainer, users, items, ownership, retrying } = parts
  /** Per stream the number of the assignment in which it was gained, and per user the one in which they were read. */
  let gainedIn = new Map<string, number>()
  let readIn = new Int32Array(1024)
  let assignments = 0
  let current: Assignment | undefined

  function isUnread(user: number, gained: number): boolean {
    if (user >= readIn.length) {
      const more = new Int32Array(2 * user)
      more.set(readIn)
      readIn = more
    }
    if (readIn[user]! >= gained) return false
    readIn[user] = assignments
    return true
  }

  return {
    async begin(batch) {
      const { assignment } = batch
      if (assignment === undefined || assignment === current) return
      const onWait = (): void => batch.waiting?.()
      const { streams } = assignment
      ownership.claiming()
      const claim = await retrying('claiming the store', () => parts.claimVersions(streams), onWait)
      const before = gainedIn
      const first = assignments === 0
      assignments++
      const isKept = (name: string): boolean => before.has(name) && claim.kept.includes(name)
      const gained = streams.filter((name) => !isKept(name))
      gainedIn = new Map(
        streams.map((name) => [
          name,
          isKept(name) ? (before.get(name) ?? assignments) : assignments,
        ]),
      )
      current = assignment
      const { versionBase } = claim
      ownership.claimed(assignment, versionBase)
      // At the first start the checkpoint stands for itself: what it knew of these streams is still to come.
      const told = { streams, gained: first ? [] : gained, versionBase }
      await trainer.offer({ ...snapshotBatch([], users, items), assignment: told }, onWait)
    },
    async readUsers(stream, ids, onWait) {
      const gained = gainedIn.get(stream)
      if (gained === undefined || parts.readsStore === false) return
      const unread: string[] = []
      for (const user of ids) {
        if (user >= 0 && isUnread(user, gained)) unread.push(users.name(user))
      }
      if (unread.length === 0) return
      const states = await retrying('reading histories', () => store.read(unread), onWait)
      await trainer.offer(snapshotBatch(states, users, items), onWait)
    },
  }
}
