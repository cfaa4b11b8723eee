// The batches that networks learn from: which law their candidates follow, and that histories end before the
// event. One positive in a history that should not be there would make every measure a lie.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DrawBatch } from '../../src/ports/engine.ts'
import { Positives } from '../../src/remember/positives.ts'
import {
  createDrawBatch,
  createDrawer,
  createFreshWindow,
  type DrawPlan,
} from '../../src/sample/draws.ts'
import { createRandom } from '../../src/sample/random.ts'
import { createTripletSampler } from '../../src/sample/triplets.ts'
import { chiSquare, chiSquareLimit } from './chi-square.ts'

const items = 10
const limits = { drawsPerTripletMax: 200, drawsPerNegativeMax: 200 }
const plan: DrawPlan = {
  ...{
    immediate: 3,
    perImmediate: 1,
    replays: 8,
    perReplay: 1,
    freshShare: 0,
    window: 4,
    negatives: 2,
    choices: 2,
  },
  historyMax: 5,
}

/** Three users with 2, 8 and 5 items that came in no order of time; user 3 has everything. */
function world() {
  const positives = new Positives({ positivesPerUserMax: 100, removalsPerUserMax: 100 })
  ;[2, 8, 5, items].forEach((size, user) => {
    for (let k = 0; k < size; k++) {
      positives.add(user, (3 * user + 7 * k) % items, 1_000 * ((k * 3) % 11) + 1)
    }
  })
  return positives
}

function open(change: Partial<DrawPlan> = {}, positives = world()) {
  const all = { ...plan, ...change }
  const random = createRandom(1)
  const window = createFreshWindow(10)
  const sampler = createTripletSampler(positives, random, limits)
  const drawer = createDrawer(positives, sampler, window, random, all)
  return { positives, window, sampler, drawer, batch: createDrawBatch(8, all), plan: all }
}

function checkHistories(batch: DrawBatch, positives: Positives, historyMax: number): void {
  const { runs } = positives
  for (let k = 0; k < batch.count; k++) {
    const user = batch.userRows[k]!
    const item = batch.positives[k]!
    const place = positives.placeOf(user, item)
    assert.ok(place >= 0, 'the positive is one')
    const own = runs.start[user]! + place
    const history = batch.historyItems.subarray(batch.historyStart[k], batch.historyStart[k + 1])
    assert.equal(batch.historyLength[k], place)
    assert.equal(history.length, Math.min(place, historyMax))
    history.forEach((before, l) => {
      assert.notEqual(before, item)
      assert.equal(before, runs.items[own - 1 - l], 'newest first, and only what stands before')
      const age = batch.historyAges[batch.historyStart[k]! + l]!
      assert.ok(age >= 0)
      assert.equal(age, Math.fround((runs.times.at(own) - runs.times.at(own - 1 - l)) / 1000))
    })
  }
}

test('histories hold what stands before the event, in replays and at once', () => {
  const { positives, window, drawer, batch } = open({ freshShare: 0.5 })
  for (const [user, item] of [
    [0, 0],
    [1, 3],
    [2, 6],
  ] as const) {
    window.push(user, item)
  }
  for (let k = 0; k < 500; k++) {
    drawer.replays(batch, 8)
    assert.ok(batch.count > 0)
    assert.equal(batch.negatives, plan.negatives)
    checkHistories(batch, positives, plan.historyMax)
    drawer.immediate(batch, 1, k % positives.count(1))
    assert.equal(batch.count, plan.immediate)
    checkHistories(batch, positives, plan.historyMax)
  }
})

test('no candidate is a false negative; users who have everything are left out', () => {
  const { positives, drawer, batch } = open()
  for (let k = 0; k < 500; k++) {
    drawer.replays(batch, 8)
    for (let d = 0; d < batch.count; d++) {
      for (let c = 0; c < 4; c++) {
        const j = batch.candidates[4 * d + c]!
        assert.ok(j >= 0 && !positives.has(batch.userRows[d]!, j))
      }
    }
  }
  drawer.immediate(batch, 3, 0)
  assert.equal(batch.count, 0)
})

test('the first candidate of a replay makes a triplet uniform over D_S, the others do not', () => {
  const { positives, drawer, batch } = open()
  const cell = (user: number, i: number, j: number) => (user * items + i) * items + j
  const first = new Uint32Array(4 * items * items)
  const second = new Uint32Array(4 * items * items)
  const rounds = 60_000
  for (let k = 0; k < rounds; k++) {
    drawer.replays(batch, 8)
    for (let d = 0; d < batch.count; d++) {
      const [user, i] = [batch.userRows[d]!, batch.positives[d]!]
      first[cell(user, i, batch.candidates[4 * d]!)]!++
      second[cell(user, i, batch.candidates[4 * d + 1]!)]!++
    }
  }
  const triplets: number[] = []
  for (let user = 0; user < 3; user++) {
    for (let i = 0; i < items; i++) {
      for (let j = 0; j < items; j++) {
        if (positives.has(user, i) && !positives.has(user, j)) triplets.push(cell(user, i, j))
      }
    }
  }
  const drawn = (counts: Uint32Array) => triplets.map((at) => counts[at]!)
  const expected = (8 * rounds) / triplets.length
  const limit = chiSquareLimit(triplets.length - 1)
  assert.ok(chiSquare(drawn(first), expected) < limit)
  // (u,i) of a uniform triplet is drawn by how many j it has; given u and i, j is uniform as well.
  assert.ok(chiSquare(drawn(second), expected) < limit)
})

test('a draw against more negatives is one draw with one history', () => {
  const { positives, drawer, batch } = open({ immediate: 1, perImmediate: 3, perReplay: 2 })
  drawer.immediate(batch, 1, 4)
  assert.equal(batch.count, 1)
  assert.equal(batch.negatives, 6)
  drawer.replays(batch, 8)
  assert.equal(batch.count, 8)
  assert.equal(batch.negatives, 4)
  assert.deepEqual([...batch.direct.subarray(0, 4)], new Array(4).fill(0.5))
  checkHistories(batch, positives, plan.historyMax)
  for (let c = 0; c < 8 * 4 * 2; c++) {
    assert.ok(!positives.has(batch.userRows[c >> 3]!, batch.candidates[c]!))
  }
})

test('immediate draws use fresh candidates each: uniform given the user', () => {
  const { positives, drawer, batch } = open()
  const counts = new Map<number, number>()
  const rounds = 20_000
  for (let k = 0; k < rounds; k++) {
    drawer.immediate(batch, 2, 0)
    for (let c = 0; c < 12; c++) {
      const j = batch.candidates[c]!
      counts.set(j, (counts.get(j) ?? 0) + 1)
    }
  }
  assert.equal(counts.size, items - positives.count(2))
  const expected = (12 * rounds) / counts.size
  assert.ok(chiSquare(counts.values(), expected) < chiSquareLimit(counts.size - 1))
})

test('the fresh window holds the newest events, uniformly, and goes on after a restore', () => {
  const window = createFreshWindow(5)
  const out = { user: 0, place: 0, i: 0, j: 0 }
  assert.equal(window.draw(createRandom(1), 5, out), false)
  for (let k = 0; k < 12; k++) window.push(k, 100 + k)
  const counts = (size: number, from = window) => {
    const seen = new Map<number, number>()
    const random = createRandom(2)
    for (let k = 0; k < 10_000; k++) {
      assert.ok(from.draw(random, size, out))
      assert.equal(out.i, 100 + out.user)
      seen.set(out.user, (seen.get(out.user) ?? 0) + 1)
    }
    return new Map([...seen].sort((a, b) => a[0] - b[0]))
  }
  assert.deepEqual([...counts(3).keys()], [9, 10, 11])
  assert.deepEqual([...counts(50).keys()], [7, 8, 9, 10, 11], 'no more than it holds')
  assert.ok(chiSquare(counts(5).values(), 2_000) < chiSquareLimit(4))
  const other = createFreshWindow(5)
  other.restore(window.save())
  window.push(50, 150)
  other.push(50, 150)
  assert.deepEqual(counts(5, other), counts(5))
})

test('fresh replays are taken from the window, and skip what has been taken back since', () => {
  const { positives, window, drawer, batch } = open({ freshShare: 1 })
  window.push(1, 3)
  drawer.replays(batch, 8)
  assert.deepEqual([...batch.positives.subarray(0, batch.count)], new Array(8).fill(3))
  positives.remove(1, 3, 1e6)
  drawer.replays(batch, 8)
  assert.equal(batch.count, 0)
})
