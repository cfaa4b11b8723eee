// However many items a list needs, parts score them some at a time, and every item has the score that is its own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StagedPart } from '../../../src/learn/part.ts'
import { createScoredItems } from '../../../src/rank/staged/scored-items.ts'

/** Adds the item's number; `asked`: how many it was asked for at a time. */
function countingPart(asked: number[]): StagedPart {
  return {
    begin: () => undefined,
    addSome(items, count, sums) {
      asked.push(count)
      for (let x = 0; x < count; x++) sums[x]! += items[x]!
    },
  }
}

test('a list that needs all items of a large catalogue asks the parts for some at a time', () => {
  const asked: number[] = []
  const found = createScoredItems([countingPart(asked), countingPart([])])
  const n = 30_001
  found.include(Int32Array.of(7, 5_000, 29_999), n, n)
  assert.deepEqual(asked, [3])
  const { count, items, scores } = found.include(new Int32Array(0), 0, n)
  assert.equal(count, n)
  assert.ok(items.subarray(0, n).every((item, x) => item === x))
  assert.ok(scores.subarray(0, n).every((score, x) => score === 2 * x))
  assert.ok(Math.max(...asked) <= 4_096, `${Math.max(...asked)} at a time`)
  assert.equal(
    asked.reduce((sum, one) => sum + one, 0),
    n,
  )
})
