// The first stage of a list against a plain sort: with ties, exclusions, and scores of any size.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createShortlist } from '../../src/rank/shortlist.ts'

const score = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38, -3e38, 0, -0),
)

test('the largest that are not excluded, ascending; of equal ones the first', () => {
  const select = createShortlist()
  const worlds = fc.record({
    scores: fc.array(score, { maxLength: 200 }),
    most: fc.integer({ min: 1, max: 60 }),
    every: fc.integer({ min: 1, max: 9 }),
  })
  const property = fc.property(worlds, ({ scores, most, every }) => {
    const all = Float32Array.from(scores)
    // Mostly what is near the top.
    const order = [...all.keys()].sort((a, b) => all[b]! - all[a]! || a - b)
    const excluded = new Set(order.filter((_, place) => place % every !== 0 && place < 50))
    const expected = order.filter((item) => !excluded.has(item)).slice(0, most)
    expected.sort((a, b) => a - b)
    const listable = (n: number, out: Int32Array): number => {
      const some = Array.from({ length: n }, (_, item) => item).filter((one) => !excluded.has(one))
      out.set(some)
      return some.length
    }
    const of = { scores: all, count: all.length }
    const one = (item: number) => excluded.has(item)
    assert.deepEqual([...select(of, most, one)], expected)
    assert.deepEqual([...select(of, most, Object.assign(one, { listable }))], expected)
    // The same of others, which stand at the places of these.
    const items = Int32Array.from(all.keys(), (x) => 3 * x + 1)
    const few = select({ ...of, items }, most, (item) => excluded.has((item - 1) / 3))
    assert.deepEqual(
      [...few],
      expected.map((x) => 3 * x + 1),
    )
  })
  fc.assert(property, { numRuns: 2_000 })
})

test('a score that is no number is refused', () => {
  const scores = Float32Array.of(1, 2, Number.NaN, 4)
  for (const most of [2, 9]) {
    const of = { scores, count: 4 }
    assert.throws(() => createShortlist()(of, most, () => false), /place 2 is NaN/)
  }
})

test('few items are asked whether they are excluded', () => {
  let asked = 0
  const scores = Float32Array.from({ length: 20_000 }, (_, k) => Math.sin(k * k))
  const of = { scores, count: scores.length }
  const { length } = createShortlist()(of, 300, () => {
    asked++
    return false
  })
  assert.equal(length, 300)
  assert.ok(asked < 1_000, `${asked}`)
})
