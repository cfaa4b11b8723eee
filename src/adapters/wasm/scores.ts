// What a network says of items and of pairs of them: scores where its order is total, logits of pairs in any case. Each
// call puts its ids behind the users of the call, has the kernel check them there, and copies what comes out.

import { checkPairs, wantIds, wantLength } from '../../learn/network/check-batch.ts'
import type { Network } from '../../ports/engine.ts'
import type { Call } from './memory/call-arrays.ts'
import type { NetworkMemory } from './memory/memory-map.ts'

export type Scores = Pick<Network, 'score' | 'scoreAll' | 'compare'>

export function createScores({ kernel, store }: NetworkMemory, call: Call): Scores {
  const { joint } = store.layout.shape

  function wantTotalOrder(): void {
    if (joint) throw new RangeError('a joint tower has no scores, only comparisons')
  }

  return {
    score(users, items, out) {
      wantTotalOrder()
      const n = items.length
      wantLength('out', out, users.count * n)
      call.users(users, 8 * n + 64)
      const from = call.own
      const to = (from + 4 * n + 31) & ~15
      kernel.ints.set(items, from / 4)
      if (kernel.idsWithin(from, n, 0, store.items) === 0) {
        wantIds('items', items, 0, n, 0, store.items)
      }
      for (let k = 0; k < users.count; k++) {
        kernel.score(k, from, n, to)
        // A loop, because for so few numbers a view that set() would take costs more.
        const { floats } = kernel
        for (let x = 0, at = to / 4; x < n; x++) out[k * n + x] = floats[at++]!
      }
      if (users.count === 1) call.keep()
    },
    scoreAll(users, n, weight = 1, onto) {
      wantTotalOrder()
      if (users.count < 1) throw new RangeError('scoreAll needs a user; users.count is 0')
      if (!(n >= 0 && n <= store.items)) throw new RangeError(`${n} items of ${store.items}`)
      call.users(users, 4 * n + 64)
      if (onto !== undefined) {
        wantLength('onto', onto, n)
        kernel.floats.set(onto.length === n ? onto : onto.subarray(0, n), call.own / 4)
      }
      kernel.scoreAll(n, call.own, weight, onto === undefined ? 0 : 1)
      return kernel.floats.subarray(call.own / 4, call.own / 4 + n)
    },
    compare(users, first, second, count, out) {
      checkPairs(users, first, second, count, out, store.items)
      const bytes = (4 * count + 31) & ~15
      call.users(users, 4 * bytes)
      const from = call.own
      kernel.ints.set(first.subarray(0, count), from / 4)
      kernel.ints.set(second.subarray(0, count), (from + bytes) / 4)
      const to = from + 3 * bytes
      kernel.compare(from, from + bytes, count, from + 2 * bytes, to)
      out.set(kernel.floats.subarray(to / 4, to / 4 + count))
    },
  }
}
