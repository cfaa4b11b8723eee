// Columns of a scan are kept as they are, over chunks of rows and over catalogues that grow.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createItemScan } from '../../../src/adapters/wasm/scan/item-scan.ts'
import { scanTermsMax } from '../../../src/kernel/constants.ts'
import { createColumn } from '../../../src/learn/parts/item-column.ts'
import { numbers } from '../../contracts/engine-worlds.ts'
import { sumOf } from './columns.ts'

test('columns are known beyond a chunk of rows, and cost no bound more than their rounding', () => {
  const [items, next] = [40_000, numbers(3)]
  const scan = createItemScan()
  scan.arrange([1], Int32Array.of(0), Float32Array.of(1), 100)
  scan.put([new Float32Array(20_000)], 0, 20_000)
  const column = createColumn()
  column.grow(30_000)
  column.renewed(2)
  for (let i = 0; i < column.values.length; i++) column.set(i, next())
  const nothing = new Float32Array(0)
  const terms = [{ column, weight: -3, origin: 0.5 }]
  const bound = () =>
    scan.bound({ query: Float32Array.of(1), levelWeights: nothing, levelShares: nothing, terms })
  const check = () =>
    scan.bounds.forEach((bound, i) => {
      const exact = sumOf(terms, i)
      assert.ok(
        bound >= exact && bound - exact < 2e-5 * (1 + Math.abs(exact)),
        `item ${i}: ${exact}, ${bound}`,
      )
    })
  bound()
  check()
  scan.put([new Float32Array(items - 20_000)], 20_000, items - 20_000)
  for (const item of [0, 16_383, 16_384, 29_999, 19_999]) column.set(item, 7 * next())
  bound()
  check()
  // Other columns in the same place.
  terms[0] = { ...terms[0]!, column: createColumn() }
  bound()
  check()
})

test('more terms than there is room for are refused', () => {
  const scan = createItemScan()
  scan.arrange([1], Int32Array.of(0), Float32Array.of(1), 4)
  scan.put([new Float32Array(4)], 0, 4)
  const nothing = new Float32Array(0)
  const term = () => ({ column: createColumn(), weight: 1, origin: 0 })
  const terms = Array.from({ length: scanTermsMax + 1 }, term)
  const query = { query: nothing, levelWeights: nothing, levelShares: nothing, terms }
  assert.throws(() => scan.bound(query), RangeError)
  scan.bound({ ...query, terms: terms.slice(1) })
})
