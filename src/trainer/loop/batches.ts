// Small readings of the batches that the learning side is given.

import { addAction, type TrainerBatch } from '../../messages.ts'

/** A batch that waits for its turn since it came at `atMs`, monotonic. */
export interface Queued {
  readonly batch: TrainerBatch
  readonly atMs: number
}

/** What each user has, after a batch that says all they have. */
export function itemsByUser({ users, items, actions }: TrainerBatch): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>()
  users.forEach((user, k) => {
    const own = found.get(user) ?? new Set()
    if (actions[k] === addAction) own.add(items[k]!)
    found.set(user, own)
  })
  return found
}

/** Adds counts by name. */
export function addAll(from: Readonly<Record<string, number>>, into: Map<string, number>): void {
  for (const [name, count] of Object.entries(from)) into.set(name, (into.get(name) ?? 0) + count)
}
