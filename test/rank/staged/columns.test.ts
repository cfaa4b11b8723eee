// Which columns of a row are scanned first, and how they are balanced.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrangeColumns } from '../../../src/rank/staged/columns.ts'

test('columns come by what they tell of a score, and rows and queries are balanced in each', () => {
  const rows = Float64Array.of(1, 16, 0, 4, 1e-30)
  const queries = Float64Array.of(1, 1, 9, 64, 1e29)
  const { order, factors } = arrangeColumns(rows, queries)
  assert.deepEqual([...order], [3, 1, 0, 4, 2])
  assert.deepEqual([...factors.subarray(0, 4)], [1, 0.5, 1, 2])
  for (const column of [0, 1, 3]) {
    const factor = factors[column]!
    assert.equal(rows[column]! * factor ** 2, queries[column]! / factor ** 2)
  }
  assert.equal(factors[4], 1e4, 'no factor is beyond what floats can bear')
})
