// Items that lose their ids are taken out of what users have, without a trace.

import type { Positives } from '../positives.ts'

/** Of users from … to-1 nobody has an item with a 1 any more, or has taken one back. */
export function dropItems(positives: Positives, gone: Uint8Array, from: number, to: number): void {
  const { runs, earlier, withheld } = positives
  const isKept = (item: number): boolean => gone[item] !== 1
  const end = Math.min(to, positives.users)
  for (let user = from; user < end; user++) {
    const ownWithheld = withheld.get(user)?.item
    const others = earlier.count(user) === 0 ? [] : earlier.itemsOf(user)
    const loses = runs.holdsOf(user, gone) || (ownWithheld !== undefined && !isKept(ownWithheld))
    if (!loses && others.every(isKept)) continue
    const all = [
      ...runs.itemsOf(user),
      ...others,
      ...(ownWithheld === undefined ? [] : [ownWithheld]),
    ]
    positives.keepOnly(user, new Set(all.filter(isKept)))
  }
  positives.removals.dropItems(gone, from, end)
}

/** What was withheld of the user is a positive like others from now on. */
export function admitWithheld(positives: Positives, user: number): void {
  const { runs, earlier, withheld } = positives
  const own = withheld.get(user)
  if (own === undefined) return
  positives.keepOnly(user, new Set([...runs.itemsOf(user), ...earlier.itemsOf(user)]))
  positives.add(user, own.item, own.time)
}
