// Two parts that keep the same ages keep them once, and score, save and go on as if each had its own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import type { Moment, Part } from '../../../src/learn/part.ts'
import { createAges, createFreshness } from '../../../src/learn/parts/freshness.ts'
import { createMatch } from '../../../src/learn/parts/match/match.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { copyOf } from '../../../src/trainer/checkpoint/whole-state.ts'

const items = 5_000
const catalogue = createWasmEngine().catalogue!()

function together(): Part[] {
  const firsts = createAges(catalogue)
  return [createMatch(catalogue, firsts), createFreshness(catalogue, firsts)]
}

function apart(): Part[] {
  return [createMatch(catalogue), createFreshness(catalogue)]
}

const momentOf = (history: readonly number[]): Moment => ({
  user: 0,
  time: 0,
  users: {
    count: 1,
    userRows: Int32Array.of(0),
    historyStart: Int32Array.of(0, history.length),
    historyItems: Int32Array.from(history),
    historyAges: new Float32Array(history.length),
    historyLength: Int32Array.of(history.length),
  },
})

function play(parts: readonly Part[], events: number, seed: number): void {
  const random = createRandom(seed)
  for (let n = 0; n < events; n++) {
    const item = random.below(1 + Math.min(items, 4 * n))
    for (const part of parts) part.observe(momentOf([]), item)
    if (n % 500 !== 499) continue
    const gone = new Uint8Array(items)
    for (let k = 0; k < 20; k++) gone[random.below(items)] = 1
    for (const part of parts) part.dropItems?.(gone)
  }
}

/** All that parts tell of themselves. */
function told(parts: readonly Part[]) {
  const moment = momentOf([3, 40, 7])
  const some = Int32Array.from({ length: 300 }, (_, k) => (k * 37) % (items + 20))
  return parts.map((part) => {
    const scores = new Float32Array(2 * some.length)
    part.score(moment, some, scores, 0)
    const sums = new Float32Array(items)
    part.addAll?.(moment, items, Float32Array.of(0.5, -0.25), sums)
    const saved = [...copyOf(part.state)].map(([name, { shape, data }]) => [name, shape, [...data]])
    return { scores, sums, saved }
  })
}

const restored = (into: Part[], from: readonly Part[]): Part[] => {
  const saved = new Map(from.flatMap(({ state }) => [...copyOf(state)]))
  for (const part of into) part.restore(saved)
  return into
}

test('ages that two parts share are those that each would have', () => {
  const [one, two] = [together(), apart()]
  for (const events of [0, 40, 900, 3_000]) {
    play(one, events, events)
    play(two, events, events)
    assert.deepEqual(told(one), told(two))
  }
  const [again, others] = [restored(together(), one), restored(apart(), two)]
  assert.deepEqual(told(again), told(others))
  play(again, 700, 5)
  play(others, 700, 5)
  assert.deepEqual(told(again), told(others))
})

test('a part that was there before the other keeps its own ages', () => {
  for (const known of [0, 1]) {
    const before = apart().slice(known, known + 1)
    play(before, 1_500, 8)
    const [one, two] = [restored(together(), before), restored(apart(), before)]
    assert.deepEqual(told(one), told(two))
    play(one, 800, 9)
    play(two, 800, 9)
    assert.deepEqual(told(one), told(two))
  }
})

test('ages of a large catalogue are taken in steps, and are the same', () => {
  const [stepwise, atOnce] = [createAges(catalogue), createAges(catalogue)]
  for (const ages of [stepwise, atOnce]) {
    ages.restore(
      Float64Array.from({ length: 300_000 }, (_, item) => item % 997),
      10_000,
    )
    for (let n = 0; n < 70; n++) {
      ages.count()
      ages.mark(n * 1_003)
    }
  }
  assert.ok(stepwise.lacks)
  assert.ok(stepwise.prepare())
  // An item that changes amid the steps, on either side.
  for (const ages of [stepwise, atOnce]) for (const item of [5, 290_000]) ages.mark(item)
  let steps = 1
  while (stepwise.prepare()) steps++
  assert.equal(steps, 3)
  assert.ok(!stepwise.lacks)
  assert.deepEqual(stepwise.all().values, atOnce.all().values)
})
