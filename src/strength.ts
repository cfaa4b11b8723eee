// What an ADD is worth: a weight in (0, 1], and whether it keeps its item out of lists. A full ADD has the weight 1 and
// does; all others are called weighted. In columns and stores both are one whole number, the code. And what of a user's
// ADDs and removals counts: what the user has, and what a store keeps of it.

import type { Interaction, Kind, UserState } from './types.ts'

/** Weights are told in thousandths. */
const thousandths = 1_000
export const fullAdd = 2 * thousandths
/** Added to the code of an event in a batch that is neither predicted nor measured. */
export const unmeasured = 4 * thousandths

export function strengthCode(weight: number, listable: boolean): number {
  return 2 * Math.round(weight * thousandths) + (listable ? 1 : 0)
}

/** Of an ADD. */
export function codeOf({ kind }: Interaction): number {
  return kind === undefined ? fullAdd : strengthCode(kind.weight, kind.listable)
}

/** The same, and whether it is measured: see `unmeasured`. */
export function eventCode(event: Interaction): number {
  return codeOf(event) + (event.kind?.measured === false ? unmeasured : 0)
}

/** For what is read from a store and has no name. */
export function kindOf(code: number): Kind {
  return { name: '', weight: weightOf(code), listable: isListable(code), measured: true }
}

export function weightOf(code: number): number {
  return (code >> 1) / thousandths
}

export function isListable(code: number): boolean {
  return (code & 1) === 1
}

export function isStrengthCode(code: number): boolean {
  return Number.isInteger(code) && code >= 2 && code <= fullAdd + 1
}

export interface OwnedItem {
  readonly item: string
  /** Of the newest ADD, in ms. */
  readonly time: number
  readonly weight: number
  /** All ADDs that count are listable ones. */
  readonly listable: boolean
}

/** What a user has: every ADD that is newer than the removal of its item counts. In order of event time. */
export function ownedItems({ added, removed, weighted = [] }: UserState): OwnedItem[] {
  const gone = new Map(removed)
  const owned = new Map<string, OwnedItem>()
  const all = [...added.map(([item, time]) => [item, time, fullAdd] as const), ...weighted]
  for (const [item, time, code] of all) {
    if (time <= (gone.get(item) ?? Number.NEGATIVE_INFINITY)) continue
    const before = owned.get(item)
    owned.set(item, {
      item,
      time: Math.max(time, before?.time ?? time),
      weight: Math.max(weightOf(code), before?.weight ?? 0),
      listable: isListable(code) && before?.listable !== false,
    })
  }
  return [...owned.values()].sort((a, b) => a.time - b.time)
}

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

/**
 * What a user keeps under the limits, as a pure function of the newest time per item: it needs no other memory, so a
 * store may trim early, late or never and still report the same.
 */
export function keptState(
  user: string,
  added: readonly Timed[],
  removed: readonly Timed[],
  limits: { readonly added: number; readonly removed: number },
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
