// What an ADD is worth: a weight in (0, 1], and whether it keeps its item out of lists. A full ADD has the weight 1 and
// does; all others are called weighted. In columns and stores both are one whole number, the code.

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
