// A list over a large catalogue that others interrupt with lists and questions of their own is the list that it would
// be without them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { addAction } from '../../../src/messages.ts'
import { createAvailability } from '../../../src/remember/availability/availability.ts'
import { createRecommender } from '../../../src/trainer/lists/recommender.ts'
import { createLearner } from '../../../src/trainer/model/learner.ts'
import { planLearner } from '../../../src/trainer/model/plan.ts'
import { numbers } from '../../contracts/engine-worlds.ts'
import { configOf } from '../stream.ts'

const [users, items] = [20, 600]
const k = 10

/** A learner that ranks in stages, and a feed by which some items leave the lists at `clock.ms`. */
function worldOf(flags: Record<string, unknown>) {
  const config = configOf({ factors: 8, ...flags })
  const plan = { ...planLearner(config), stagedItemsMin: 1 }
  const learner = createLearner(config, createWasmEngine(), { plan })
  const next = numbers(5)
  for (let n = 0; n < 1_500; n++) {
    const [user, item] = [Math.floor(next() * users), Math.floor(items * next() ** 2)]
    learner.apply(user, item, n * 1_000, addAction, 1)
  }
  const availability = createAvailability({ unnamed: 'listed', statesMax: 10_000 })
  for (let item = 0; item < learner.positives.items; item++) {
    availability.named(item, String(item))
  }
  const clock = { ms: 0 }
  const feed = { availability, nowMs: () => clock.ms }
  while (learner.preference.prepare!(learner.positives.items));
  return { learner, feed, clock, next }
}

type World = ReturnType<typeof worldOf>

const now = 1_500_000

/** What others may ask: lists by rankers of their own, scores and what they are made of. */
function othersOf({ learner, feed, next }: World): (() => unknown)[] {
  const others = createRecommender(learner, feed)
  const anybody = () => Math.floor(next() * users)
  const some = Int32Array.from({ length: 9 }, (_, x) => x * 7)
  const own = Int32Array.of(3, 8)
  return [
    () => others.toUser(anybody(), k, now),
    () => others.toUser(anybody(), 200, now),
    () => others.toHistory(learner.momentOf(anybody(), now), own, k),
    () => others.popular(k),
    () => learner.preference.contributions(learner.momentOf(anybody(), now), some),
    () => learner.score(learner.momentOf(anybody(), now), some, new Float32Array(9)),
  ]
}

for (const hiddenUnits of [0, 12]) {
  test(`lists amid which others ask are the same, with ${hiddenUnits} hidden units`, () => {
    const world = worldOf({ hiddenUnits })
    const { learner, feed, next } = world
    const others = othersOf(world)
    const { toUser } = createRecommender(learner, feed)
    let pauses = 0
    let asked = 0
    const pause = (): boolean => {
      pauses++
      if (next() < 0.3) return false
      asked++
      others[Math.floor(next() * others.length)]!()
      return true
    }
    for (let n = 0; n < 400; n++) {
      const user = n % users
      const length = n % 7 === 0 ? 150 : k
      const alone = toUser(user, length, now)
      assert.deepEqual(toUser(user, length, now, pause), alone, `list ${n}`)
      // The rows change, so that the scan has something to make again in a list of others.
      learner.apply(user, Math.floor(items * next()), now + n, addAction, 1)
    }
    assert.ok(pauses > 1_000 && asked > 600, `${pauses} pauses, ${asked} questions`)
  })
}

test('what leaves the lists amid one of them is not in it, and another item is', () => {
  const world = worldOf({ hiddenUnits: 12 })
  const { learner, feed, clock } = world
  const { toUser } = createRecommender(learner, feed)
  const others = createRecommender(learner, feed)
  let left = 0
  for (let user = 0; user < users; user++) {
    const before = toUser(user, k, now)
    const item = before.items[1]!
    const leavesAt = clock.ms + 10
    feed.availability.apply([{ item: String(item), available: true, until: leavesAt }], clock.ms)
    let isFirst = true
    const pause = (): boolean => {
      if (!isFirst) return false
      isFirst = false
      clock.ms = leavesAt
      others.toUser((user + 1) % users, k, now)
      return true
    }
    const list = toUser(user, k, now, pause)
    assert.deepEqual(list, toUser(user, k, now))
    if (!list.items.includes(item)) left++
    assert.equal(list.items.length, k)
  }
  assert.equal(left, users)
})
