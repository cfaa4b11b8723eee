// The probe for forgetting: who is probed, what it is ranked among, and that it tells a model that forgets from one
// that does not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Moment, ScoreItems } from '../../src/learn/part.ts'
import { createForgetting } from '../../src/measure/forgetting.ts'
import { Positives } from '../../src/remember/positives.ts'
import { createRandom } from '../../src/sample/random.ts'
import { momentOf } from '../learn/moments.ts'

const users = 40
const items = 300

function open(probesMax = 100) {
  const positives = new Positives({ positivesPerUserMax: 1_000, removalsPerUserMax: 10 })
  positives.see(users - 1, items - 1)
  return { positives, forgetting: createForgetting(positives, createRandom(1), probesMax) }
}

const momentFor = (user: number): Moment => ({ ...momentOf([1, 2, 3]), user, time: 77 })

/** Probes every user with item 100 + user. */
function probeAll({ positives, forgetting }: ReturnType<typeof open>): void {
  for (let user = 0; user < users; user++) {
    const item = 100 + user
    assert.ok(forgetting.probe(momentFor(user), item))
    positives.withhold(user, item, 77)
  }
}

/** Knows the withheld items of the users that it has not forgotten. */
const knowing =
  (forgets: (user: number) => boolean): ScoreItems =>
  (moment, some, out) => {
    for (let x = 0; x < some.length; x++) {
      const own = some[x] === 100 + moment.user
      out[x] = own && !forgets(moment.user) ? 1 : own ? -1 : 0
    }
  }

test('each user is probed once, early, at a place of their own, and no more than wanted', () => {
  const { positives, forgetting } = open(30)
  const places = new Map<number, number>()
  for (let user = 0; user < users; user++) {
    for (let earlier = 0; earlier < 20; earlier++) {
      if (!forgetting.wants(user, 5, earlier)) continue
      assert.ok(!places.has(user))
      places.set(user, earlier)
      assert.ok(forgetting.probe(momentFor(user), 5))
    }
  }
  assert.equal(places.size, 30)
  assert.ok([...places.values()].every((earlier) => earlier >= 3 && earlier < 10))
  assert.ok(new Set(places.values()).size > 3)
  assert.equal(forgetting.wants(39, positives.items, 4), false, 'an item that nobody has met')
})

test('says how many of the withheld items are among the first ten, early and now', () => {
  const world = open()
  probeAll(world)
  const { forgetting } = world
  for (let events = 100; events <= 10_000; events += 100) {
    forgetting.measure(
      events,
      knowing(() => false),
    )
  }
  const kept = forgetting.report(
    10_000,
    knowing(() => false),
  )
  assert.deepEqual(kept, { before: 1, after: 1, users })
  let looks = 0
  const lost = forgetting.report(
    10_000,
    knowing((user) => user % 4 === 0),
    () => looks++,
  )
  assert.equal(looks, users, 'somebody else may have a turn after each')
  assert.deepEqual(lost, { before: 1, after: 0.75, users })
})

test('users who were probed after the first 30 % are not compared', () => {
  const world = open()
  const { positives, forgetting } = world
  for (let user = 0; user < users; user++) {
    if (user === 10) {
      for (let events = 1_000; events < 4_000; events++) {
        forgetting.measure(
          events,
          knowing(() => false),
        )
      }
    }
    forgetting.probe(momentFor(user), 100 + user)
    positives.withhold(user, 100 + user, 77)
  }
  assert.equal(
    forgetting.report(
      10_000,
      knowing(() => false),
    ).users,
    10,
  )
  assert.equal(
    open().forgetting.report(
      10_000,
      knowing(() => false),
    ).users,
    0,
  )
})

test('items that the user has taken since count no more', () => {
  const world = open()
  probeAll(world)
  const { positives, forgetting } = world
  // Everything is ahead of the withheld item, until the user has all of it.
  const last: ScoreItems = (_, some, out) => {
    for (let x = 0; x < some.length; x++) out[x] = x === 0 ? 0 : 1
  }
  forgetting.measure(1_000, last)
  assert.equal(forgetting.report(3_000, last).after, 0)
  for (let item = 0; item < items; item++) if (item !== 100) positives.add(0, item, 100 + item)
  assert.equal(forgetting.report(3_000, last).after, 1 / users)
})

test('while there is more urgent work a measurement waits until the next would be due', () => {
  const world = open()
  probeAll(world)
  const { forgetting } = world
  let ranked = 0
  const count: ScoreItems = (_, some, out) => {
    ranked++
    out.fill(0, 0, some.length)
  }
  const rankedAt = (events: number, mayWait: boolean): number => {
    const before = ranked
    forgetting.measure(events, count, undefined, mayWait)
    return ranked - before
  }
  const asked = [
    [1_000, true],
    [1_249, true],
    [1_250, true],
    [1_562, false],
    [1_563, false],
    [1_954, true],
    [1_954, false],
  ] as const
  assert.deepEqual(
    asked.map(([events, mayWait]) => rankedAt(events, mayWait)),
    [0, 0, users, 0, users, 0, users],
  )
})

test('a world with too few items is not probed', () => {
  const positives = new Positives({ positivesPerUserMax: 1_000, removalsPerUserMax: 10 })
  positives.see(0, 90)
  const forgetting = createForgetting(positives, createRandom(1), 10)
  assert.equal(forgetting.probe(momentFor(0), 5), false)
})

test('a forgotten user leaves nothing in what is saved', () => {
  const world = open()
  probeAll(world)
  world.forgetting.forget(7)
  world.forgetting.measure(
    1_000,
    knowing(() => false),
  )
  assert.equal(
    world.forgetting.report(
      3_000,
      knowing(() => false),
    ).users,
    users - 1,
  )
  const restored = open().forgetting
  restored.restore(structuredClone(world.forgetting.save()))
  assert.equal(
    restored.report(
      3_000,
      knowing(() => false),
    ).users,
    users - 1,
  )
})

test('goes on to the same report after a restore', () => {
  const world = open()
  probeAll(world)
  world.forgetting.measure(
    1_000,
    knowing((user) => user % 3 === 0),
  )
  const other = createForgetting(world.positives, createRandom(1), 100)
  other.restore(structuredClone(world.forgetting.save()))
  for (const one of [world.forgetting, other])
    one.measure(
      1_300,
      knowing(() => false),
    )
  assert.deepEqual([...other.save()], [...world.forgetting.save()])
  const scorer = knowing((user) => user === 5)
  assert.deepEqual(other.report(4_000, scorer), world.forgetting.report(4_000, scorer))
  assert.equal(other.wants(3, 5, 6), false, 'nobody is probed twice')
})
