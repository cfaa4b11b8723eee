// Ids that come to stand for others in the middle of a batch: whom they stood for is dropped before the event at which
// they do, wherever batches are cut.

import type { TrainerBatch } from '../../messages.ts'
import type { IdChange } from '../../types.ts'
import type { Lists } from '../lists/lists.ts'
import type { InputState } from '../loop/input-state.ts'
import type { Learner } from '../model/learner.ts'
import { evictItems, evictUsers } from './evict.ts'

export interface IdChanges {
  /** To be called at the start of a batch. */
  start(): void
  /** Makes the changes of the batch up to event `k`. */
  upTo(batch: TrainerBatch, k: number): void
}

export function createIdChanges(learner: Learner, lists: Lists, input: InputState): IdChanges {
  let users = 0
  let items = 0

  /** Makes changes from … up to event `k` and returns the first that is left. */
  function make(
    changes: readonly IdChange[],
    from: number,
    k: number,
    { kind, drop }: Kind,
  ): number {
    let next = from
    const isNext = (vacates: boolean): boolean => {
      const change = changes[next]
      return change !== undefined && change.at <= k && (change.name === '') === vacates
    }
    while (isNext(true) || isNext(false)) {
      const gone: number[] = []
      for (; isNext(true); next++) gone.push(changes[next]!.id)
      if (gone.length > 0) drop(Int32Array.from(gone))
      for (const id of gone) input.rename(kind, id, '')
      for (; isNext(false); next++) {
        const { id, name } = changes[next]!
        input.rename(kind, id, name)
        input.lastUses[kind].begin(id, learner.counts.events + 1)
        // Nobody's rows are drawn as negatives, too.
        for (const network of learner.networks) network.renew(kind, Int32Array.of(id))
      }
    }
    return next
  }

  const ofUsers: Kind = {
    kind: 'users',
    drop(ids) {
      evictUsers(learner, ids)
      for (const id of ids) {
        lists.forget(id)
        input.unread.delete(id)
      }
      input.evictions.users += ids.length
    },
  }
  const ofItems: Kind = {
    kind: 'items',
    drop(ids) {
      evictItems(learner, ids)
      input.evictions.items += ids.length
    },
  }

  return {
    start() {
      users = 0
      items = 0
    },
    upTo({ changedUsers = [], changedItems = [] }, k) {
      if (users < changedUsers.length) users = make(changedUsers, users, k, ofUsers)
      if (items < changedItems.length) items = make(changedItems, items, k, ofItems)
    },
  }
}

interface Kind {
  readonly kind: 'users' | 'items'
  drop(ids: Int32Array): void
}
