// Users and items lose their ids to others: nothing that was learned, counted or remembered of them may be taken for
// the others'. It is dropped just before the event from which the id stands for another, wherever batches are cut.

import type { TrainerBatch } from '../../messages.ts'
import { admitWithheld, dropItems } from '../../remember/eviction/drop-items.ts'
import type { IdChange } from '../../types.ts'
import type { Lists } from '../lists/lists.ts'
import type { InputState } from '../loop/input-state.ts'
import type { Learner } from '../model/learner.ts'

/** Drops the users, so that their ids are as new. */
export function evictUsers(learner: Learner, users: Int32Array): void {
  const { positives, forgetting, usersWithUncertainRemovals } = learner
  for (const user of users) {
    positives.forget(user)
    forgetting.forget(user)
    usersWithUncertainRemovals.delete(user)
  }
  unlearn(learner, { users })
}

/** Drops the items, also from what users have. Takes a pass over all users, so many go at once. */
export function evictItems(learner: Learner, items: Int32Array): void {
  const { positives, forgetting, prequential } = learner
  const gone = marksOf(items, positives.items)
  for (const user of forgetting.dropItems(gone)) admitWithheld(positives, user)
  dropItems(positives, gone)
  prequential.dropItems(gone)
  unlearn(learner, { items })
}

/** Only what was learned or counted of the ids begins anew. */
export function unlearn(
  { parts, neighbours, networks, positives }: Learner,
  { users, items }: { readonly users?: Int32Array; readonly items?: Int32Array },
): void {
  for (const network of networks) {
    if (users !== undefined) network.renew('users', users)
    if (items !== undefined) network.renew('items', items)
  }
  if (items === undefined) return
  const gone = marksOf(items, positives.items)
  for (const part of new Set([...parts, neighbours])) part.dropItems?.(gone)
}

/** 1 where an item of 0 … n-1 is among them. */
function marksOf(items: Int32Array, n: number): Uint8Array {
  const marks = new Uint8Array(n)
  for (const item of items) if (item < n) marks[item] = 1
  return marks
}

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
