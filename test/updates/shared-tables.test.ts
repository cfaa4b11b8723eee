// What goes into a record where it has no room for all: the largest moves, of items and of dense weights alike. And
// values are always base, pending and local together.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SharedTable } from '../../src/updates/shared-table.ts'
import { createSharedTables, type PendingSet } from '../../src/updates/shared-tables.ts'

const width = 32
const rows = 8

function tableOf(name: string, shift: number | undefined, isRounded = true) {
  const values = new Float32Array(rows * width)
  const pieces = [{ values, width }]
  const table: SharedTable = {
    ...{ name, shift, rows, isRounded },
    pieces: () => pieces,
    begin: () => undefined,
  }
  return { table, values }
}

/** Tables of all items, a dense layer and output weights. */
function setUp() {
  const [items, layer, weights] = [
    tableOf('items', 0),
    tableOf('layer', undefined),
    tableOf('weights', undefined, false),
  ]
  const tables = createSharedTables([items.table, layer.table, weights.table])
  tables.meet(
    0,
    Array.from({ length: rows }, (_, k) => `item-${k}`),
  )
  return { tables, items: items.values, layer: layer.values, weights: weights.values }
}

const rowsIn = (set: PendingSet, table: string) => [...set.get(table)!.rows]

/** The record counts in full. */
function readBack(tables: ReturnType<typeof createSharedTables>, own: PendingSet): void {
  const all = [...own].map(
    ([name, { rows }]) => [name, new Float64Array(rows.length).fill(1)] as const,
  )
  tables.fold([{ moved: own, shares: new Map(all), own }])
}

function move(values: Float32Array, row: number, by: number): void {
  for (let d = row * width; d < (row + 1) * width; d++) values[d]! += by
}

test('the largest moves go first, those of dense layers among them, and output weights always', () => {
  const { tables, items, layer, weights } = setUp()
  move(items, 1, 0.5)
  move(items, 2, 0.001)
  move(layer, 3, 0.25)
  move(layer, 4, 0.002)
  move(weights, 5, 0.0001)
  const first = tables.take(2 * width)
  assert.deepEqual([rowsIn(first, 'items'), rowsIn(first, 'layer')], [[1], [3]])
  assert.deepEqual(rowsIn(first, 'weights'), [5])
  // What was left out waits, and goes once there is room, though nothing has changed since.
  const second = tables.take(100 * width)
  assert.deepEqual([rowsIn(second, 'items'), rowsIn(second, 'layer')], [[2], [4]])
})

test('moves that were read back are in the base, and the values are what they were', () => {
  const { tables, items } = setUp()
  for (let turn = 1; turn <= 4; turn++) {
    move(items, turn, 0.5)
    move(items, 7, 0.25)
    const own = tables.take(100 * width)
    assert.deepEqual(rowsIn(own, 'items'), [turn, 7])
    move(items, 7, 0.125)
    readBack(tables, own)
    assert.ok(tables.baseOf('items', turn).every((value) => value === 0.5))
    // Moved again while it was under way: local, and not yet in the base.
    assert.equal(items[7 * width], 0.375 * turn)
    assert.ok(Math.abs(tables.baseOf('items', 7)[0]! - (0.375 * turn - 0.125)) < 1e-6)
  }
})

test('a row that is no number stays, and the others go as they are', () => {
  const { tables, items } = setUp()
  move(items, 1, 0.5)
  for (let d = 0; d < width; d++) {
    // Wherever in the row it is, and however far the rest has moved.
    move(items, 2, 0.75)
    items[2 * width + d] = Number.NaN
    move(items, 3, 0.5)
    const own = tables.take(100 * width)
    assert.deepEqual(rowsIn(own, 'items'), d === 0 ? [1, 3] : [3])
    assert.ok(own.get('items')!.values.every((value) => value === 0.5))
    readBack(tables, own)
    items.fill(0.25, 2 * width, 3 * width)
    readBack(tables, tables.take(100 * width))
  }
})
