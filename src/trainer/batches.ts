// Small readings of the batches that the learning side is given, and of whether their work may be cut.

import type { Config } from '../config.ts'
import { addAction, type TrainerBatch } from '../messages.ts'

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

/** Whether events may get fewer draws while many wait: on a stream that does not wait itself. */
export function shedsLoad({ source, follow, overload, deterministic }: Config): boolean {
  if (deterministic) return false
  const live = source.startsWith('kafka:') || follow
  return overload === 'shed' || (overload === 'auto' && live)
}

/** Above this share of the queue the draws per event shrink, down to none at fullShare. */
const relaxedShare = 0.1
const fullShare = 0.7

/** Full effort while the queue is short; `fill` is the share of it that is taken. */
export function effortAt(fill: number): number {
  return Math.max(0, Math.min(1, 1 - (fill - relaxedShare) / (fullShare - relaxedShare)))
}
