// One user of a joint tower against the catalogue. The items' projections (src/kernel/pairwise/item-projections.ts) are
// computed once for a version of the model and lie in the memory that a call may use, so any other call discards them.

import { wantIds, wantLength } from '../../learn/network/check-batch.ts'
import type { PairwiseRanker, UserBatch } from '../../ports/engine.ts'
import type { Call } from './memory/call-arrays.ts'
import { aligned, type NetworkMemory } from './memory/memory-map.ts'

/** Most bytes that projections may take: at 8 factors 3.7 million items, at 64 half a million. */
export const projectionBytesMax = 2 ** 30

export interface PairwiseRankers {
  /** Makes what is missing, and binds the first user. undefined where the projections would pass their bound. */
  of(users: UserBatch): PairwiseRanker | undefined
  /** The model has changed, or something else lies where the projections were. */
  forget(): void
}

export function createPairwiseRankers(
  memory: NetworkMemory,
  call: Call,
  bytesMax: number,
): PairwiseRankers {
  const { kernel, store } = memory
  /** Where the projections are and for how many items; -1: nowhere. */
  const made = { at: -1, items: 0 }
  /** Counts the users bound: a ranker is invalid once another user is bound. */
  let bound = 0
  let compared = 0

  function of(users: UserBatch): PairwiseRanker | undefined {
    if (users.count < 1) throw new RangeError('a pairwise ranker needs a user; users.count is 0')
    const n = store.items
    const projections = n * kernel.projectionBytes()
    const fixed = aligned(kernel.rankerScratch()) + aligned(kernel.projectionScratch())
    // Items, two logits each, the list, and the stack of Algorithm 1.
    const own = aligned(projections) + fixed + 5 * aligned(4 * n + 64) + kernel.algorithm1Scratch(n)
    if (projections > bytesMax || memory.end + 2 * own > kernel.bytesMax) return undefined
    call.users(users, own)
    if (made.at !== call.own || made.items !== n) {
      kernel.projectItems(call.own, call.own + aligned(projections), n)
      made.at = call.own
      made.items = n
    }
    const scratch = call.own + aligned(projections) + aligned(kernel.projectionScratch())
    kernel.bindUser(scratch)
    return bind(++bound, n, scratch + aligned(kernel.rankerScratch()))
  }

  function bind(turn: number, n: number, items: number): PairwiseRanker {
    const room = aligned(4 * n + 64)
    const [forwardAt, reverseAt, outAt] = [items + room, items + 2 * room, items + 3 * room]
    const champions = items + 4 * room

    function put(given: Int32Array, count: number): void {
      if (turn !== bound)
        throw new RangeError(
          'this pairwise ranker is no longer valid: the network was asked for something else',
        )
      if (count > n) throw new RangeError(`${count} items, the network has ${n}`)
      wantLength('items', given, count)
      kernel.ints.set(given.length === count ? given : given.subarray(0, count), items / 4)
      if (kernel.idsWithin(items, count, 0, n) === 0) wantIds('items', given, 0, count, 0, n)
    }

    return {
      compareWith(r, given, count, forward, reverse) {
        wantLength('forward', forward, count)
        if (reverse !== undefined) wantLength('reverse', reverse, count)
        if (!(r >= 0 && r < n)) throw new RangeError(`item ${r} of ${n}`)
        put(given, count)
        kernel.compareWith(r, items, count, forwardAt, reverse === undefined ? 0 : reverseAt)
        forward.set(kernel.floats.subarray(forwardAt / 4, forwardAt / 4 + count))
        reverse?.set(kernel.floats.subarray(reverseAt / 4, reverseAt / 4 + count))
      },
      estimate(r, given, count, out) {
        wantLength('out', out, count)
        if (!(r >= 0 && r < n)) throw new RangeError(`item ${r} of ${n}`)
        put(given, count)
        if (count > 0) kernel.estimate(r, items, count, forwardAt)
        out.set(kernel.floats.subarray(forwardAt / 4, forwardAt / 4 + count))
      },
      pickBest(order, m, k, out) {
        wantLength('out', out, Math.min(k, m))
        put(order, m)
        const found = kernel.pickBest(items, m, Math.min(k, m), outAt, champions)
        compared = kernel.comparedPairs()
        if (found < 0) throw new RangeError('items cannot be compared: a logit is NaN')
        out.set(kernel.ints.subarray(outAt / 4, outAt / 4 + found))
        return found
      },
      get compared() {
        return compared
      },
    }
  }

  return {
    of,
    forget() {
      made.at = -1
      bound++
    },
  }
}
