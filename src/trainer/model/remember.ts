// Remembers what the store already knew, without predicting or learning it.

import type { Prequential } from '../../measure/prequential.ts'
import { addAction } from '../../messages.ts'
import type { Positives } from '../../remember/positives.ts'
import type { Model } from './model.ts'

/** See Learner.remember(). */
export function createRemember(
  { neighbours }: Pick<Model, 'neighbours'>,
  positives: Positives,
  prequential: Prequential,
  grow: (users: number, items: number) => void,
) {
  return (user: number, item: number, time: number, action: number, isCounted = true): boolean => {
    const isNew = action === addAction && positives.add(user, item, time) === 'added'
    if (action !== addAction) positives.remove(user, item, time)
    if (isNew && isCounted) {
      neighbours.meet(item)
      prequential.observe(item)
    }
    grow(positives.users, positives.items)
    return isNew
  }
}
