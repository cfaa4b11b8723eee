// Which users the trainer knows as the store does. A user is read once: when an event meets them or when there is time,
// whichever comes first. Only where others may have worked on the user since are they read again.

import type { PositiveStore } from '../ports/positive-store.ts'
import type { Trainer } from '../ports/trainer.ts'
import type { Ids } from '../remember/ids.ts'
import { snapshotBatch } from '../remember/snapshot-batch.ts'
import type { Retrying } from './retry.ts'

export interface UserReads {
  /** Begins a round of reads, numbered from 1; before the first nothing is read beside the work. */
  beginRound(): number
  /** Resolves when the first round begins. */
  readonly begun: Promise<void>
  /**
   * Resolves when the trainer was given the state of each of these users, as read in round `since` or later; `ids`
   * with repeats, -1 for none. Until then no event of theirs may be stored or offered: a state that was read before
   * the event would undo it. @throws Failure of the store or the trainer
   */
  read(ids: Iterable<number>, since: number, onWait?: () => void): Promise<void>
}

export interface UserReadsParts {
  readonly store: Pick<PositiveStore, 'read'>
  readonly trainer: Pick<Trainer, 'offer'>
  readonly users: Ids
  readonly items: Ids
  readonly retrying: Retrying
}

export function createUserReads(parts: UserReadsParts): UserReads {
  const { store, trainer, users, items, retrying } = parts
  let round = 0
  /** Per user the round of the newest read; 0: never. */
  let readIn = new Int32Array(1024)
  const underWay = new Map<number, Promise<void>>()
  let tellBegun: () => void = () => undefined
  const begun = new Promise<void>((resolve) => {
    tellBegun = resolve
  })

  function isUnread(user: number, since: number): boolean {
    if (user >= readIn.length) {
      const more = new Int32Array(2 * user)
      more.set(readIn)
      readIn = more
    }
    return readIn[user]! < since
  }

  users.watch((user) => {
    if (user < readIn.length) readIn[user] = 0
  })

  async function readAll(unread: readonly number[], onWait?: () => void): Promise<void> {
    const names = unread.map((user) => users.name(user))
    const states = await retrying('reading histories', () => store.read(names), onWait)
    await trainer.offer(snapshotBatch(states, users, items), onWait)
  }

  /** In this order: an older state must not come behind a newer one. */
  function readAfter(
    earlier: Iterable<Promise<void>>,
    unread: readonly number[],
    onWait?: () => void,
  ): Promise<void> {
    const work = Promise.all(earlier)
      .then(() => readAll(unread, onWait))
      .finally(() => {
        for (const user of unread) if (underWay.get(user) === work) underWay.delete(user)
      })
    for (const user of unread) underWay.set(user, work)
    return work
  }

  return {
    begun,
    beginRound() {
      tellBegun()
      return ++round
    },
    async read(ids, since, onWait) {
      const earlier = new Set<Promise<void>>()
      const unread: number[] = []
      for (const user of ids) {
        if (user < 0) continue
        const reading = underWay.get(user)
        if (reading !== undefined) earlier.add(reading)
        if (!isUnread(user, since)) continue
        readIn[user] = round
        unread.push(user)
      }
      if (unread.length > 0) await readAfter(earlier, unread, onWait)
      else if (earlier.size > 0) await Promise.all(earlier)
    },
  }
}
