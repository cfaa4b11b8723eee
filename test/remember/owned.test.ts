// The bits of a user never deny a pair that is there, and mostly deny one that is not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { heap } from '../../src/remember/int-arrays.ts'
import { Owned, PairSieve } from '../../src/remember/owned.ts'
import { Positives } from '../../src/remember/positives.ts'
import { createRandom } from '../../src/sample/random.ts'

test('what is owned is what a set holds, and the next owned item is found, whatever comes and goes', () => {
  // In a catalogue of 90 a user's bits come to reach over all items, in one of 900 they do not.
  const action = (last: number) =>
    fc.record({ user: fc.nat(4), item: fc.nat(last), remove: fc.boolean() })
  const some = (last: number) => fc.array(action(last), { maxLength: 500 })
  const property = fc.property(fc.oneof(some(90), some(900)), (actions) => {
    const positives = new Positives({ positivesPerUserMax: 40, removalsPerUserMax: 5 })
    actions.forEach(({ user, item, remove }, time) => {
      if (remove) positives.remove(user, item, time)
      else positives.add(user, item, time)
    })
    const all = Int32Array.from({ length: 1_000 }, (_, item) => item)
    for (let user = 0; user <= 4; user++) {
      const [from, count] = [positives.runs.start[user]!, positives.count(user)]
      const run = [...positives.runs.items.subarray(from, from + count)].sort((a, b) => a - b)
      const found: number[] = []
      for (let at = positives.owned.next(user, all, 0, 1_000); at < 1_000; ) {
        found.push(all[at]!)
        assert.ok(positives.has(user, all[at]!))
        at = positives.owned.next(user, all, at + 1, 1_000)
      }
      assert.deepEqual(found, count === 0 ? [] : run)
      for (const item of all) assert.equal(positives.has(user, item), found.includes(item))
    }
  })
  fc.assert(property, { numRuns: 100, seed: 1 })
})

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
  const { bytes } = new Owned(heap)
  assert.ok(owned.owned.bytes < bytes + 40 * 20_000)
})
