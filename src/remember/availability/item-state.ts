// What a word of the item feed means at a moment.

import type { ItemState } from '../../types.ts'

/** Of an item whose name is known elsewhere. */
export type Kept = Omit<ItemState, 'item'>
/** Whether items that the feed has never named may be listed. */
export type Unnamed = 'listed' | 'unlisted'

export function isListed(state: Kept | undefined, unnamed: Unnamed, nowMs: number): boolean {
  if (state === undefined) return unnamed === 'listed'
  const { available, from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = state
  return available && nowMs >= from && nowMs < until
}

/** When the item changes its side next by itself. */
export function nextTime({ available, from, until }: Kept, nowMs: number): number | undefined {
  if (!available) return undefined
  if (from !== undefined && nowMs < from) return from
  return until !== undefined && nowMs < until ? until : undefined
}

/** Of an item with an id this needs no state to be remembered, as long as the id is the item's. */
export function isOutForGood(state: Kept, unnamed: Unnamed, nowMs: number): boolean {
  const isOut = !isListed(state, unnamed, nowMs) && nextTime(state, nowMs) === undefined
  return isOut && unnamed === 'listed'
}

/** Whether the state has to be kept to be known. */
export function saysMore({ available, from, until }: Kept, unnamed: Unnamed): boolean {
  const isPlain = from === undefined && until === undefined
  return unnamed === 'listed' ? !available || !isPlain : available
}
