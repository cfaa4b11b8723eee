// Bounds of a scan hold strictly, whatever the rows and queries are.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createItemScan } from '../../../src/adapters/wasm/scan/item-scan.ts'
import type { WritableColumn } from '../../../src/learn/parts/item-column.ts'
import type { ColumnTerm } from '../../../src/ports/catalogue.ts'
import { arrangeColumns } from '../../../src/rank/staged/columns.ts'
import { numbers } from '../../contracts/engine-worlds.ts'
import { change, columnOf, sumOf } from './columns.ts'

/** Rows whose columns and lengths differ by powers of ten, with some that are 0 and some that are another's. */
function rowsOf(seed: number, items: number, columns: number, spread: number): Float32Array {
  const next = numbers(seed)
  const widths = Array.from({ length: columns }, () => 10 ** (spread * (next() - 0.5)))
  const rows = new Float32Array(items * columns)
  for (let i = 0; i < items; i++) {
    const kind = next()
    const length = kind < 0.05 ? 0 : 10 ** (spread * (next() - 0.5))
    const copied = kind > 0.9 && i > 0 ? Math.floor(next() * i) : -1
    for (let d = 0; d < columns; d++) {
      const own = length * widths[d]! * (next() - 0.5)
      rows[i * columns + d] = copied < 0 ? own : rows[copied * columns + d]!
    }
  }
  return rows
}

test('no product of floats is above its bound, and nobody at the threshold is left out', () => {
  const sizes = fc.record({
    seed: fc.nat(1e6),
    items: fc.integer({ min: 1, max: 300 }),
    columns: fc.integer({ min: 1, max: 200 }),
    spread: fc.constantFrom(0, 1, 3, 12),
    isArranged: fc.boolean(),
    terms: fc.integer({ min: 0, max: 4 }),
  })
  fc.assert(
    fc.property(sizes, ({ seed, items, columns, spread, isArranged, terms: count }) => {
      const next = numbers(seed + 1)
      const rows = rowsOf(seed, items, columns, spread)
      const query = rowsOf(seed + 2, 1, columns, spread)
      const squares = (of: Float32Array) =>
        Float64Array.from({ length: columns }, (_, d) => {
          let sum = 0
          for (let at = d; at < of.length; at += columns) sum += of[at]! * of[at]!
          return sum
        })
      const { order, factors } = isArranged
        ? arrangeColumns(squares(rows), squares(query))
        : {
            order: Int32Array.from({ length: columns }, (_, d) => d),
            factors: new Float32Array(columns).fill(1),
          }
      const scan = createItemScan()
      scan.arrange([columns], order, factors, next() < 0.5 ? items : 0)
      const half = items >> 1
      scan.put([rows.subarray(0, half * columns)], 0, half)
      scan.put([rows.subarray(half * columns)], half, items - half)
      // Some rows have changed over to other columns, and some of all have been put again since.
      if (next() < 0.5) {
        scan.rearrange(
          order.toReversed(),
          factors.map(() => 2 * next() + 0.1),
        )
        const some = 4 * Math.floor((next() * items) / 4)
        if (some > 0) scan.renew([rows.subarray(0, some * columns)], some)
        assert.equal(scan.renewed, some)
        scan.putAgain(
          [rows],
          Array.from({ length: Math.floor(2 * next() * items) }, () => Math.floor(next() * items)),
        )
      }
      const levels = Float64Array.from({ length: 4 * items }, () => Math.floor(256 * next()))
      scan.levels.set(levels)
      const levelWeights = Float32Array.from({ length: 4 }, () => 2 * next() - 1)
      const levelShares = Float32Array.from({ length: 4 }, () => next())
      const terms = Array.from({ length: count }, (): ColumnTerm => {
        const column = columnOf(next, items, spread)
        return { column, weight: 4 * next() - 2, origin: next() < 0.2 ? 0 : 10 * next() }
      })
      scan.bound({ query, levelWeights, levelShares, terms })
      for (const { column } of terms) change(column as WritableColumn, next)
      const exact = new Float32Array(items)
      for (let i = 0; i < items; i++) {
        let sum = 0
        for (let d = 0; d < columns; d++) {
          sum = Math.fround(sum + Math.fround(query[d]! * rows[i * columns + d]!))
        }
        for (let k = 0; k < 4; k++) {
          // Anything between what is left of the level and the level itself.
          const most = scan.levelStep * levels[4 * i + k]!
          const least = levelShares[k]! * Math.max(0, most - scan.levelStep)
          const level = least + next() * (most - least)
          sum = Math.fround(sum + levelWeights[k]! * level)
        }
        exact[i] = Math.fround(sum + sumOf(terms, i))
      }
      scan.bound({ query, levelWeights, levelShares, terms })
      const bounds = scan.bounds
      for (let i = 0; i < items; i++) {
        assert.ok(bounds[i]! >= exact[i]!, `item ${i}: ${exact[i]} above ${bounds[i]}`)
      }
      const threshold = exact[Math.floor(next() * items)]!
      const above = new Set(scan.above(threshold))
      exact.forEach((score, i) => {
        if (score >= threshold) assert.ok(above.has(i), `item ${i} is left out`)
      })
      const most = Math.floor(next() * items) + 1
      const best = Float32Array.from(scan.best(most), (i) => bounds[i]!).sort()
      assert.deepEqual(
        best,
        bounds
          .slice()
          .sort()
          .subarray(items - most),
      )
    }),
    { numRuns: 300 },
  )
})

test('rows that are no numbers, or infinite, are never left out', () => {
  const scan = createItemScan()
  const columns = 70
  const rows = rowsOf(5, 9, columns, 0)
  rows[3 * columns] = Number.NaN
  rows[4 * columns + 69] = Number.POSITIVE_INFINITY
  rows[5 * columns + 1] = 3e38
  scan.arrange(
    [columns],
    Int32Array.from({ length: columns }, (_, d) => d),
    new Float32Array(columns).fill(1),
    9,
  )
  scan.put([rows], 0, 9)
  const nothing = new Float32Array(0)
  scan.bound({ query: rows.slice(0, columns), levelWeights: nothing, levelShares: nothing })
  assert.deepEqual(scan.above(1e30), Int32Array.of(3, 4, 5))
})

test('rows are kept when there are more, and put again where they lie', () => {
  const [scan, other] = [createItemScan(), createItemScan()]
  const columns = 100
  const rows = rowsOf(8, 1_000, columns, 1)
  const order = Int32Array.from({ length: columns }, (_, d) => d)
  for (const one of [scan, other]) {
    one.arrange([30, 70], order, new Float32Array(columns).fill(1), 70)
  }
  const blocks = (first: number, count: number) => {
    const left = new Float32Array(30 * count)
    const right = new Float32Array(70 * count)
    for (let i = 0; i < count; i++) {
      const row = rows.subarray((first + i) * columns, (first + i + 1) * columns)
      left.set(row.subarray(0, 30), 30 * i)
      right.set(row.subarray(30), 70 * i)
    }
    return [left, right]
  }
  other.put(blocks(0, 1_000), 0, 1_000)
  for (let first = 0; first < 1_000; first += 125) scan.put(blocks(first, 125), first, 125)
  scan.putAgain(blocks(200, 800), [0, 7, 500])
  scan.putAgain(blocks(0, 1_000), [500, 0, 7])
  const nothing = new Float32Array(0)
  for (const one of [scan, other]) {
    one.bound({ query: rows.slice(700, 800), levelWeights: nothing, levelShares: nothing })
  }
  assert.deepEqual(scan.bounds, other.bounds)
  assert.throws(() => scan.put(blocks(0, 1), 1_002, 1), RangeError)
})

test('a scan has room for as many items as it says', () => {
  const scan = createItemScan(2 ** 24)
  const order = Int32Array.from({ length: 80 }, (_, d) => d)
  scan.arrange([80], order, new Float32Array(80).fill(1), 1e6)
  const most = scan.itemsMax
  assert.ok(most > 50_000 && most < 2 ** 24 / 100, `${most} items`)
  scan.put([new Float32Array(80 * most)], 0, most)
  assert.throws(() => scan.put([new Float32Array(80)], most, 1), RangeError)
})
