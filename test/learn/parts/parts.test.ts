// The parts that only count: their features by hand, equal on both ways to compute them, exact over a restore.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { createCatalogue } from '../../../src/adapters/wasm/catalogue.ts'
import { trackChanges } from '../../../src/learn/network/tracked-network.ts'
import type { Part } from '../../../src/learn/part.ts'
import { createNeighbours } from '../../../src/learn/parts/neighbours.ts'
import { createNetworkPart } from '../../../src/learn/parts/network-part.ts'
import { createTrend } from '../../../src/learn/parts/trend.ts'
import { copyOf } from '../../../src/trainer/checkpoint/whole-state.ts'
import { draws, historySpec, numbers } from '../../contracts/engine-worlds.ts'
import { createFollower } from '../../ports/follower.ts'
import { momentOf } from '../moments.ts'

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.max(1, expected), `${actual}, ${expected}`)

function features(part: Part, history: readonly number[], items: readonly number[]): number[][] {
  const n = items.length
  const out = new Float32Array((part.features.length + 1) * n)
  part.score(momentOf(history), Int32Array.from(items), out, 1)
  return part.features.map((_, f) => [...out.subarray((1 + f) * n, (2 + f) * n)])
}

/** The cosines written as plainly as possible. */
function plainNeighbours(window: number) {
  const co = new Map<string, number>()
  const events = new Map<number, number>()
  const key = (a: number, b: number) => `${Math.min(a, b)} ${Math.max(a, b)}`
  return {
    observe(history: readonly number[], item: number) {
      for (const h of history.slice(0, window))
        co.set(key(h, item), (co.get(key(h, item)) ?? 0) + 1)
      events.set(item, (events.get(item) ?? 0) + 1)
    },
    /** By lag. */
    cosines(history: readonly number[], item: number): number[] {
      return history.slice(0, window).map((h) => {
        const both = co.get(key(h, item)) ?? 0
        return both > 0 ? both / Math.sqrt(events.get(h)! * events.get(item)!) : 0
      })
    },
  }
}

const full = { lagEnds: [1, 3], hasLargest: true }

test('neighbours are what the formula says, looked up in counts by partner and in tables', () => {
  const window = 5
  const next = numbers(4)
  const plain = plainNeighbours(window)
  const roomy = createNeighbours({ ...full, window, neighboursPerItemMax: 2_000 })
  const tight = createNeighbours({ ...full, window, neighboursPerItemMax: 60 }, createCatalogue())
  const runs: number[][] = Array.from({ length: 9 }, () => [])
  for (let k = 0; k < 400; k++) {
    const history = runs[Math.floor(next() * 9)]!
    const item = Math.floor(next() ** 2 * 50)
    if (history.includes(item)) continue
    plain.observe(history, item)
    for (const one of [roomy, tight]) one.observe(momentOf(history), item)
    history.unshift(item)
  }
  const all = Array.from({ length: 80 }, (_, item) => item)
  const bend = (value: number) => (10 * value) / (1 + 10 * value)
  for (const history of [...runs, []]) {
    const theirs = features(tight, history, all)
    for (const [f, feature] of features(roomy, history, all).entries()) {
      for (const item of all) {
        const cosines = plain.cosines(history, item)
        const sum = (from: number, to: number) =>
          cosines.slice(from, to).reduce((total, one) => total + one, 0)
        const [largest = 0, second = 0] = [...cosines].sort((a, b) => b - a)
        const expected = [sum(0, 1), sum(1, 3), sum(0, window), bend(largest), bend(second)]
        close(feature[item]!, expected[f]!)
        close(theirs[f]![item]!, expected[f]!)
      }
    }
  }
  const restored = createNeighbours({ ...full, window, neighboursPerItemMax: 2_000 })
  restored.restore(copyOf(roomy.state))
  assert.deepEqual(features(restored, runs[0]!, all), features(roomy, runs[0]!, all))
  assert.equal(roomy.similarity(3, 3), 0)
})

test('an item that was taken over from the store, never counted, gives finite neighbours', () => {
  const part = createNeighbours({ ...full, window: 5, neighboursPerItemMax: 3 })
  part.meet(2_000)
  part.observe(momentOf([2_000]), 1)
  const items = [1, 2_000, 3, 4, 5]
  const wanted = (k: number) => {
    const one = items.map((_, x) => (x === k ? 1 : 0))
    const none = items.map(() => 0)
    return [one, none, one, one.map((v) => Math.fround((10 * v) / 11)), none]
  }
  assert.deepEqual(features(part, [2_000], items), wanted(0).map(toFloats))
  assert.deepEqual(features(part, [1], items), wanted(1).map(toFloats))
})

const toFloats = (values: readonly number[]) => [...Float32Array.from(values)]

test('neighbours alone: without any, the popular come first, but never before a neighbour', () => {
  const part = createNeighbours({ ...full, window: 5, neighboursPerItemMax: 10 })
  for (let k = 0; k < 50; k++) part.observe(momentOf([]), 1)
  part.observe(momentOf([7]), 2)
  part.meet(7)
  const out = new Float32Array(3)
  part.alone(momentOf([7]), Int32Array.of(0, 1, 2), out)
  assert.ok(out[2]! > out[1]! && out[1]! > out[0]!)
})

test('trend is the count of events, each halved after its half-life', () => {
  const part = createTrend([10, 40])
  const next = numbers(8)
  const arrivals: number[] = []
  const saved = createFollower(part.state)
  for (let k = 0; k < 300; k++) {
    const item = Math.floor(next() * 20) + (k > 200 ? 1_500 : 0)
    part.observe(momentOf([]), item)
    arrivals.push(item)
  }
  assert.deepEqual(saved.next(), copyOf(part.state), 'what was written to is known')
  const items = [0, 5, 19, 1_500, 1_519, 9_999]
  const expected = [10, 40].map((halfLife) =>
    items.map((wanted) => {
      let count = 0
      // The newest event is one step old when the next one is predicted.
      arrivals.forEach((item, k) => {
        if (item === wanted) count += 2 ** (-(arrivals.length - k) / halfLife)
      })
      return Math.log(1 + count)
    }),
  )
  const given = features(part, [], items)
  for (const [f, feature] of given.entries()) {
    for (const [k, x] of feature.entries()) close(x, expected[f]![k]!)
  }
  const other = createTrend([10, 40], createCatalogue())
  other.restore(copyOf(part.state))
  for (const [f, feature] of features(other, [], items).entries()) {
    for (const [k, x] of feature.entries()) close(x, expected[f]![k]!)
  }
  const restored = createTrend([10, 40])
  restored.restore(copyOf(part.state))
  restored.observe(momentOf([]), 3)
  part.observe(momentOf([]), 3)
  assert.deepEqual(features(restored, [], items), features(part, [], items))
  assert.deepEqual([...copyOf(restored.state)], [...copyOf(part.state)])
})

test("a network's part scores as the network does, and is saved with it", () => {
  const make = () => {
    const network = createArraysEngine().create(historySpec({ factors: 8 }), 3)
    network.grow(1, 60)
    return { network, part: createNetworkPart(trackChanges(network), 0.6) }
  }
  const [one, other] = [make(), make()]
  one.network.step(
    draws(one.network.spec, { seed: 1, count: 20, users: 1, items: 60, history: 9 }),
    'each',
  )
  const items = Int32Array.from({ length: 60 }, (_, item) => item)
  const direct = new Float32Array(60)
  one.network.score(momentOf([4, 8, 15]).users, items, direct)
  assert.deepEqual(features(one.part, [4, 8, 15], [...items])[0], [...direct])
  assert.notDeepEqual(features(other.part, [4, 8, 15], [...items])[0], [...direct])
  const saved = copyOf(one.part.state)
  other.part.restore(saved)
  assert.deepEqual(features(other.part, [4, 8, 15], [...items])[0], [...direct])
  one.network.step(
    draws(one.network.spec, { seed: 2, count: 20, users: 1, items: 60, history: 9 }),
    'each',
  )
  assert.deepEqual([...saved], [...copyOf(other.part.state)], 'what was saved is a copy')
})
