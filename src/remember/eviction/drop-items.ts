// Items that lose their ids are taken out of what users have, without a trace.

import type { Positives } from '../positives.ts'

/** Nobody has an item with a 1, or has taken one back: their ids stand for others from now on. */
export function dropItems(positives: Positives, gone: Uint8Array): void {
  const { runs, earlier, withheld } = positives
  const isKept = (item: number): boolean => gone[item] !== 1
  for (let user = 0; user < positives.users; user++) {
    const ownWithheld = withheld.get(user)?.item
    const others = earlier.itemsOf(user)
    const loses = runs.holdsOf(user, gone) || (ownWithheld !== undefined && !isKept(ownWithheld))
    if (!loses && others.every(isKept)) continue
    const all = [
      ...runs.itemsOf(user),
      ...others,
      ...(ownWithheld === undefined ? [] : [ownWithheld]),
    ]
    positives.keepOnly(user, new Set(all.filter(isKept)))
  }
  positives.removals.dropItems(gone, positives.users)
}

/** What was withheld of the user is a positive like others from now on. */
export function admitWithheld(positives: Positives, user: number): void {
  const { runs, earlier, withheld } = positives
  const own = withheld.get(user)
  if (own === undefined) return
  positives.keepOnly(user, new Set([...runs.itemsOf(user), ...earlier.itemsOf(user)]))
  positives.add(user, own.item, own.time)
}
