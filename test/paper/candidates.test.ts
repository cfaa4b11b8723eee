// Who is compared, in which order: the anchor's order and cut against a plain sort.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Compare } from '../../src/paper/algorithm-1.ts'
import { createCandidateFinder } from '../../src/paper/candidates.ts'
import { createPlainPairwiseRankers } from '../../src/paper/plain-ranker.ts'
import { randomTable, relationOf } from './relations.ts'

const finder = createCandidateFinder()
const none = (): boolean => false
const plain = createPlainPairwiseRankers(8)
const against = (compare: Compare) => plain.of(compare)

test('ascending by the anchor score, ties by item id, the cut keeps the lower ids', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 70 }),
      fc.constantFrom(2, 4, 1_000_000),
      fc.integer(),
      fc.func(fc.boolean()),
      (n, most, levels, seed, excluded) => {
        const { z, compare } = randomTable(n, seed, levels)
        const r = Math.abs(seed) % n
        const g = (item: number): number => z(item, r) - z(r, item)
        const free = Array.from({ length: n }, (_, item) => item).filter((item) => !excluded(item))
        const best = free.toSorted((i, j) => g(j) - g(i) || i - j)
        const kept = most === 0 ? best : best.slice(0, most)
        const expected = kept.toSorted((i, j) => g(i) - g(j) || i - j)
        const found = finder.byAnchor(n, excluded, r, most, against(compare))
        assert.deepEqual([...found.order.subarray(0, found.count)], expected)
        assert.equal(found.comparisons, free.length)
      },
    ),
    { numRuns: 3_000, seed: 9 },
  )
})

test('sorts the whole range of floats, more candidates than one call holds', () => {
  const values = [-Infinity, -3e38, -1, -1e-40, -0, 0, 1e-40, 1, 3e38, Infinity]
  const n = 2_500
  const value = (item: number): number => values[(item * 7) % values.length]!
  const { compare, asked } = relationOf(n, (i, j) => (j === n ? value(i) : 0))
  const { order, count } = finder.byAnchor(n, none, n, 0, against(compare))
  assert.deepEqual([count, asked()], [n, 2 * n])
  for (let at = 1; at < n; at++) {
    const [before, here] = [order[at - 1]!, order[at]!]
    const ascending =
      value(before) < value(here) || (value(before) === value(here) && before < here)
    assert.ok(ascending, `${before} before ${here}`)
  }
})

test('by item id: everything that is not excluded', () => {
  const { order, count } = finder.byItemId(5, (item) => item === 1 || item === 4)
  assert.deepEqual([...order.subarray(0, count)], [0, 2, 3])
})

test('NaN is refused with the item', () => {
  const { compare } = relationOf(9, (i) => (i === 7 ? Number.NaN : 0))
  assert.throws(() => finder.byAnchor(9, none, 0, 0, against(compare)), /item 7 against anchor 0/)
})
