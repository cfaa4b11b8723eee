// Takes partners out of a table of (partner, count) with linear probing: the gap is closed, so that no mark of what was
// there stays behind.

import { emptySlot, homeOf } from './partner-slots.ts'

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

/** All counts by partner. `size`: slots from `first` on; below zero, of counts by partner. */
export function countsIn(words: Int32Array, first: number, size: number): Map<number, number> {
  const counts = new Map<number, number>()
  for (let k = 0; k < 2 * Math.abs(size); k++) {
    const [partner, at] = size < 0 ? [k, k] : [words[2 * first + k]!, ++k]
    const count = words[2 * first + at]!
    if (count > 0) counts.set(partner, count)
  }
  return counts
}

/** The `most` largest of the counts, the first of equal ones; all where there are no more. */
export function frequent(counts: Map<number, number>, most: number): Map<number, number> {
  if (counts.size <= most) return counts
  return new Map([...counts].sort(([, a], [, b]) => b - a).slice(0, most))
}
