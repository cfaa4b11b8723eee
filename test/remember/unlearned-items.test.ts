// What a user once had does not come back because their positive set was cut: items that the set has no room for stay
// known as the user's, whatever the order of the events, until they are taken back, forgotten, or too many.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryPositiveStore } from '../../src/adapters/memory/positive-store.ts'
import { copyOf } from '../../src/trainer/checkpoint/whole-state.ts'
import { positives as positivesOf } from '../contracts/positive-stories.ts'
import { changes, type Event, event, items, mirror, setsOf, tell, users } from './stories.ts'

const setMax = 2

/** What each user has by the rule: the newest event of an item says it, and a removal wins a tie. */
function ownedBy(events: readonly Event[]): string[][] {
  return Array.from({ length: users }, (_, user) => {
    const newest = new Map<number, { time: number; has: boolean }>()
    for (const one of events) {
      if (one.user !== user) continue
      if (one.what === 'forget') newest.clear()
      const known = newest.get(one.item) ?? { time: Number.NEGATIVE_INFINITY, has: false }
      const has = one.what === 'ADD'
      const wins = one.time > known.time || (one.time === known.time && !has)
      if (one.what !== 'forget' && wins) newest.set(one.item, { time: one.time, has })
    }
    return [...newest].flatMap(([item, { has }]) => (has ? String(item) : [])).sort()
  })
}

test('a cut set loses nothing: in any order, with repeats, removals and forgetting', () => {
  const story = fc.array(event([...changes, 'REMOVE', 'forget']), { maxLength: 60 })
  const property = fc.property(story, (events) => {
    const positives = mirror(setMax, 1_000, items)
    tell(positives, events)
    assert.deepEqual(setsOf(positives), ownedBy(events))
    assert.equal(positives.earlier.dropped, 0)
  })
  fc.assert(property, { numRuns: 700, seed: 5 })
})

test('the set is the newest of what a user has, in any order of arrival', () => {
  const times = fc.uniqueArray(fc.nat(1_000), { minLength: 24, maxLength: 24 })
  const told = fc.record({
    events: fc.array(event(changes), { minLength: 1, maxLength: 24 }),
    times,
  })
  const story = told.chain(({ events, times: each }) => {
    const timed = events.map((one, k) => ({ ...one, time: each[k]! }))
    const order = fc.shuffledSubarray([...timed.keys()], { minLength: timed.length })
    return fc.record({ timed: fc.constant(timed), order })
  })
  const property = fc.property(story, ({ timed, order }) => {
    const [one, other] = [mirror(setMax, 1_000, items), mirror(setMax, 1_000, items)]
    tell(one, timed)
    const shuffled = order.map((k) => timed[k]!)
    tell(other, [...shuffled, ...shuffled.slice(0, 5)])
    for (let user = 0; user < users; user++) {
      const [mine, theirs] = [one, other].map(({ runs }) => {
        const from = runs.start[user] ?? 0
        return [...runs.items.subarray(from, from + (runs.length[user] ?? 0))]
      })
      assert.deepEqual(mine, theirs)
    }
  })
  fc.assert(property, { numRuns: 500, seed: 6 })
})

test('at the last bound the mirror still knows all that the store does', async () => {
  const story = fc.array(event([...changes, 'REMOVE']), { maxLength: 60 })
  const property = fc.asyncProperty(story, async (events) => {
    const [earlierMax, removalsMax] = [2, 2]
    const positives = mirror(setMax, removalsMax, earlierMax)
    const store = memoryPositiveStore({ added: setMax + earlierMax, removed: removalsMax })
    // Equal times are ordered by the name in the store and by arrival in the mirror: here there are none.
    const apart = events.map((one, k) => ({ ...one, time: one.time * 100 + k }))
    tell(positives, apart)
    for (const { user, item, time, what } of apart) {
      const action = what === 'ADD' ? 'ADD' : 'REMOVE'
      await store.apply([{ user: String(user), item: String(item), timestamp: time, action }])
    }
    const has = setsOf(positives)
    for (let user = 0; user < users; user++) {
      const [state] = await store.read([String(user)])
      for (const item of positivesOf(state!))
        assert.ok(has[user]!.includes(item), `${item} is lost`)
      assert.ok(has[user]!.length <= setMax + earlierMax)
    }
  })
  await fc.assert(property, { numRuns: 700, seed: 7 })
})

test('says what an event did to a full set, and counts what it gives up', () => {
  const positives = mirror(2, 10, 2)
  for (const item of [3, 4]) assert.equal(positives.add(0, item, 10 * item), 'added')
  assert.equal(positives.add(0, 2, 20), 'earlier')
  assert.equal(positives.takes(0, 1, 10), false)
  assert.equal(positives.add(0, 1, 10), 'earlier')
  assert.equal(positives.add(0, 0, 0), 'nothing')
  assert.equal(positives.earlier.dropped, 1)
  assert.equal(positives.add(0, 1, 10), 'nothing', 'a repeat')
  assert.equal(positives.add(0, 2, 25), 'renewed')
  assert.equal(positives.add(0, 1, 50), 'renewed', 'back in the set')
  assert.deepEqual(setsOf(positives)[0], ['1', '2', '3', '4'])
  assert.equal(positives.count(0), 2)
  assert.equal(positives.remove(0, 4, 60), 'removed')
  assert.equal(positives.placeOf(0, 3), 0, 'the newest of the others takes its place')
  assert.equal(positives.remove(0, 2, 60), 'removed')
  assert.equal(positives.earlier.count(0), 0)
  for (const item of [5, 6, 7]) positives.add(0, item, 10 * item)
  assert.equal(positives.earlier.dropped, 2)
  positives.add(0, 0, 90)
  assert.equal(positives.earlier.dropped, 3)
  assert.deepEqual(setsOf(positives)[0], ['0', '5', '6', '7'])
})

test('other bounds at the next start move items between the set and the rest', () => {
  const before = mirror(3, 10, 3)
  for (let item = 0; item < 6; item++) before.add(1, item, 10 + item)
  for (const [setMax, earlierMax] of [
    [1, 5],
    [5, 1],
    [6, 0],
    [100, 100],
  ] as const) {
    const after = mirror(setMax, 10, earlierMax)
    after.restore(structuredClone(copyOf(before.state())), before.users, before.items)
    assert.deepEqual(setsOf(after)[1], setsOf(before)[1])
    assert.equal(after.count(1), Math.min(setMax, 6))
  }
  const less = mirror(2, 10, 1)
  less.restore(structuredClone(copyOf(before.state())), before.users, before.items)
  assert.deepEqual(setsOf(less)[1], ['3', '4', '5'])
})

test('a checkpoint without earlier items is one in which nobody has any', () => {
  const before = mirror(5, 10, 5)
  for (let item = 0; item < 5; item++) before.add(0, item, item)
  const old = new Map([...copyOf(before.state())].filter(([name]) => !name.startsWith('earlier')))
  assert.equal(copyOf(before.state()).get('earlier.start')!.data.length, 0)
  const after = mirror(5, 10, 5)
  after.restore(old, before.users, before.items)
  assert.deepEqual(setsOf(after), setsOf(before))
  assert.equal(after.add(0, 5, 5), 'added')
  assert.equal(after.earlier.count(0), 1)
})
