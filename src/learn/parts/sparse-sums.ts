// Sums by item that are cleared again and again. In a large catalogue few of them are not 0, and a list of those saves
// going through all of it. For a small catalogue everything is cleared, and adding needs no check.

import { emptySlot } from './partner-slots.ts'

/** Up to so many items are emptied whole. */
const wholeMax = 16_384

export interface SparseSums {
  /** The sum of item i stands at i + 1; what stands at 0 is nobody's. */
  readonly sums: Float64Array
  /** Places that are not 0, `count` of them; of a small catalogue undefined. */
  readonly places: Int32Array | undefined
  count: number
}

export function createSparseSums(items: number): SparseSums {
  const places = items > wholeMax ? new Int32Array(items) : undefined
  return { sums: new Float64Array(items + 1), places, count: 0 }
}

/** Makes all sums 0. */
export function emptySums(sparse: SparseSums): void {
  const { sums, places, count } = sparse
  if (places === undefined) sums.fill(0)
  else for (let n = 0; n < count; n++) sums[places[n]!] = 0
  sparse.count = 0
}

/** out[x] = the sum of items[x]. */
export function takeSums({ sums }: SparseSums, items: Int32Array, out: Float64Array): void {
  for (let x = 0; x < items.length; x++) out[x] = sums[items[x]! + 1] ?? 0
}

/** into[i] += weight · scales[i] · the sum of item i, for items i < n. */
export function addSums(
  sparse: SparseSums,
  weight: number,
  scales: Float32Array,
  n: number,
  into: Float32Array,
): void {
  const { sums, places, count } = sparse
  const end = Math.min(n, scales.length, sums.length - 1)
  if (places === undefined) {
    for (let i = 0; i < end; i++) into[i]! += weight * scales[i]! * sums[i + 1]!
    return
  }
  for (let at = 0; at < count; at++) {
    const i = places[at]! - 1
    if (i < end) into[i]! += weight * scales[i]! * sums[i + 1]!
  }
}

/** sums[x] += what addSums() adds for items[x], x < count, to the last bit. */
export function addSomeSums(
  sparse: SparseSums,
  weight: number,
  scales: Float32Array,
  n: number,
  items: Int32Array,
  count: number,
  into: Float32Array,
): void {
  const { sums } = sparse
  const end = Math.min(n, scales.length, sums.length - 1)
  for (let x = 0; x < count; x++) {
    const i = items[x]!
    if (i < end) into[x]! += weight * scales[i]! * sums[i + 1]!
  }
}

/** A share of what is added, by which no sum of floats is off. */
const rounding = 1e-5

/** into[i] += no less than what addSums() adds, for items i below its length. */
export function raiseSums(
  sparse: SparseSums,
  weight: number,
  scales: Float32Array,
  into: Float32Array,
): void {
  const { sums, places, count } = sparse
  const end = Math.min(into.length, scales.length, sums.length - 1)
  const all = places === undefined ? end : count
  for (let at = 0; at < all; at++) {
    const i = places === undefined ? at : places[at]! - 1
    if (i >= end) continue
    const added = weight * scales[i]! * sums[i + 1]!
    into[i]! += added + rounding * Math.abs(added)
  }
}

/** sums[partner] += weight · count over the slots of a table (partner, count). */
export function addTable(
  into: SparseSums,
  weight: number,
  words: Int32Array,
  from: number,
  slots: number,
): void {
  const { sums, places } = into
  const end = 2 * (from + slots)
  if (places === undefined) {
    // Empty slots add 0 to what is nobody's: there is no telling beforehand which they are.
    for (let at = 2 * from; at < end; at += 2) sums[words[at]! + 1]! += weight * words[at + 1]!
    return
  }
  for (let at = 2 * from; at < end; at += 2) {
    const place = words[at]! + 1
    if (place === emptySlot + 1) continue
    if (sums[place] === 0) places[into.count++] = place
    sums[place]! += weight * words[at + 1]!
  }
}

/** The same over counts that stand by partner, two in a slot. */
export function addByPartner(
  into: SparseSums,
  weight: number,
  words: Int32Array,
  from: number,
  slots: number,
): void {
  const { sums, places } = into
  const first = 2 * from - 1
  const end = Math.min(2 * slots + 1, sums.length)
  for (let place = 1; place < end; place++) {
    const count = words[first + place]!
    if (count === 0) continue
    if (places !== undefined && sums[place] === 0) places[into.count++] = place
    sums[place]! += weight * count
  }
}

/** The numbers of the array and zeros behind them. */
export function longer(array: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const more = new Float32Array(length)
  more.set(array)
  return more
}
