// What a silent batch does before its events are absorbed: its users have what it says and nothing else.

import { addAction, type TrainerBatch } from '../../messages.ts'
import type { Learner } from '../model/learner.ts'
import { itemsByUser } from './batches.ts'

/** Drops what the users of the batch have and the batch does not say; marks those with removals as doubted. */
export function replaceStates(learner: Learner, batch: TrainerBatch): void {
  for (const [user, items] of itemsByUser(batch)) learner.positives.keepOnly(user, items)
  batch.users.forEach((user, k) => {
    if (batch.actions[k] !== addAction) learner.doubted.add(user)
  })
}
