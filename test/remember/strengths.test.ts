// What items are worth to users, in the mirror of the positive sets: as in the store that it mirrors, whatever the
// order of events, and gone with whoever has them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryPositiveStore } from '../../src/adapters/memory/positive-store.ts'
import type { Checkpoint } from '../../src/ports/checkpoint-store.ts'
import { dropItems } from '../../src/remember/eviction/drop-items.ts'
import type { Positives } from '../../src/remember/positives.ts'
import { strengthsMax } from '../../src/remember/times/strengths.ts'
import { userStatesOf } from '../../src/remember/user-states.ts'
import { fullAdd, kindOf, ownedItems, strengthCode } from '../../src/strength.ts'
import { copyOf } from '../../src/trainer/checkpoint/whole-state.ts'
import { strengths } from '../contracts/positive-stories.ts'
import { changes, type Event, event, items, mirror, setsOf, tell, users } from './stories.ts'

const view = strengthCode(0.2, true)
const cart = strengthCode(0.5, false)
const names = Array.from({ length: Math.max(users, items) }, (_, id) => String(id))

/** For each user [item, weight, listable]. */
function worthOf(from: Positives): unknown[][] {
  return setsOf(from).map((own, user) =>
    own.map((name) => {
      const item = Number(name)
      return [name, from.weight(user, item), !from.excludes(user, item)]
    }),
  )
}

async function storedWorth(events: readonly Event[], removed: number) {
  const store = memoryPositiveStore({ added: 1_000, removed })
  for (const { user, item, time, what, code = fullAdd } of events) {
    if (what === 'forget') await store.forget([String(user)])
    else {
      const plain = { user: String(user), item: String(item), timestamp: time, action: what }
      await store.apply([code === fullAdd ? plain : { ...plain, kind: kindOf(code) }])
    }
  }
  const states = await store.read(names.slice(0, users))
  return states.map((state) =>
    ownedItems(state)
      .map(({ item, weight, listable }) => [item, weight, listable])
      .sort(),
  )
}

for (const removalsMax of [1_000, 2, 1]) {
  test(`items are worth what the store says, with ${removalsMax} removals`, async () => {
    const story = fc.array(event([...changes, 'REMOVE', 'forget'], strengths), { maxLength: 60 })
    const property = fc.asyncProperty(story, async (events) => {
      const positives = mirror(1_000, removalsMax)
      tell(positives, events)
      assert.deepEqual(worthOf(positives), await storedWorth(events, removalsMax))
    })
    await fc.assert(property, { numRuns: 700, seed: 11 })
  })

  test(`any order and any repeats end in the same worth, with ${removalsMax} removals`, () => {
    const story = fc.array(event(changes, strengths), { minLength: 1, maxLength: 40 })
    const told = story.chain((events) =>
      fc.record({
        events: fc.constant(events),
        order: fc.shuffledSubarray([...events.keys()], { minLength: events.length }),
        repeats: fc.array(fc.nat(events.length - 1), { maxLength: 20 }),
      }),
    )
    const property = fc.property(told, ({ events, order, repeats }) => {
      const [one, other] = [mirror(1_000, removalsMax), mirror(1_000, removalsMax)]
      tell(one, events)
      tell(
        other,
        [...order, ...repeats].map((k) => events[k]!),
      )
      assert.deepEqual(worthOf(other), worthOf(one))
    })
    fc.assert(property, { numRuns: 700, seed: 12 })
  })
}

test('a checkpoint gives back what a store would, item by item and strength by strength', () => {
  const story = fc.array(event([...changes, 'forget'], strengths), { maxLength: 60 })
  const property = fc.property(story, (events) => {
    const positives = mirror(3, 2, 2)
    tell(positives, events)
    const tensors = copyOf(positives.state())
    const texts = new Map([
      ['users', names.slice(0, positives.users)],
      ['items', names],
    ])
    const worth = worthOf(positives)
    for (const state of userStatesOf({ tensors, texts } as unknown as Checkpoint)) {
      const own = ownedItems(state).map(({ item, weight, listable }) => [item, weight, listable])
      assert.deepEqual(own.sort(), worth[Number(state.user)])
    }
  })
  fc.assert(property, { numRuns: 300, seed: 13 })
})

test('a stronger event gains the difference, a weaker one nothing; a removal takes back what is not newer', () => {
  const positives = mirror()
  assert.equal(positives.gain(0, 1, 5, view), 0.2)
  assert.equal(positives.add(0, 1, 5, view), 'added')
  assert.equal(positives.excludes(0, 1), false)
  assert.equal(positives.gain(0, 1, 6, cart), 0.5 - 0.2)
  assert.equal(positives.add(0, 1, 6, cart), 'renewed')
  assert.equal(positives.excludes(0, 1), true)
  assert.equal(positives.gain(0, 1, 7, fullAdd), 0.5)
  assert.equal(positives.add(0, 1, 7, fullAdd), 'renewed')
  assert.equal(positives.gain(0, 1, 8, view), 0)
  assert.equal(positives.add(0, 1, 8, view), 'renewed')
  assert.equal(positives.remove(0, 1, 7), 'removed')
  assert.deepEqual([positives.weight(0, 1), positives.excludes(0, 1)], [0.2, false])
  assert.equal(positives.gain(0, 1, 7, fullAdd), 0, 'what was taken back comes again')
  assert.equal(positives.gain(0, 1, 9, fullAdd), 0.8)
  assert.equal(positives.remove(0, 1, 8), 'removed')
  assert.equal(positives.weight(0, 1), 0)
})

test('a full addition counts, however the weaker ones come; without any nothing is kept', () => {
  const [forth, back] = [mirror(), mirror()]
  forth.add(0, 1, 5)
  assert.equal(forth.strengths.any(0), false)
  forth.add(0, 1, 9, view)
  back.add(0, 1, 9, view)
  back.add(0, 1, 5)
  for (const one of [forth, back]) {
    assert.deepEqual([one.weight(0, 1), one.excludes(0, 1)], [1, true])
    assert.equal(one.remove(0, 1, 5), 'removed')
    assert.deepEqual([one.weight(0, 1), one.excludes(0, 1)], [0.2, false])
  }
})

test('nothing of a user or an item that goes stays behind', () => {
  const positives = mirror()
  for (let k = 0; k < 20; k++) positives.add(0, k % items, 1_000 + k, k % 2 ? view : cart)
  const gone = new Uint8Array(items)
  gone[3] = gone[4] = 1
  dropItems(positives, gone, 0, users)
  assert.equal(positives.has(0, 3), false)
  assert.equal(positives.add(0, 3, 7), 'added')
  assert.equal(positives.weight(0, 3), 1, 'the id stands for another item now')
  positives.forget(0)
  assert.equal(positives.strengths.any(0), false)
  for (const [name, { data }] of copyOf(positives.state())) {
    if (!name.endsWith('.times') && !name.endsWith('.items')) continue
    assert.ok(
      data.every((value) => value === 0),
      `${name} is clean`,
    )
  }
})

test('strengths beyond those that are told apart count as the nearest', () => {
  const positives = mirror()
  for (let n = 0; n <= strengthsMax; n++)
    positives.add(0, 1, 10 + n, strengthCode(0.1 + n / 100, true))
  assert.equal(positives.weight(0, 1), 0.1 + (strengthsMax - 1) / 100)
  assert.equal(positives.excludes(0, 1), false)
})
