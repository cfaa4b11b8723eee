// What a user keeps under the limits, as a pure function of the newest time per item. Because it needs
// no other memory, a store may trim early, late or never and still report the same.

import type { UserLimits } from '../../ports/positive-store.ts'
import type { UserState } from '../../types.ts'

/** [item, event time in ms]. */
export type Timed = readonly [string, number]

export function keptState(
  user: string,
  added: readonly Timed[],
  removed: readonly Timed[],
  limits: UserLimits,
): UserState {
  const keptRemoved = newest(removed, limits.removed)
  const floor = keptRemoved.length < limits.removed ? -Infinity : oldestTime(keptRemoved)
  const keptAdded = newest(added, limits.added)
  return {
    user,
    added: floor === -Infinity ? keptAdded : keptAdded.filter(([, time]) => time > floor),
    removed: keptRemoved,
  }
}

/** The `count` newest; equal times are ordered by the bytes of the item, as a sorted set orders them. */
export function newest(entries: readonly Timed[], count: number): readonly Timed[] {
  if (entries.length <= count) return entries
  return [...entries].sort((a, b) => b[1] - a[1] || compareBytes(b[0], a[0])).slice(0, count)
}

function oldestTime(entries: readonly Timed[]): number {
  return entries.reduce((oldest, [, time]) => Math.min(oldest, time), Infinity)
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
