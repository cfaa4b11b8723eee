// One user of a joint tower against the catalogue: cards of the items (src/kernel/cards.ts) are made once for a version
// of the model, and lie in the room that a call keeps free, so any other call forgets them.

import { wantIds, wantLength } from '../../learn/network/check-batch.ts'
import type { Contest, UserBatch } from '../../ports/engine.ts'
import type { Call } from './batch.ts'
import { aligned, type Machine } from './place.ts'

/** Most bytes that cards may take: at 8 factors 3.7 million items, at 64 half a million. */
export const cardBytesMax = 2 ** 30

export interface Contests {
  /** Makes what is missing, and binds the first user. undefined where the cards would pass their bound. */
  contest(users: UserBatch): Contest | undefined
  /** The model has changed, or something else lies where the cards were. */
  forget(): void
}

export function createContests(machine: Machine, call: Call, bytesMax: number): Contests {
  const { kernel, store } = machine
  /** Where the cards are and for how many items; -1: nowhere. */
  const made = { at: -1, items: 0 }
  /** Counts users bound: a contest is over when another has begun. */
  let bound = 0
  let compared = 0

  function contest(users: UserBatch): Contest | undefined {
    if (users.count < 1) throw new RangeError('a contest needs a user; users.count is 0')
    const n = store.items
    const cards = n * kernel.cardBytes()
    const fixed = aligned(kernel.contestScratch()) + aligned(kernel.cardScratch())
    // Items, two logits each, the list, and the stack of Algorithm 1.
    const own = aligned(cards) + fixed + 5 * aligned(4 * n + 64) + kernel.championScratch(n)
    if (cards > bytesMax || machine.end + 2 * own > kernel.bytesMax) return undefined
    call.users(users, own)
    if (made.at !== call.own || made.items !== n) {
      kernel.makeCards(call.own, call.own + aligned(cards), n)
      made.at = call.own
      made.items = n
    }
    const scratch = call.own + aligned(cards) + aligned(kernel.cardScratch())
    kernel.bindUser(scratch)
    return bind(++bound, n, scratch + aligned(kernel.contestScratch()))
  }

  function bind(turn: number, n: number, items: number): Contest {
    const room = aligned(4 * n + 64)
    const [forthAt, backAt, outAt] = [items + room, items + 2 * room, items + 3 * room]
    const champions = items + 4 * room

    function put(given: Int32Array, count: number): void {
      if (turn !== bound) throw new RangeError('the contest is over: the network was asked again')
      if (count > n) throw new RangeError(`${count} items, the network has ${n}`)
      wantLength('items', given, count)
      kernel.ints.set(given.length === count ? given : given.subarray(0, count), items / 4)
      if (kernel.idsWithin(items, count, 0, n) === 0) wantIds('items', given, 0, count, 0, n)
    }

    return {
      against(r, given, count, forth, back) {
        wantLength('forth', forth, count)
        if (back !== undefined) wantLength('back', back, count)
        if (!(r >= 0 && r < n)) throw new RangeError(`item ${r} of ${n}`)
        put(given, count)
        kernel.meet(r, items, count, forthAt, back === undefined ? 0 : backAt)
        forth.set(kernel.floats.subarray(forthAt / 4, forthAt / 4 + count))
        back?.set(kernel.floats.subarray(backAt / 4, backAt / 4 + count))
      },
      foresee(r, given, count, out) {
        wantLength('out', out, count)
        if (!(r >= 0 && r < n)) throw new RangeError(`item ${r} of ${n}`)
        put(given, count)
        if (count > 0) kernel.foresee(r, items, count, forthAt)
        out.set(kernel.floats.subarray(forthAt / 4, forthAt / 4 + count))
      },
      pick(order, m, k, out) {
        wantLength('out', out, Math.min(k, m))
        put(order, m)
        const found = kernel.pickBest(items, m, Math.min(k, m), outAt, champions)
        compared = kernel.pickCompared()
        if (found < 0) throw new RangeError('items cannot be compared: a logit is NaN')
        out.set(kernel.ints.subarray(outAt / 4, outAt / 4 + found))
        return found
      },
      get picked() {
        return compared
      },
    }
  }

  return {
    contest,
    forget() {
      made.at = -1
      bound++
    },
  }
}
