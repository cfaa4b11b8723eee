// What a whole catalogue has of the items of a history: by item the weighed sum of the cosines and the two largest of
// them, and the score that follows from these.
//
// The sums are cleared again and again, and in a large catalogue few are not 0: a list of those saves going through all
// of it. A small one is cleared and gone through whole.
//
// Symbols: c the count of a partner, r what it is multiplied with to be a part of a cosine, w the weight of the sum.

import type { BentWeights, CountSums } from '../../ports/catalogue.ts'
import { bend } from './cosines.ts'
import type { Terms } from './item-terms.ts'
import { emptySlot } from './partner-slots.ts'

/** The sums of up to this many items are cleared as a whole. */
const wholeMax = 16_384

export interface SparseSums {
  readonly items: number
  /** What belongs to item i stands at i: Σ w · r · c, and the largest r · c and the next. */
  readonly found: CountSums
  /** Items to which something was added, `count` of them; of a small catalogue undefined. */
  readonly places: Int32Array | undefined
  count: number
}

export function createSparseSums(items: number, found: CountSums = plainSums()): SparseSums {
  found.clear(items)
  const places = items > wholeMax ? new Int32Array(items) : undefined
  return { items, found, places, count: 0 }
}

/** Makes everything 0. */
export function emptySums(sparse: SparseSums): void {
  const { items, found, places, count } = sparse
  if (places === undefined) found.clear(items)
  else {
    const { sums, largest, second } = found
    for (let n = 0; n < count; n++) {
      const place = places[n]!
      sums[place] = largest[place] = second[place] = 0
    }
  }
  sparse.count = 0
}

/** Calls `use` with every item below `end` to which something was added, and in a small catalogue with others. */
function forSums(
  { items, places, count }: SparseSums,
  end: number,
  use: (item: number) => void,
): void {
  const last = Math.min(end, items)
  if (places === undefined) for (let item = 0; item < last; item++) use(item)
  else for (let at = 0; at < count; at++) if (places[at]! < last) use(places[at]!)
}

/** What these sums add at a moment, by items below `known`; `scales` by item. */
export function bentTerms(
  all: SparseSums,
  scales: Float32Array,
  known: number,
  by: BentWeights,
): Terms {
  const { found, places } = all
  return {
    addAll(count, into, slack) {
      const end = Math.min(count, known, all.items)
      if (places === undefined && slack === 0) {
        found.addBent(into, end, scales, by)
        return
      }
      forSums(all, end, (i) => {
        const a = bentScore(found, i, scales[i]!, by)
        into[i]! += a + slack * Math.abs(a)
      })
    },
    addSome(items, count, into) {
      const end = Math.min(known, all.items)
      for (let x = 0; x < count; x++) {
        const i = items[x]!
        if (i < end) into[x]! += bentScore(found, i, scales[i]!, by)
      }
    },
  }
}

/** What CountSums.addBent() adds to the place x. */
export function bentScore(
  { sums, largest, second }: CountSums,
  x: number,
  scale: number,
  { ofLargest, ofSecond }: BentWeights,
): number {
  const most = ofLargest * bend(scale * largest[x]!)
  return scale * sums[x]! + most + ofSecond * bend(scale * second[x]!)
}

/** Adds r · c for every slot of a table (partner, count). */
export function addTable(
  into: SparseSums,
  r: number,
  w: number,
  words: Int32Array,
  from: number,
  slots: number,
): void {
  const { places, found } = into
  found.flush()
  const end = 2 * (from + slots)
  for (let at = 2 * from; at < end; at += 2) {
    const place = words[at]!
    if (place === emptySlot) continue
    if (places !== undefined && found.largest[place] === 0) places[into.count++] = place
    addOne(found, place, r * words[at + 1]!, w)
  }
}

/** The same over counts that stand by partner, two in a slot. */
export function addByPartner(
  into: SparseSums,
  r: number,
  w: number,
  words: Int32Array,
  from: number,
  slots: number,
): void {
  const { items, places, found } = into
  const n = Math.min(2 * slots, items)
  if (places === undefined) {
    found.addRow(words, 2 * from, n, r, w)
    return
  }
  for (let place = 0; place < n; place++) {
    const count = words[2 * from + place]!
    if (count === 0) continue
    if (found.largest[place] === 0) places[into.count++] = place
    addOne(found, place, r * count, w)
  }
}

function addOne({ sums, largest, second }: CountSums, place: number, v: number, w: number): void {
  const most = largest[place]!
  sums[place]! += w * v
  if (v > most) {
    second[place] = most
    largest[place] = v
  } else if (v > second[place]!) second[place] = v
}

/** In plain loops, for engines that have nothing faster. */
export function plainSums(): CountSums {
  const sums = {
    sums: new Float64Array(0),
    largest: new Float64Array(0),
    second: new Float64Array(0),
    clear(n: number): void {
      if (n > sums.sums.length) {
        sums.sums = new Float64Array(n)
        sums.largest = new Float64Array(n)
        sums.second = new Float64Array(n)
      } else for (const all of [sums.sums, sums.largest, sums.second]) all.fill(0, 0, n)
    },
    addRow(counts: Int32Array, from: number, n: number, r: number, w: number): void {
      for (let x = 0; x < n; x++) {
        const count = counts[from + x]!
        if (count !== 0) addOne(sums, x, r * count, w)
      }
    },
    flush: () => undefined,
    addBent(onto: Float32Array, n: number, scales: Float32Array, by: BentWeights): void {
      for (let x = 0; x < n; x++) onto[x]! += bentScore(sums, x, scales[x]!, by)
    },
  }
  return sums
}
