// Cosines with the items of a history: for a whole catalogue their weighed sum and the two largest of them, by item;
// for some items the features that neighbours.ts makes of them.
//
// Over a catalogue they are cleared again and again, and in a large one few are not 0: a list of those saves going
// through all of it. A small one is cleared and gone through whole.
//
// Symbols: c the count of a partner, r what it is multiplied with to be a part of a cosine, w the weight of the sum.

import type { CountSums } from '../../ports/catalogue.ts'
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
export function forSums(
  { items, places, count }: SparseSums,
  end: number,
  use: (item: number) => void,
): void {
  const last = Math.min(end, items)
  if (places === undefined) for (let item = 0; item < last; item++) use(item)
  else for (let at = 0; at < count; at++) if (places[at]! < last) use(places[at]!)
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
    found.counts.set(words.subarray(2 * from, 2 * from + n))
    found.add(n, r, w)
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
    counts: new Int32Array(0),
    sums: new Float64Array(0),
    largest: new Float64Array(0),
    second: new Float64Array(0),
    clear(n: number): void {
      if (n > sums.counts.length) {
        sums.counts = new Int32Array(n)
        sums.sums = new Float64Array(n)
        sums.largest = new Float64Array(n)
        sums.second = new Float64Array(n)
      } else for (const all of [sums.sums, sums.largest, sums.second]) all.fill(0, 0, n)
    },
    add(n: number, r: number, w: number): void {
      for (let x = 0; x < n; x++) if (sums.counts[x] !== 0) addOne(sums, x, r * sums.counts[x]!, w)
    },
  }
  return sums
}

/** The numbers of the array and zeros behind them. */
interface Counts {
  /** out[x] = count(from → partners[x]) */
  counts(from: number, partners: Int32Array, out: Int32Array): void
}

/** What there are features of: see NeighbourOptions. */
export interface LagFeatures {
  readonly lagEnds: readonly number[]
  readonly hasLargest: boolean
}

/** How soon more of a cosine tells little more. */
const bent = 10

export function bend(cosine: number): number {
  return (bent * cosine) / (1 + bent * cosine)
}

/** By the lags that they end at; the sum over the whole window has the name of the part. */
export function namesOf({ lagEnds, hasLargest }: LagFeatures): string[] {
  const lags = lagEnds.map((end) => `neighbours.lag${end}`)
  const largest = hasLargest ? ['neighbours.largest', 'neighbours.second'] : []
  return [...lags, 'neighbours', ...largest]
}

/**
 * With v_l = roots[history[l]] / unit · count(history[l] → items[x]), n items and B ends: out[b·n + x] = Σ v_l over
 * ends[b-1] ≤ l < ends[b], out[B·n + x] the largest v_l and out[(B+1)·n + x] the next, 0 where there is none.
 */
export function sumLags(
  co: Counts,
  history: Int32Array,
  roots: Float32Array,
  ends: Int32Array,
  items: Int32Array,
  found: CountSums,
  out: Float64Array,
  unit = 1,
): void {
  const n = items.length
  found.clear(n)
  let l = 0
  for (let b = 0; b < ends.length; b++) {
    for (const last = Math.min(history.length, ends[b]!); l < last; l++) {
      co.counts(history[l]!, items, found.counts)
      found.add(n, (roots[history[l]!] ?? 0) / unit, 1)
    }
    take(found.sums, n, out, b * n)
    found.sums.fill(0, 0, n)
  }
  take(found.largest, n, out, ends.length * n)
  take(found.second, n, out, (ends.length + 1) * n)
}

function take(from: Float64Array, n: number, out: Float64Array, at: number): void {
  for (let x = 0; x < n; x++) out[at + x] = from[x]!
}

/**
 * Turns what sumLags() found for the items into features: every row times scales[item]; the last sum becomes that of
 * all, which stands for the lags without a feature of their own; the two largest are bent.
 */
export function finishFeatures(
  found: Float64Array,
  bins: number,
  items: Int32Array,
  scales: Float32Array,
): void {
  const n = items.length
  for (let x = 0; x < n; x++) {
    const scale = scales[items[x]!] ?? 0
    let all = 0
    for (let at = x; at < bins * n; at += n) {
      found[at]! *= scale
      all += found[at]!
    }
    found[(bins - 1) * n + x] = all
    found[bins * n + x] = bend(scale * found[bins * n + x]!)
    found[(bins + 1) * n + x] = bend(scale * found[(bins + 1) * n + x]!)
  }
}
