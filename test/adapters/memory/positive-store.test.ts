// The memory store under the contract, and the contract under a store that is known to be wrong.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryPositiveStore } from '../../../src/adapters/memory/positive-store.ts'
import type { PositiveStore } from '../../../src/ports/positive-store.ts'
import type { Interaction } from '../../../src/types.ts'
import { positiveStoreContract } from '../../contracts/positive-store.ts'
import { convergence, positives, strengths, worth } from '../../contracts/positive-stories.ts'

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

test('the contract turns red for a strength that the last event decides', async () => {
  const told = (store: PositiveStore) => convergence([store], limits, worth, strengths)
  const naive = await fc.check(told(lastWins()), { numRuns: 500, seed: 7 })
  assert.equal(naive.failed, true)
  const real = await fc.check(told(memoryPositiveStore(limits)), { numRuns: 500, seed: 7 })
  assert.equal(real.failed, false)
})

/** Of each item the newest event, with its weight: the highest of equal times, so that repeats change nothing. */
function lastWins(): PositiveStore {
  const newest = new Map<string, Map<string, Interaction>>()
  return {
    ...memoryPositiveStore(limits),
    async apply(events) {
      for (const event of events) {
        const own = newest.get(event.user) ?? new Map<string, Interaction>()
        newest.set(event.user, own)
        const before = own.get(event.item)?.timestamp ?? Number.NEGATIVE_INFINITY
        if (event.timestamp > before) own.set(event.item, event)
      }
    },
    async read(users) {
      const store = memoryPositiveStore(limits)
      for (const user of users) await store.apply([...(newest.get(user)?.values() ?? [])])
      return store.read(users)
    },
  }
}

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
