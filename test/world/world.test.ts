// The synthetic world keeps its promises: order, bounds, determinism, and a truth that is true.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WorldOptions } from '../../src/world/options.ts'
import { createWorld } from '../../src/world/world.ts'

const small: Partial<WorldOptions> = { seed: 5, users: 200, items: 900, events: 8_000, topics: 6 }

test('events come in order of time, whole in number, nobody takes an item twice', () => {
  const world = createWorld(small)
  const has = new Map<string, Set<string>>()
  let events = 0
  let undone = 0
  let newest = 0
  for (const { user, item, timestamp, action } of world.interactions()) {
    events++
    assert.ok(timestamp >= newest)
    newest = timestamp
    const mine = has.get(user) ?? new Set()
    has.set(user, mine)
    if (action === 'REMOVE') {
      undone++
      assert.ok(mine.delete(item), 'only what one has is undone')
    } else {
      assert.ok(!mine.has(item), 'nobody takes an item twice')
      mine.add(item)
    }
  }
  assert.equal(events, 8_000)
  assert.ok(undone > 80 && undone < 320, `${undone} undone, expected about 160`)
  const days = (newest - world.options.startMs) / 86_400_000
  assert.ok(days > world.options.days / 2 && days < world.options.days * 2, `${days} days`)
})

test('the same options give the same events, another seed others', () => {
  const all = [...createWorld(small).interactions()]
  assert.deepEqual([...createWorld(small).interactions()], all)
  assert.notDeepEqual([...createWorld({ ...small, seed: 6 }).interactions()], all)
})

test('popularity is skewed and items are born over time', () => {
  const skewed = topTenth(small)
  const flat = topTenth({ ...small, popularitySkew: 0, novelty: 0 })
  assert.ok(skewed > 1.2 * flat, `the top tenth has ${skewed}, in a flat world ${flat}`)
  const events = [...createWorld(small).interactions()]
  const early = new Set(events.slice(0, 2_000).map((event) => event.item))
  const all = new Set(events.map((event) => event.item))
  assert.ok(all.size - early.size > 200, `${all.size - early.size} items came later`)
})

/** Share of the events that went to the most popular tenth of the items. */
function topTenth(options: Partial<WorldOptions>): number {
  const counts = new Map<string, number>()
  for (const { item } of createWorld(options).interactions()) {
    counts.set(item, (counts.get(item) ?? 0) + 1)
  }
  const sorted = [...counts.values()].sort((one, other) => other - one)
  const top = sorted.slice(0, Math.ceil(sorted.length / 10))
  return top.reduce((sum, count) => sum + count, 0) / 8_000
}

/** Of the moments at which a chance is asked for, how often all of them are added up. */
const sumsEvery = 8

test('the chances sum to one and agree with what happens next', () => {
  // Where nothing changes with time alone, the chance said at any moment must hold exactly.
  const world = createWorld({ ...small, items: 2_000, bornLater: 0, novelty: 0, wave: 0, undo: 0 })
  const said = new Map<string, { items: string[]; chance: number }>()
  let expected = 0
  let variance = 0
  let happened = 0
  let events = 0
  for (const { user, item } of world.interactions()) {
    const truth = said.get(user)
    if (truth !== undefined) {
      expected += truth.chance
      variance += truth.chance * (1 - truth.chance)
      if (truth.items.includes(item)) happened++
      said.delete(user)
    }
    // Some person at some moment, whatever they do: so long silences are among them too.
    const asked = world.users[(events++ * 7) % world.users.length]!
    if (said.has(asked)) continue
    const items = world.trueTop(asked, 5)
    said.set(asked, { items, chance: world.chance(asked, items) })
    if (events % sumsEvery === 0) assert.ok(Math.abs(world.chance(asked, world.items) - 1) < 1e-9)
  }
  assert.ok(variance > 100, 'the test has something to count')
  const sigmas = Math.abs(happened - expected) / Math.sqrt(variance)
  assert.ok(sigmas < 4, `said ${expected}, came ${happened}: ${sigmas} sigmas`)
})

test('the true top holds no item taken, undone, unborn or excluded, and beats every other list', () => {
  const world = createWorld(small)
  const taken = new Map<string, Set<string>>()
  const born = new Set<string>()
  for (const { user, item } of world.interactions()) {
    taken.set(user, (taken.get(user) ?? new Set()).add(item))
    born.add(item)
  }
  for (const user of world.users.slice(0, 50)) {
    const top = world.trueTop(user, 10)
    assert.equal(new Set(top).size, 10)
    for (const item of top) assert.ok(!taken.get(user)?.has(item))
    const banned = top[0]
    assert.deepEqual(
      world.trueTop(user, 9, (item) => item === banned),
      top.slice(1),
    )
    const others = world.items.filter((item) => !top.includes(item)).slice(0, 10)
    assert.ok(world.chance(user, top) > world.chance(user, others))
  }
  assert.throws(() => world.trueTop('nobody', 3), /no user nobody/)
})

test('sizes that cannot be are refused', () => {
  assert.throws(() => createWorld({ users: 10, items: 10, events: 51 }), /at most 50 events/)
  assert.throws(() => createWorld({ topics: 0 }), /topics above 0, got 0/)
})
