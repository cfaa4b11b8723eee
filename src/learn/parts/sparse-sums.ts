// Cosines with the items of a history, by item: their weighed sum and the two largest of them. They are cleared again
// and again, and in a large catalogue few are not 0: a list of those saves going through all of it. For a small
// catalogue everything is cleared, and adding needs no check.
//
// Symbols: c the count of a partner, r what it is multiplied with to be a part of a cosine, w the weight of the sum.

import { emptySlot } from './partner-slots.ts'

/** Up to so many items are emptied whole. */
const wholeMax = 16_384

export interface SparseSums {
  /** What belongs to item i stands at i + 1; what stands at 0 is nobody's. Σ w · r · c; */
  readonly sums: Float64Array
  /** and the largest r · c and the next. */
  readonly largest: Float64Array
  readonly second: Float64Array
  /** Places where something was added, `count` of them; of a small catalogue undefined. */
  readonly places: Int32Array | undefined
  count: number
}

export function createSparseSums(items: number): SparseSums {
  const places = items > wholeMax ? new Int32Array(items) : undefined
  const [sums, largest, second] = [0, 1, 2].map(() => new Float64Array(items + 1))
  return { sums: sums!, largest: largest!, second: second!, places, count: 0 }
}

/** Makes everything 0. */
export function emptySums(sparse: SparseSums): void {
  const { sums, largest, second, places, count } = sparse
  if (places === undefined) for (const all of [sums, largest, second]) all.fill(0)
  else {
    for (let n = 0; n < count; n++) {
      const place = places[n]!
      sums[place] = largest[place] = second[place] = 0
    }
  }
  sparse.count = 0
}

/** Calls `use` with every item below `end` to which something was added, and in a small catalogue with others. */
export function forSums(sparse: SparseSums, end: number, use: (item: number) => void): void {
  const { sums, places, count } = sparse
  if (places === undefined) {
    const last = Math.min(end, sums.length - 1)
    for (let item = 0; item < last; item++) use(item)
    return
  }
  for (let at = 0; at < count; at++) {
    const item = places[at]! - 1
    if (item < end) use(item)
  }
}

/** Adds r · count for every slot of a table (partner, count). */
export function addTable(
  into: SparseSums,
  r: number,
  w: number,
  words: Int32Array,
  from: number,
  slots: number,
): void {
  const { sums, largest, second, places } = into
  const end = 2 * (from + slots)
  for (let at = 2 * from; at < end; at += 2) {
    const place = words[at]! + 1
    if (place === emptySlot + 1) continue
    const value = r * words[at + 1]!
    const most = largest[place]!
    if (places !== undefined && most === 0) places[into.count++] = place
    sums[place]! += w * value
    if (value > most) {
      second[place] = most
      largest[place] = value
    } else if (value > second[place]!) second[place] = value
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
  const { sums, largest, second, places } = into
  const first = 2 * from - 1
  const end = Math.min(2 * slots + 1, sums.length)
  for (let place = 1; place < end; place++) {
    const count = words[first + place]!
    if (count === 0) continue
    const value = r * count
    const most = largest[place]!
    if (places !== undefined && most === 0) places[into.count++] = place
    sums[place]! += w * value
    if (value > most) {
      second[place] = most
      largest[place] = value
    } else if (value > second[place]!) second[place] = value
  }
}

/** The numbers of the array and zeros behind them. */
export function longer(array: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const more = new Float32Array(length)
  more.set(array)
  return more
}
