// Looks at single partners of an item: in its table of (partner, count), open addressing with linear probing, or in its
// counts by partner, two in a slot. Free functions, since they are most of what a prediction asks of the neighbours.

import { emptySlot } from './slot-arena.ts'

/** Where a partner belongs, before the mask of the table. */
export function homeOf(partner: number): number {
  return Math.imul(partner, 0x9e37_79b1) >>> 7
}

/** Where the partner stands in a table of `size` slots from `first`, or the empty slot where it belongs. */
export function slotIn(words: Int32Array, first: number, size: number, partner: number): number {
  const mask = size - 1
  let at = homeOf(partner) & mask
  for (;;) {
    const found = words[2 * (first + at)]!
    if (found === partner || found === emptySlot) return first + at
    at = (at + 1) & mask
  }
}

/** out[x] += weight · count of partners[x] */
export function lookInTable(
  words: Int32Array,
  first: number,
  size: number,
  weight: number,
  partners: Int32Array,
  out: Float64Array,
): void {
  for (let x = 0; x < partners.length; x++) {
    out[x]! += weight * words[2 * slotIn(words, first, size, partners[x]!) + 1]!
  }
}

/** The same where the counts stand by partner. */
export function lookByPartner(
  words: Int32Array,
  first: number,
  size: number,
  weight: number,
  partners: Int32Array,
  out: Float64Array,
): void {
  const end = 2 * size
  for (let x = 0; x < partners.length; x++) {
    const to = partners[x]!
    if (to < end) out[x]! += weight * words[2 * first + to]!
  }
}
