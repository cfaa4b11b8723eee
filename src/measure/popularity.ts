// How often each item was chosen, of all time and in the newest thousand events: the two baselines that need no more.

import { longer } from '../arrays.ts'

const recentEvents = 1_000
/** Stands for an item that was dropped among the newest events. */
const dropped = -1

export interface Popularity {
  /** `weight`: how much of an event it counts as, of all time. */
  observe(item: number, weight?: number): void
  /** Events of the item so far. */
  count(item: number): number
  /** out[x] = events of items[x] so far. */
  scoreAll(items: Int32Array, out: Float32Array): void
  /** out[x] = events of items[x] among the newest thousand. */
  scoreRecent(items: Int32Array, out: Float32Array): void
  /** Items with a 1 have no events any more. */
  dropItems(gone: Uint8Array): void
  readonly observed: number
  save(): { readonly counts: Float64Array; readonly newest: Float64Array }
  restore(counts: Float64Array, newest: ArrayLike<number>, observed: number): void
}

export function createPopularity(): Popularity {
  let counts: Float32Array = new Float32Array(1024)
  let recent: Float32Array = new Float32Array(1024)
  /** The items of the newest events, as a ring. */
  const newest = new Int32Array(recentEvents)
  let observed = 0

  function grow(size: number): void {
    if (size <= counts.length) return
    const length = Math.max(size, 2 * counts.length)
    counts = longer(counts, length)
    recent = longer(recent, length)
  }

  return {
    observe(item, weight = 1) {
      grow(item + 1)
      counts[item]! += weight
      recent[item]!++
      const oldest = newest[observed % recentEvents]!
      if (observed >= recentEvents && oldest !== dropped) recent[oldest]!--
      newest[observed % recentEvents] = item
      observed++
    },
    count: (item) => counts[item] ?? 0,
    scoreAll: (items, out) => lookUp(counts, items, out),
    scoreRecent: (items, out) => lookUp(recent, items, out),
    dropItems(gone) {
      const end = Math.min(gone.length, counts.length)
      for (let item = 0; item < end; item++) if (gone[item] === 1) counts[item] = recent[item] = 0
      for (let k = 0; k < Math.min(observed, recentEvents); k++) {
        if (gone[newest[k]!] === 1) newest[k] = dropped
      }
    },
    get observed() {
      return observed
    },
    save: () => ({ counts: new Float64Array(counts), newest: new Float64Array(newest) }),
    restore(savedCounts, savedNewest, savedObserved) {
      grow(savedCounts.length)
      counts.set(savedCounts)
      newest.set(savedNewest)
      observed = savedObserved
      for (let k = 0; k < Math.min(observed, recentEvents); k++) {
        if (newest[k] !== dropped) recent[newest[k]!]!++
      }
    },
  }
}

function lookUp(table: Float32Array, items: Int32Array, out: Float32Array): void {
  for (let x = 0; x < items.length; x++) out[x] = table[items[x]!] ?? 0
}
