// Users and items lose their ids to others: nothing that was learned, counted or remembered of them may be taken for
// the others'. Users go just before the event from which the id stands for another, wherever batches are cut; items
// begin to go long before it (leaving-items.ts).

import type { TrainerBatch } from '../../messages.ts'
import type { IdChange } from '../../types.ts'
import type { Lists } from '../lists/lists.ts'
import type { InputState } from '../loop/input-state.ts'
import type { Learner } from '../model/learner.ts'
import { forgetItems } from './leaving-items.ts'

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

/** Only what was learned or counted of the ids begins anew. */
export function unlearn(
  learner: Learner,
  { users, items }: { readonly users?: Int32Array; readonly items?: Int32Array },
): void {
  for (const network of learner.networks) {
    if (users !== undefined) network.renew('users', users)
    if (items !== undefined) network.renew('items', items)
  }
  if (users !== undefined) learner.preference.forgetUsers?.(users)
  if (items !== undefined) forgetItems(learner, items)
}

export interface IdChanges {
  /** Begins a batch: makes its changes up to the first event. */
  start(batch: TrainerBatch): void
  /** Makes the changes of the batch that was begun last up to event `k`. */
  upTo(batch: TrainerBatch, k: number): void
}

/** `renamedItem` is told whom an id of an item stands for from now on; '': for nobody. */
export function createIdChanges(
  learner: Learner,
  lists: Lists,
  input: InputState,
  renamedItem?: (id: number, name: string) => void,
): IdChanges {
  let users = 0
  let items = 0

  function rename(kind: Kind['kind'], id: number, name: string): void {
    input.rename(kind, id, name)
    if (kind === 'items') renamedItem?.(id, name)
  }

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
      for (const id of gone) rename(kind, id, '')
      for (; isNext(false); next++) {
        const { id, name } = changes[next]!
        if (kind === 'items') {
          input.leaving.pass(learner, true)
          input.leaving.take(learner, id)
        }
        rename(kind, id, name)
        input.lastUses[kind].begin(id, learner.counts.events + 1)
        // Nobody's rows were drawn as negatives, too.
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
      input.leaving.add(learner, ids)
      input.evictions.items += ids.length
    },
  }

  function upTo({ changedUsers = [], changedItems = [] }: TrainerBatch, k: number): void {
    if (users < changedUsers.length) users = make(changedUsers, users, k, ofUsers)
    if (items < changedItems.length) items = make(changedItems, items, k, ofItems)
  }

  return {
    start(batch) {
      users = 0
      items = 0
      upTo(batch, 0)
    },
    upTo,
  }
}

interface Kind {
  readonly kind: 'users' | 'items'
  drop(ids: Int32Array): void
}
