// What came next: how often an item was the very next one that a user took after another. Sessions have an order, such
// as that of a page or of a series, which neighbours do not know: they are counted both ways and over many items. A
// feature of neighbours.ts.
//
// Symbols: h the newest of u's positives, n_h events of item h, next(h,i) how often i came right after h. The feature
// of item i is ln(1 + 30 · next(h,i) / (n_h + 20)), 0 without positives.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { LiveState } from '../../ports/live-state.ts'
import type { Moment } from '../part.ts'
import { createCoCounts } from './co-counts.ts'
import { createItemTerms, type ItemTerms } from './item-terms.ts'
import { createListed } from './slot-room.ts'

/** Added to the events of an item: what came after one that few have taken says little. */
const shrinkage = 20
/** How soon a larger share tells little more. */
const steepness = 30

/** Of the bytes of neighbours: an event counts one successor, and up to 20 neighbours both ways. */
export const successorShare = 1 / 8
/** Bytes of an item's smallest table, and as much for those that were outgrown. */
const bytesMin = 64

/** Bytes of neighbours in whose share successors of so many items have room. */
export function leastBytes(itemsMax: number): number {
  return (bytesMin * itemsMax) / successorShare
}

/** Whether successors of so many items have room in their share of the bytes of neighbours. */
export function haveRoom(neighboursBytesMax: number, itemsMax: number): boolean {
  return neighboursBytesMax >= leastBytes(itemsMax)
}

export interface SuccessorOptions {
  /** Most successors an item keeps, and bytes of those of all items. */
  readonly perItemMax: number
  readonly bytesMax: number
  /** Which one of its part the feature is. */
  readonly feature: number
}

/** What the part has counted of single items. */
export interface Counted {
  /** (items) n */
  readonly events: Float32Array
  /** What one event counts in whole numbers, where some weigh less. */
  readonly unit: number
}

export interface Successors {
  /** Counts that the item came after the user's newest, as `more` units. */
  observe(moment: Moment, item: number, more: number): void
  /** All counts are `by` times as high from now on. */
  scale(by: number): void
  /** out[from + x] = the feature of items[x]. */
  read(moment: Moment, items: Int32Array, out: Float32Array, from: number): void
  /** What it adds, with its weight at `feature`. */
  readonly terms: ItemTerms
  dropItems(gone: Uint8Array): void
  sweepItems(gone: Uint8Array, from: number, to: number): void
  readonly bytes: number
  readonly state: LiveState
  restore(tensors: ReadonlyMap<string, Tensor>): void
}

/** `counted`: asked at every use. */
export function createSuccessors(
  { perItemMax, bytesMax, feature }: SuccessorOptions,
  counted: () => Counted,
): Successors {
  const next = createCoCounts('neighbours.next', perItemMax, bytesMax)
  const listed = createListed()
  let counts = new Int32Array(128)

  /** The user's newest positive; -1 where there is none. */
  function newestOf({ users }: Moment): number {
    return users.historyStart[1]! > 0 ? users.historyItems[0]! : -1
  }

  /** What a count after the item is multiplied with. */
  function shareOf(item: number): number {
    const { events, unit } = counted()
    return steepness / (unit * ((events[item] ?? 0) + shrinkage))
  }

  function countsAfter(item: number, items: Int32Array): Int32Array {
    if (counts.length < items.length) counts = new Int32Array(2 * items.length)
    next.counts(item, items, counts, 0)
    return counts
  }

  return {
    observe(moment, item, more) {
      const newest = newestOf(moment)
      if (newest >= 0 && newest !== item) next.add(newest, item, more)
    },
    scale: next.scale,
    read(moment, items, out, from) {
      const n = items.length
      out.fill(0, from, from + n)
      const newest = newestOf(moment)
      if (newest < 0) return
      const [found, share] = [countsAfter(newest, items), shareOf(newest)]
      for (let x = 0; x < n; x++) if (found[x]! > 0) out[from + x] = Math.log(1 + share * found[x]!)
    },
    terms: createItemTerms((moment, weights) => {
      const [newest, weight] = [newestOf(moment), weights[feature]!]
      if (newest < 0 || weight === 0) return undefined
      const share = shareOf(newest)
      return {
        addAll(count, into, slack) {
          next.list(newest, listed)
          for (let k = 0; k < listed.size; k++) {
            const i = listed.partners[k]!
            if (i >= count) continue
            const a = weight * Math.log(1 + share * listed.counts[k]!)
            into[i]! += a + slack * Math.abs(a)
          }
        },
        addSome(items, count, into) {
          const found = countsAfter(newest, items.subarray(0, count))
          for (let x = 0; x < count; x++) {
            if (found[x]! > 0) into[x]! += weight * Math.log(1 + share * found[x]!)
          }
        },
      }
    }),
    dropItems: next.drop,
    sweepItems: next.dropPartners,
    get bytes() {
      return next.bytes
    },
    state: next.state,
    restore: next.restore,
  }
}
