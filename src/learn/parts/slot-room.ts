// How tables of (partner, count) with linear probing make room. Where all of them together are bounded, an item may
// have as many slots as any other: a power of two, half as many each time the items have doubled. Half of the bound is
// kept for the smaller tables that were outgrown. Partners are taken out so that the gap is closed, and no mark of what
// was there stays behind.

import { emptySlot, homeOf, powerOver, type SlotArena, slotIn } from './partner-slots.ts'

export const slotsFirst = 4
/** A slot is two numbers of 32 bits. */
const bytesPerSlot = 8
/** Bytes of an item's smallest table, and as much for those that were outgrown. */
export const neighbourBytesMin = slotsFirst * bytesPerSlot * 2
/** Places of numbers in an arena stay below 2³¹: the lookups compute with 32 bits. */
const slotsEver = 2 ** 30

export class SlotBudget {
  /** Slots that each item may have now. */
  share: number
  readonly slotsMax: number
  /** Items with slots. */
  private items = 0
  private cursor = 0
  private readonly most: number

  /** `most`: slots that an item has use for; `bytesMax`: of the slots of all items. */
  constructor(most: number, bytesMax: number) {
    this.most = most
    this.slotsMax = Math.min(slotsEver, Math.floor(bytesMax / bytesPerSlot))
    this.share = most
    this.count(0)
  }

  /** `more` more items have slots. */
  count(more: number): void {
    this.items += more
    const even = this.slotsMax / 2 / Math.max(1, this.items)
    this.share = Math.min(this.most, Math.max(slotsFirst, powerOver(even + 1) / 2))
  }

  /** Shrinks items that have more than their share, in turn, until `size` slots are free. */
  makeRoom(
    arena: SlotArena,
    size: number,
    slots: Int32Array,
    shrink: (item: number) => void,
  ): void {
    for (let looked = 0; looked < slots.length && !arena.hasRoomFor(size); looked++) {
      this.cursor = (this.cursor + 1) % slots.length
      if (Math.abs(slots[this.cursor]!) > this.share) shrink(this.cursor)
    }
  }

  /** Where the next turn begins, for a checkpoint. */
  get turn(): number {
    return this.cursor
  }

  restore(slots: Int32Array, turn: number): void {
    this.cursor = turn
    this.items = 0
    this.count(slots.reduce((items, size) => items + (size === 0 ? 0 : 1), 0))
  }
}

/** Partners that are looked at for the rarest of them. */
const handReach = 8

/** Drops the rarest of the partners under the hand, and closes the gap; returns where the hand points next. */
export function removeRarest(words: Int32Array, first: number, mask: number, hand: number): number {
  const countAt = (at: number) => words[2 * (first + at) + 1]!
  let next = hand
  let rarest = -1
  for (let looked = 0; looked < handReach; next++) {
    const at = next & mask
    if (words[2 * (first + at)] === emptySlot) continue
    if (rarest < 0 || countAt(at) < countAt(rarest)) rarest = at
    looked++
  }
  removeSlot(words, first, mask, rarest)
  return next
}

/** Empties slot `from` of the table of mask + 1 slots that begins at slot `first`. */
function removeSlot(words: Int32Array, first: number, mask: number, from: number): void {
  const partnerAt = (at: number) => words[2 * (first + at)]!
  let hole = from
  for (let at = (hole + 1) & mask; partnerAt(at) !== emptySlot; at = (at + 1) & mask) {
    const home = homeOf(partnerAt(at)) & mask
    if (((at - home) & mask) < ((at - hole) & mask)) continue
    words.copyWithin(2 * (first + hole), 2 * (first + at), 2 * (first + at) + 2)
    hole = at
  }
  words[2 * (first + hole)] = emptySlot
  words[2 * (first + hole) + 1] = 0
}

/** Takes out partners with a 1 and returns how many there were. `size`: slots; below zero, of counts by partner. */
export function dropPartners(
  words: Int32Array,
  first: number,
  size: number,
  gone: Uint8Array,
): number {
  if (size < 0) return clearPartners(words, 2 * first, Math.min(-2 * size, gone.length), gone)
  let dropped = 0
  for (let at = 0; at < size; ) {
    const partner = words[2 * (first + at)]!
    if (partner === emptySlot || gone[partner] !== 1) {
      at++
      continue
    }
    // Another partner may have moved here, and is looked at in its turn.
    removeSlot(words, first, size - 1, at)
    dropped++
  }
  return dropped
}

/** Counts that stand by partner from words[first] on: those of partners with a 1 become 0. */
function clearPartners(
  words: Int32Array,
  first: number,
  partners: number,
  gone: Uint8Array,
): number {
  let cleared = 0
  for (let partner = 0; partner < partners; partner++) {
    if (gone[partner] !== 1 || words[first + partner] === 0) continue
    words[first + partner] = 0
    cleared++
  }
  return cleared
}

/** Multiplies all counts. `size`: slots from `first` on; below zero, of counts by partner. */
export function scaleCounts(words: Int32Array, first: number, size: number, by: number): void {
  const [from, step] = size < 0 ? [2 * first, 1] : [2 * first + 1, 2]
  const end = 2 * (first + Math.abs(size))
  for (let at = from; at < end; at += step) words[at]! *= by
}

/** The counts of an item, in the order in which they stand. */
export interface ListedCounts {
  partners: Int32Array
  counts: Int32Array
  size: number
}

export function createListed(): ListedCounts {
  return { partners: new Int32Array(64), counts: new Int32Array(64), size: 0 }
}

/** Lists all counts. `size`: slots from `first` on; below zero, of counts by partner. */
export function listCounts(
  words: Int32Array,
  first: number,
  size: number,
  into: ListedCounts,
): void {
  const most = 2 * Math.abs(size)
  if (into.counts.length < most) {
    into.partners = new Int32Array(2 * most)
    into.counts = new Int32Array(2 * most)
  }
  const { partners, counts } = into
  let found = 0
  for (let k = 0; k < most; k++) {
    const partner = size < 0 ? k : words[2 * first + k++]!
    const count = words[2 * first + k]!
    if (count <= 0) continue
    partners[found] = partner
    counts[found++] = count
  }
  into.size = found
}

/** Leaves the `most` largest of the counts, the first of equal ones; all where there are no more. */
export function keepFrequent(listed: ListedCounts, most: number): void {
  const { partners, counts, size } = listed
  if (size <= most) return
  const order = Array.from({ length: size }, (_, k) => k)
  const kept = order.sort((a, b) => counts[b]! - counts[a]!).slice(0, Math.max(0, most))
  partners.set(kept.map((k) => partners[k]!))
  counts.set(kept.map((k) => counts[k]!))
  listed.size = kept.length
}

/** The partner with the highest number; 0 where there is none. */
export function lastOf({ partners, size }: ListedCounts): number {
  let last = 0
  for (let k = 0; k < size; k++) last = Math.max(last, partners[k]!)
  return last
}

/** Writes them to an empty table of `size` slots from `first` on; below zero, to counts by partner. */
export function writeListed(
  listed: ListedCounts,
  words: Int32Array,
  first: number,
  size: number,
): void {
  const { partners, counts } = listed
  for (let k = 0; k < listed.size; k++) {
    const partner = partners[k]!
    const at = size < 0 ? 2 * first + partner : 2 * slotIn(words, first, size, partner) + 1
    if (size > 0) words[at - 1] = partner
    words[at] = counts[k]!
  }
}
