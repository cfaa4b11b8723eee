// The memory store under the contract, and the contract under a store that is known to be wrong.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryPositiveStore } from '../../../src/adapters/memory/positive-store.ts'
import type { PositiveStore } from '../../../src/ports/positive-store.ts'
import { convergence, positiveStoreContract, positives } from '../../contracts/positive-store.ts'

const limits = { added: 1000, removed: 1000 }

positiveStoreContract({
  name: 'memory',
  open: async (limits) => memoryPositiveStore(limits),
  connections: 1,
  cases: 2_000,
})

test('the contract turns red for sets that take events as they come', async () => {
  const told = (store: PositiveStore) => convergence([store], limits, positives)
  const naive = await fc.check(told(naiveStore()), { numRuns: 500, seed: 7 })
  assert.equal(naive.failed, true)
  const real = await fc.check(told(memoryPositiveStore(limits)), { numRuns: 500, seed: 7 })
  assert.equal(real.failed, false)
})

/** Adds and removes in order of arrival, as SADD and SREM would. */
function naiveStore(): PositiveStore {
  const sets = new Map<string, Map<string, number>>()
  return {
    ...memoryPositiveStore(limits),
    async apply(events) {
      for (const { user, item, timestamp, action } of events) {
        const set = sets.get(user) ?? new Map<string, number>()
        sets.set(user, set)
        if (action === 'ADD') set.set(item, timestamp)
        else set.delete(item)
      }
    },
    async read(users) {
      return users.map((user) => ({ user, added: [...(sets.get(user) ?? [])], removed: [] }))
    },
  }
}
