// The plain top-K against a full sort, on scores with many ties.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTopK } from '../../src/rank/top-k.ts'

const none = (): boolean => false
const select = createTopK(64)

test('equals a full sort with ties to the lower id, for any k, scores and exclusions', () => {
  const score = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.float({ noNaN: true }),
    fc.constantFrom(-0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
  )
  fc.assert(
    fc.property(
      fc.array(score, { maxLength: 300, size: 'max' }),
      fc.integer({ min: 0, max: 64 }),
      fc.func(fc.boolean()),
      (list, k, excluded) => {
        const scores = Float32Array.from(list)
        const found = select(scores, scores.length, k, excluded)
        const sorted = [...scores.keys()]
          .filter((item) => !excluded(item))
          .sort((i, j) => (scores[i] === scores[j] ? i - j : scores[j]! - scores[i]!))
        assert.equal(found.count, Math.min(k, sorted.length))
        assert.deepEqual([...found.items.subarray(0, found.count)], sorted.slice(0, k))
        const best = sorted.slice(0, k).map((item) => scores[item]!)
        assert.deepEqual([...found.scores.subarray(0, found.count)], best)
        assert.equal(found.runnerUp, sorted[k] ?? -1)
        assert.equal(found.runnerUpScore, scores[sorted[k] ?? -1] ?? Number.NEGATIVE_INFINITY)
      },
    ),
    { numRuns: 3_000, seed: 5 },
  )
})

test('many of few are those of a full sort, wherever the scores lie', () => {
  const score = fc.oneof(
    fc.float({ noNaN: true, min: -8, max: 8 }),
    fc.integer({ min: -1, max: 1 }),
    fc.constantFrom(-0, Number.NEGATIVE_INFINITY, 1e30),
  )
  const few = createTopK(256)
  fc.assert(
    fc.property(
      fc.array(score, { minLength: 200, maxLength: 900, size: 'max' }),
      fc.integer({ min: 31, max: 256 }),
      fc.integer({ min: 2, max: 60 }),
      (list, k, each) => {
        const scores = Float32Array.from(list)
        const excluded = (item: number) => item % each === 0
        const found = few(scores, scores.length, k, excluded)
        const sorted = [...scores.keys()]
          .filter((item) => !excluded(item))
          .sort((i, j) => (scores[i] === scores[j] ? i - j : scores[j]! - scores[i]!))
        assert.deepEqual([...found.items.subarray(0, found.count)], sorted.slice(0, k))
        assert.equal(found.runnerUp, sorted[k] ?? -1)
      },
    ),
    { numRuns: 300, seed: 6 },
  )
})

test('looks only at the first n', () => {
  const found = select(Float32Array.of(1, 2, 3), 2, 1, none)
  assert.deepEqual([found.items[0], found.runnerUp], [1, 0])
})

test('refuses NaN wherever it stands', () => {
  for (const at of [0, 1, 50, 99]) {
    const scores = Float32Array.from({ length: 100 }, (_, item) => -item)
    scores[at] = Number.NaN
    for (const k of [3, 40]) {
      assert.throws(() => select(scores, 100, k, none), new RegExp(`item ${at} is NaN`))
    }
  }
})

test('refuses a list longer than it has room for, and an n beyond the scores', () => {
  assert.throws(() => select(new Float32Array(9), 9, 65, none), RangeError)
  assert.throws(() => select(new Float32Array(9), 10, 1, none), RangeError)
})
