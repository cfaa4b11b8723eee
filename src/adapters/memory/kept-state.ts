// What a user keeps under the limits, as a pure function of the newest time per item. Because it needs
// no other memory, a store may trim early, late or never and still report the same.

import type { UserLimits } from '../../ports/positive-store.ts'
import { isStrengthCode } from '../../strength.ts'
import type { UserState } from '../../types.ts'

/** [item, event time in ms]. */
export type Timed = readonly [string, number]

/**
 * What stands for an item in the set of ADDs that are not full: an item has a member for each weight, with or without
 * `l` for listable, so each keeps the newest time of its own and no order of events makes a difference.
 */
export function weightedMember(item: string, code: number): string {
  return `${code >> 1}${(code & 1) === 1 ? 'l' : ''}:${item}`
}

/** The item and the code; undefined for what weightedMember() does not write. */
function partsOf(member: string): readonly [string, number] | undefined {
  const cut = member.indexOf(':')
  const [, weight, listable] = /^(\d{1,4})(l?)$/.exec(member.slice(0, cut)) ?? []
  const code = 2 * Number(weight) + (listable === 'l' ? 1 : 0)
  return isStrengthCode(code) ? [member.slice(cut + 1), code] : undefined
}

export function keptState(
  user: string,
  added: readonly Timed[],
  removed: readonly Timed[],
  limits: UserLimits,
  weighted: readonly Timed[] = [],
): UserState {
  const keptRemoved = newest(removed, limits.removed)
  const floor = keptRemoved.length < limits.removed ? -Infinity : oldestTime(keptRemoved)
  const isKept = ([, time]: Timed): boolean => time > floor
  const kept = (adds: readonly Timed[]) => newest(adds, limits.added).filter(isKept)
  const state = { user, added: kept(added), removed: keptRemoved }
  const members = kept(weighted).flatMap(([member, time]) => {
    const parts = partsOf(member)
    return parts === undefined ? [] : [[parts[0], time, parts[1]] as const]
  })
  return members.length === 0 ? state : { ...state, weighted: members }
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
