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

/**
 * Σ_l weights[l] · the count that l has of the partner, l < `end`: what l has begins at starts[l] and takes sizes[l]
 * slots, below zero by partner. It stores nothing, and so V8 need not look up in every turn where the arrays are: two
 * to three times as quick as adding each l to all partners in turn.
 */
export function sumOfCounts(
  words: Int32Array,
  starts: Int32Array,
  sizes: Int32Array,
  weights: Float64Array,
  end: number,
  partner: number,
): number {
  let sum = 0
  for (let l = 0; l < end; l++) {
    const size = sizes[l]!
    const first = starts[l]!
    if (size < 0) {
      if (partner < -2 * size) sum += weights[l]! * words[2 * first + partner]!
    } else if (size > 0) {
      sum += weights[l]! * words[2 * slotIn(words, first, size, partner) + 1]!
    }
  }
  return sum
}
