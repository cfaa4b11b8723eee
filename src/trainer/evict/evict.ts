// Users and items lose their ids to others: nothing that was learned, counted or remembered of them may be taken for
// the others'.

import { admitWithheld, dropItems } from '../../remember/eviction/drop-items.ts'
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
