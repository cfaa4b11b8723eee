// The mirror of the positive sets against the store it mirrors: any order, any number of repeats, removals,
// renewals, forgetting, bounds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryPositiveStore } from '../../src/adapters/memory/positive-store.ts'
import { copyOf } from '../../src/trainer/checkpoint/whole-state.ts'
import { positives as positivesOf } from '../contracts/positive-stories.ts'
import { changes, type Event, event, items, mirror, setsOf, tell, users } from './stories.ts'

/** The same story in the store that the worker trusts. */
async function storeSets(events: readonly Event[], added: number, removed: number) {
  const store = memoryPositiveStore({ added, removed })
  for (const { user, item, time, what } of events) {
    if (what === 'forget') await store.forget([String(user)])
    else {
      const name = { user: String(user), item: String(item) }
      await store.apply([{ ...name, timestamp: time, action: what }])
    }
  }
  const states = await store.read(Array.from({ length: users }, (_, user) => String(user)))
  return states.map(positivesOf)
}

for (const removalsMax of [1_000, 2, 1]) {
  test(`the mirror has what the store has, whatever happens, with ${removalsMax} removals`, async () => {
    const story = fc.array(event([...changes, 'REMOVE', 'forget']), { maxLength: 60 })
    const property = fc.asyncProperty(story, async (events) => {
      const positives = mirror(1_000, removalsMax)
      tell(positives, events)
      assert.deepEqual(setsOf(positives), await storeSets(events, 1_000, removalsMax))
    })
    await fc.assert(property, { numRuns: 700, seed: 1 })
  })

  test(`any order and any repeats end in the same sets, with ${removalsMax} removals`, () => {
    const story = fc.array(event(changes), { minLength: 1, maxLength: 40 }).chain((events) =>
      fc.record({
        events: fc.constant(events),
        order: fc.shuffledSubarray([...events.keys()], { minLength: events.length }),
        repeats: fc.array(fc.nat(events.length - 1), { maxLength: 20 }),
      }),
    )
    const property = fc.property(story, ({ events, order, repeats }) => {
      const [one, other] = [mirror(1_000, removalsMax), mirror(1_000, removalsMax)]
      tell(one, events)
      tell(
        other,
        [...order, ...repeats].map((k) => events[k]!),
      )
      assert.deepEqual(setsOf(other), setsOf(one))
    })
    fc.assert(property, { numRuns: 700, seed: 2 })
  })
}

test('a tie goes to removal, in both orders; a set that ignored times would differ', () => {
  const [forth, back] = [mirror(), mirror()]
  tell(forth, [
    { user: 0, item: 1, time: 5, what: 'ADD' },
    { user: 0, item: 1, time: 5, what: 'REMOVE' },
  ])
  tell(back, [
    { user: 0, item: 1, time: 5, what: 'REMOVE' },
    { user: 0, item: 1, time: 5, what: 'ADD' },
  ])
  assert.deepEqual(setsOf(forth), setsOf(back))
  assert.equal(forth.has(0, 1), false)
  assert.equal(back.add(0, 1, 6), 'added')
})

test('a full set keeps the newest, in any order, and an addition that is too old changes nothing', () => {
  const adds = fc.uniqueArray(fc.nat(items - 1), { minLength: 4, maxLength: items })
  const property = fc.property(adds, (order) => {
    const positives = mirror(3)
    for (const item of order) positives.add(0, item, 10 + item)
    const newest = [...order].sort((a, b) => b - a).slice(0, 3)
    assert.deepEqual(setsOf(positives)[0], newest.map(String).sort())
    const oldest = Math.min(...order)
    assert.equal(positives.takes(0, oldest, 10 + oldest), false)
    assert.equal(positives.add(0, oldest, 10 + oldest), 'nothing', 'a repeat is no new event')
  })
  fc.assert(property, { numRuns: 300, seed: 3 })
})

test('says what an event did', () => {
  const positives = mirror()
  assert.equal(positives.add(0, 1, 5), 'added')
  assert.equal(positives.add(0, 1, 5), 'nothing')
  assert.equal(positives.add(0, 1, 4), 'nothing')
  assert.equal(positives.add(0, 2, 6), 'added')
  assert.equal(positives.add(0, 1, 7), 'renewed')
  assert.equal(positives.placeOf(0, 1), 1, 'a renewed item is the newest')
  assert.equal(positives.remove(0, 1, 6), 'nothing', 'the addition is newer')
  assert.equal(positives.remove(0, 1, 7), 'removed')
  assert.equal(positives.remove(0, 1, 7), 'nothing')
  assert.equal(positives.takes(0, 1, 7), false)
  assert.equal(positives.takes(0, 1, 8), true)
})

test('a withheld item is owned but not part of the run, and leaves with a removal or with its user', () => {
  const positives = mirror()
  positives.add(0, 1, 5)
  positives.withhold(0, 2, 6)
  assert.deepEqual(setsOf(positives)[0], ['1', '2'])
  assert.equal(positives.count(0), 1)
  assert.equal(positives.size, 1)
  assert.equal(positives.add(0, 2, 6), 'nothing')
  assert.equal(positives.add(0, 2, 7), 'renewed')
  assert.equal(positives.remove(0, 2, 6), 'nothing')
  assert.equal(positives.remove(0, 2, 7), 'removed')
  assert.deepEqual(setsOf(positives)[0], ['1'])
  positives.withhold(0, 3, 8)
  positives.forget(0)
  assert.deepEqual(setsOf(positives)[0], [])
  assert.equal(positives.withheld.size, 0)
})

test('a forgotten user leaves nothing behind in what is saved', () => {
  const positives = mirror()
  for (let k = 0; k < 20; k++) positives.add(0, k % items, 1_000 + k)
  positives.remove(0, 3, 5_000)
  positives.forget(0)
  for (const [name, { data }] of copyOf(positives.state())) {
    if (!name.endsWith('.times') && !name.endsWith('.items')) continue
    assert.ok(
      data.every((value) => value === 0),
      `${name} is clean`,
    )
  }
})
