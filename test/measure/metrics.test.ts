// The measures on values worked out by hand, and the traps: ties, scores that are no numbers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addRank,
  hitAt,
  meanOf,
  midRank,
  ndcgAt,
  newQuality,
  qualityOf,
  recall,
  shareText,
} from '../../src/measure/metrics.ts'

test('mid-rank counts those above and half of those equal', () => {
  assert.equal(midRank(Float32Array.of(3, 1, 2)), 0)
  assert.equal(midRank(Float32Array.of(1, 3, 2)), 2)
  assert.equal(midRank(Float32Array.of(2, 2, 2, 5)), 2)
  assert.equal(midRank(Float32Array.of(2, 9, 9, 9), 2), 1)
})

test('a constant model stands in the middle', () => {
  assert.equal(midRank(new Float32Array(101)), 50)
})

test('a score that is not a number never helps', () => {
  assert.equal(midRank(Float32Array.of(Number.NaN, 1, 2, 3)), 3)
  assert.equal(midRank(Float32Array.of(5, Number.NaN, 1)), 1)
})

test('mid-rank is the mean rank over all orders of the ties', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 30 }),
      (values) => {
        const above = values.slice(1).filter((value) => value > values[0]!).length
        const level = values.slice(1).filter((value) => value === values[0]!).length
        // First and last place that an unlucky and a lucky order of the ties would give.
        const mean = (above + (above + level)) / 2
        assert.equal(midRank(Float32Array.from(values)), mean)
      },
    ),
    { seed: 3 },
  )
})

test('HR and NDCG at the border of the list', () => {
  assert.equal(hitAt(9, 10), 1)
  // Half in is not in: a tie across the border would flatter whoever ties often.
  assert.equal(hitAt(9.5, 10), 0)
  assert.equal(hitAt(10, 10), 0)
  assert.equal(ndcgAt(0, 10), 1)
  assert.ok(Math.abs(ndcgAt(2, 10) - 0.5) < 1e-12)
  assert.equal(ndcgAt(10, 10), 0)
})

test('sums become means with a standard error', () => {
  const sums = newQuality()
  assert.deepEqual(qualityOf(sums), { hr10: null, ndcg10: null, se: null })
  for (const rank of [0, 2, 40, 50]) addRank(sums, rank)
  const quality = qualityOf(sums)
  assert.equal(quality.hr10, 0.5)
  assert.ok(Math.abs(quality.ndcg10! - 0.375) < 1e-12)
  assert.equal(quality.se, 0.25)
})

test('a share has no zero before the point; what was not measured is a dash', () => {
  assert.deepEqual(
    [0.25, 0, 1, null, undefined].map((value) => shareText(value)),
    ['.2500', '.0000', '1.0000', '–', '–'],
  )
  assert.equal(shareText(0.12345, 2), '.12')
})

test('recall and means', () => {
  assert.equal(recall(['a', 'b', 'c'], ['b', 'x']), 0.5)
  assert.equal(recall([], []), 1)
  assert.deepEqual(meanOf([1, 3]), { mean: 2, se: 1, count: 2 })
  assert.deepEqual(meanOf([4]), { mean: 4, se: 0, count: 1 })
  assert.deepEqual(meanOf([]), { mean: 0, se: 0, count: 0 })
})
