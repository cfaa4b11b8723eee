// Remembers what the store already knew, without predicting or learning it.

import type { Prequential } from '../../measure/prequential.ts'
import { addAction } from '../../messages.ts'
import type { Positives } from '../../remember/positives.ts'
import { fullAdd, unmeasured } from '../../strength.ts'
import type { Model } from './model.ts'

/** See Learner.remember(). */
export function createRemember(
  { neighbours }: Pick<Model, 'neighbours'>,
  positives: Positives,
  prequential: Prequential,
  grow: (users: number, items: number) => void,
) {
  return (
    user: number,
    item: number,
    time: number,
    action: number,
    isCounted = true,
    code = fullAdd,
  ): number => {
    const weight = action === addAction ? put(positives, user, item, time, code) : 0
    if (action !== addAction) positives.remove(user, item, time)
    if (weight > 0 && isCounted) {
      neighbours.meet(item, weight)
      prequential.observe(item, weight)
    }
    grow(positives.users, positives.items)
    return weight
  }
}

/** Adds the item; returns how much more than before it is worth to the user. */
function put(positives: Positives, user: number, item: number, time: number, code: number): number {
  const gain = positives.gain(user, item, time, code % unmeasured)
  const change = positives.add(user, item, time, code % unmeasured)
  return change === 'added' || change === 'renewed' ? gain : 0
}
