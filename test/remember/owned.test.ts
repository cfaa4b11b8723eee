// The bits of a user never deny a pair that is there, and mostly deny one that is not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PairSieve } from '../../src/remember/pair-sieve.ts'
import { Positives } from '../../src/remember/positives.ts'
import { createRandom } from '../../src/sample/random.ts'
import { viewOf } from '../../src/trainer/checkpoint/whole-state.ts'

test('what is owned is what a set holds, and the next owned item is found, whatever comes and goes', () => {
  // In a catalogue of 90 a user's bits come to reach over all items, in one of 900 they do not. Of two users alone each
  // has more items than are looked through one by one.
  const action = (lastUser: number, lastItem: number) =>
    fc.record({
      user: fc.nat(lastUser),
      item: fc.nat(lastItem),
      remove: fc.nat(9).map((n) => n < 3),
    })
  const some = (lastUser: number, lastItem: number) =>
    fc.array(action(lastUser, lastItem), { maxLength: 500, size: 'max' })
  const actions = fc.oneof(some(4, 90), some(4, 900), some(1, 900))
  const limits = fc.record({
    positivesPerUserMax: fc.constantFrom(40, 300),
    earlierItemsPerUserMax: fc.constantFrom(0, 30, 500),
    removalsPerUserMax: fc.constantFrom(5),
  })
  const property = fc.property(actions, limits, (all, given) => {
    const positives = new Positives(given)
    all.forEach(({ user, item, remove }, time) => {
      if (remove) positives.remove(user, item, time)
      else positives.add(user, item, time)
    })
    checkOwned(positives)
    const restored = new Positives(given)
    restored.restore(viewOf(positives.state()), positives.users, positives.items)
    checkOwned(restored)
    const held = (of: Positives) => [...of.holders.subarray(0, of.items)]
    assert.deepEqual(held(restored), held(positives))
    for (let user = 0; user < positives.users; user++) restored.forget(user)
    assert.ok(restored.holders.every((count) => count === 0))
  })
  fc.assert(property, { numRuns: 150, seed: 1 })
})

/** What the positive sets and the earlier items hold is what is owned, and nothing else. */
function checkOwned(positives: Positives): void {
  const all = Int32Array.from({ length: 1_000 }, (_, item) => item)
  for (let user = 0; user <= 4; user++) {
    const run = positives.count(user) === 0 ? [] : [...positives.runs.itemsOf(user)]
    const held = [...run, ...positives.earlier.itemsOf(user)].sort((a, b) => a - b)
    const found: number[] = []
    for (let at = positives.owned.next(user, all, 0, 1_000); at < 1_000; ) {
      found.push(all[at]!)
      at = positives.owned.next(user, all, at + 1, 1_000)
    }
    assert.deepEqual(found, held)
    for (const item of all) assert.equal(positives.has(user, item), found.includes(item))
  }
}

test('nine of ten strangers are denied without a look into the table, also after many removals', () => {
  const owned = new Positives({ positivesPerUserMax: 300, removalsPerUserMax: 10 })
  const random = createRandom(1)
  for (let k = 0; k < 20_000; k++) owned.add(k % 3, random.below(100_000), k)
  const sieve = new PairSieve()
  sieve.renew(0, 300)
  const marked = new Set<number>()
  for (let item = random.below(100_000); sieve.mark(0, item); item = random.below(100_000)) {
    marked.add(item)
  }
  assert.ok(marked.size >= 300)
  let passed = 0
  for (let item = 0; item < 100_000; item++) {
    if (sieve.maybe(0, item)) passed++
    else assert.ok(!marked.has(item))
  }
  assert.ok(passed < 10_000, `${passed} of 100,000 pass`)
  sieve.clear(0)
  assert.ok(![...marked].some((item) => sieve.maybe(0, item)))
  const none = new Positives({ positivesPerUserMax: 300, removalsPerUserMax: 10 })
  assert.ok(owned.owned.bytes < none.owned.bytes + 40 * 20_000)
})
