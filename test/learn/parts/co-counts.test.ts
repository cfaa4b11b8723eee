// Counts of pairs in bounded tables: exact while there is room, the rarest dropped when there is none.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createCatalogue } from '../../../src/adapters/wasm/catalogue.ts'
import { createCoCounts } from '../../../src/learn/parts/co-counts.ts'
import { bend, bent, createLagFeatures } from '../../../src/learn/parts/cosines.ts'
import { bentTerms, createSparseSums, emptySums } from '../../../src/learn/parts/sparse-sums.ts'
import { copyOf } from '../../../src/trainer/checkpoint/whole-state.ts'
import { numbers } from '../../contracts/engine-worlds.ts'
import { createFollower } from '../../ports/follower.ts'

const pair = fc.tuple(fc.nat(40), fc.nat(60))

test('counts as a Map does, through growth, and goes on identically after a restore', () => {
  const property = fc.property(fc.array(pair, { maxLength: 500 }), fc.nat(500), (pairs, cut) => {
    const model = new Map<string, number>()
    let co = createCoCounts('co', 64)
    pairs.forEach(([from, to], k) => {
      if (k === cut) {
        const restored = createCoCounts('co', 64)
        restored.restore(copyOf(co.state))
        co = restored
      }
      co.add(from, to)
      model.set(`${from} ${to}`, (model.get(`${from} ${to}`) ?? 0) + 1)
    })
    for (let from = 0; from <= 40; from++) {
      const spread = createSparseSums(61)
      co.scatter(from, 1, 2, spread)
      const counted = new Int32Array(61)
      co.counts(
        from,
        Int32Array.from({ length: 61 }, (_, to) => to),
        counted,
        0,
      )
      for (let to = 0; to <= 60; to++) {
        const expected = model.get(`${from} ${to}`) ?? 0
        assert.equal(co.count(from, to), expected)
        assert.equal(counted[to], expected)
        assert.equal(spread.found.sums[to], 2 * expected)
        assert.equal(spread.found.largest[to], expected)
      }
    }
  })
  fc.assert(property, { numRuns: 60, seed: 1 })
})

test('counts by partner go back into a table when a partner far off comes, and nothing is lost', () => {
  for (const partners of [20, 200]) {
    const co = createCoCounts('co', 64)
    for (let k = 0; k < 1_000; k++) co.add(7, k % partners)
    const before = co.slotsOf(7)
    co.add(7, 100_000)
    assert.equal(co.count(7, 100_000), 1)
    assert.equal(co.count(7, 99_999), 0)
    // 20 partners in 32 numbers; 200 in 256, more than the 64 that a table may keep.
    assert.equal(before, partners === 20 ? 16 : 128)
    const kept = Array.from({ length: partners }, (_, to) => co.count(7, to)).filter(Boolean)
    assert.deepEqual(kept, new Array(partners === 20 ? 20 : 63).fill(1_000 / partners))
    const asked = Int32Array.of(100_000, 0, 50_000)
    const lags = createLagFeatures(Int32Array.of(2, 3))
    const roots = new Float32Array(100_001).fill(1)
    roots.set([3, 5, 1], 6)
    lags.find(co, Int32Array.of(6, 7, 7), asked, roots, 1)
    const c = 5 * co.count(7, 0)
    const [most, middle] = [bend(c), bend(5)].map(Math.fround)
    assert.deepEqual(
      [...lags.features],
      [...[5, c, 0, 10, 2 * c, 0], ...[middle, most, 0, middle, most, 0]],
    )
    assert.deepEqual([...lags.sums], [10, 2 * c, 0])
  }
})

test('a full table drops rare partners and keeps the frequent ones; memory does not grow', () => {
  const co = createCoCounts('co', 12)
  const frequent = [1, 2, 3, 4]
  let bytes = 0
  for (let k = 0; k < 20_000; k++) {
    co.add(0, frequent[k % 4]!)
    co.add(0, 100 + (k % 5_000))
    if (k === 100) bytes = co.bytes
  }
  assert.equal(co.bytes, bytes)
  for (const partner of frequent) assert.equal(co.count(0, partner), 5_000)
  const spread = createSparseSums(6_000)
  co.scatter(0, 1, 1, spread)
  assert.ok(spread.found.sums.filter((count) => count > 0).length <= 12)
})

test('dropping closes the gaps: what is left is found, before and after a restore', () => {
  const property = fc.property(fc.array(fc.nat(200), { minLength: 50, maxLength: 400 }), (tos) => {
    const co = createCoCounts('co', 6)
    const saved = createFollower(co.state)
    for (const to of tos) co.add(to % 5, 200 - to)
    assert.deepEqual(saved.next(), copyOf(co.state), 'what was written to is known')
    for (const to of tos) co.add(3, to)
    assert.deepEqual(saved.next(), copyOf(co.state))
    const spread = createSparseSums(201)
    co.scatter(3, 1, 1, spread)
    const other = createCoCounts('co', 6)
    other.restore(copyOf(co.state))
    for (const one of [co, other]) {
      for (const [to, count] of spread.found.sums.subarray(0, spread.items).entries())
        assert.equal(one.count(3, to), count)
    }
    co.add(3, 500)
    other.add(3, 500)
    assert.deepEqual([...copyOf(other.state)], [...copyOf(co.state)])
  })
  fc.assert(property, { numRuns: 200, seed: 2 })
})

test('sums and the largest are the same over a small and a large catalogue and by the kernel, and empty again', () => {
  const co = createCoCounts('co', 64)
  for (let k = 0; k < 200; k++) co.add(k % 3, (k * 7) % 50)
  // A table: its partners are too far apart for counts by partner.
  for (let k = 0; k < 20; k++) co.add(3, 7 * k * k)
  const kernels = createCatalogue()
  const [small, large] = [createSparseSums(2_600), createSparseSums(50_000)]
  const others = [createSparseSums(2_600, kernels.countSums()), createSparseSums(51)]
  const history = [0, 2, 3, 0]
  for (const item of history) {
    for (const spread of [small, large, ...others]) co.scatter(item, 0.3, -3, spread)
  }
  for (const { found } of others) found.flush()
  assert.ok(small.places === undefined && large.places !== undefined)
  for (const what of ['sums', 'largest', 'second'] as const) {
    const plain = [...small.found[what]]
    assert.ok(plain.some((sum) => sum !== 0))
    for (const { found, items } of [large, ...others]) {
      assert.deepEqual([...found[what].subarray(0, Math.min(items, 2_600))], plain.slice(0, items))
    }
  }
  for (let item = 0; item < 2_600; item++) {
    const values = history.map((from) => 0.3 * co.count(from, item))
    const [largest, second] = [...values].sort((a, b) => b - a)
    assert.deepEqual([small.found.largest[item], small.found.second[item]], [largest, second])
    assert.equal(
      small.found.sums[item],
      values.reduce((sum, value) => sum + -3 * value, 0),
    )
  }
  const scales = Float32Array.from({ length: 2_600 }, (_, item) => 1 / Math.sqrt(1 + (item % 7)))
  const scores = [small, large, others[0]!].map((spread) => {
    const into = Float32Array.from({ length: 2_600 }, (_, item) => Math.sin(item))
    const by = { ofLargest: 0.7, ofSecond: -0.2, bent }
    bentTerms(spread, scales, 2_500, by).addAll(2_600, into, 0)
    return [...into]
  })
  assert.ok(scores[0]!.some((score, item) => score !== Math.fround(Math.sin(item))))
  for (const own of scores.slice(1)) assert.deepEqual(own, scores[0])
  for (const spread of [small, large, ...others]) {
    emptySums(spread)
    for (const all of [spread.found.sums, spread.found.largest, spread.found.second]) {
      assert.ok(all.subarray(0, spread.items).every((sum) => sum === 0))
    }
  }
})

test('within a bound of bytes all items have the same share, and the most frequent partners stay', () => {
  const property = fc.property(fc.integer({ min: 1, max: 120 }), fc.nat(1_000), (items, seed) => {
    const bytes = 64 * 1_024
    let co = createCoCounts('co', 1_000, bytes)
    const next = numbers(seed)
    const unbounded = createCoCounts('co', 1_000)
    for (let n = 0; n < 20_000; n++) {
      // Items come one after the other, partners far apart, and partner 7 every other time.
      const from = Math.floor((next() * items * (n + 1)) / 20_000)
      const to = n % 2 === 0 ? 7 : Math.floor(100_000 * next())
      co.add(from, to)
      unbounded.add(from, to)
      if (n % 5_000 !== 4_999) continue
      const restored = createCoCounts('co', 1_000, bytes)
      restored.restore(copyOf(co.state))
      co = restored
    }
    const slots = Array.from({ length: items }, (_, item) => co.slotsOf(item))
    assert.ok(8 * slots.reduce((sum, own) => sum + own, 0) <= bytes)
    const arena = copyOf(co.state).get('co.arena')!
    assert.ok(arena.data.byteLength <= bytes)
    for (let item = 0; item < items; item++) {
      assert.equal(co.count(item, 7), unbounded.count(item, 7))
      const most = Math.min(unbounded.slotsOf(item), bytes / 8 / 2 / 2 / items)
      assert.ok(slots[item]! >= most / 2, `item ${item} of ${items} has ${slots[item]}`)
    }
  })
  fc.assert(property, { numRuns: 20, seed: 1 })
})
