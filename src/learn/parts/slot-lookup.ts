// Looks at single partners of an item: in its table of (partner, count), open addressing with linear probing, or
// in its counts by partner, two in a slot. Most of what a prediction asks of the neighbours.

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
 * Σ_l weights[l] · the count that l has of the partner, l < `end`: what l has begins at words[bases[l]]. reaches[l] is
 * the end of counts by partner, or below zero the slots of a table. It stores nothing and keeps its indices within 32
 * bits, so that V8 holds the arrays in registers and many lookups wait for memory at once: two to three times as fast
 * as adding each l to all partners in turn.
 */
function sumOfCounts(
  words: Int32Array,
  bases: Int32Array,
  reaches: Int32Array,
  weights: Float64Array,
  end: number,
  partner: number,
): number {
  let sum = 0
  for (let l = 0; l < end; l++) {
    const base = bases[l]!
    const reach = reaches[l]!
    if (reach < 0) {
      sum += weights[l]! * words[2 * slotIn(words, base >> 1, -reach, partner) + 1]!
    } else if (partner < reach) {
      sum += weights[l]! * words[(base + partner) | 0]!
    }
  }
  return sum
}

/** Counts of many partners in the tables of the same few items. */
export interface SlotLookup {
  /** The items; where their tables or counts begin, in slots, and how many slots they have, below zero by partner. */
  aim(items: Int32Array, start: Int32Array, slots: Int32Array): void
  /** out[x] = Σ_l weights[l] · the count that items[l] has of partners[x] */
  sum(words: Int32Array, weights: Float64Array, partners: Int32Array, out: Float64Array): void
}

export function createSlotLookup(): SlotLookup {
  let bases = new Int32Array(64)
  let reaches = new Int32Array(64)
  let end = 0
  return {
    aim(items, start, slots) {
      end = items.length
      if (bases.length < end) {
        bases = new Int32Array(end)
        reaches = new Int32Array(end)
      }
      for (let l = 0; l < end; l++) {
        const size = slots[items[l]!] ?? 0
        bases[l] = 2 * (start[items[l]!] ?? 0)
        reaches[l] = size < 0 ? -2 * size : -size
      }
    },
    sum(words, weights, partners, out) {
      const [from, to, l] = [bases, reaches, end]
      for (let x = 0; x < partners.length; x++) {
        out[x] = sumOfCounts(words, from, to, weights, l, partners[x]!)
      }
    },
  }
}
