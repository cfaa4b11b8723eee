// The index of a catalogue is made, grown and arranged anew in steps of a bounded number of rows, and bounds what every
// item scores at each of them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createItemScan } from '../../../src/adapters/wasm/scan/item-scan.ts'
import type { ItemRows, ItemScan } from '../../../src/ports/catalogue.ts'
import { createItemIndex } from '../../../src/rank/staged/item-index.ts'
import { numbers } from '../../contracts/engine-worlds.ts'

const columns = 80
const rowsPerStep = 2_048

/** Counts the rows that each call makes. */
function countedScan(): { readonly scan: ItemScan; readonly made: number[] } {
  const scan = createItemScan()
  const made: number[] = []
  const { put, renew } = scan
  Object.assign(scan, {
    put(...[blocks, first, count]: Parameters<ItemScan['put']>) {
      made.push(count)
      put(blocks, first, count)
    },
    renew(...[blocks, count]: Parameters<ItemScan['renew']>) {
      made.push(count)
      renew(blocks, count)
    },
  })
  return { scan, made }
}

/** Nothing but rows, which the test writes. */
function networkOf(rows: Float32Array): ItemRows {
  let tell: (items: Int32Array | undefined) => void = () => undefined
  return {
    widths: [columns],
    blocks: (first, count) => [rows.subarray(first * columns, (first + count) * columns)],
    query: () => assert.fail('no query of users is asked for'),
    addScores: () => assert.fail('no exact scores are asked for'),
    watch: (changed) => {
      tell = changed
    },
    tell: (items) => tell(items),
  }
}

test('no step makes more than its share of rows, and bounds hold at each of them', () => {
  const n = 9_000
  const next = numbers(2)
  const rows = Float32Array.from({ length: columns * n }, () => next() - 0.5)
  const network = networkOf(rows)
  const { scan, made } = countedScan()
  const index = createItemIndex(scan, [network])
  assert.ok(index.lacks(n))
  let steps = 0
  while (index.lacks(n)) {
    assert.ok(index.prepare(n))
    steps++
  }
  assert.equal(steps, Math.ceil((n * 7) / 8 / rowsPerStep))
  while (index.prepare(n)) steps++
  assert.equal(scan.items, n)
  let halfArranged = 0
  for (let list = 0; list < 40; list++) {
    const query = Float32Array.from({ length: columns }, (_, d) => (next() - 0.5) * (d % 7))
    // Between two lists some rows change.
    const items = Int32Array.from({ length: 50 }, () => Math.floor(n * next()))
    for (const item of items) rows[item * columns + (item % columns)] = 10 * (next() - 0.5)
    network.tell(items)
    assert.ok(index.ready(query, n))
    if (scan.renewed < scan.items) halfArranged++
    const none = new Float32Array(0)
    scan.bound({ query, levelWeights: none, levelShares: none })
    const { bounds } = scan
    for (let item = 0; item < n; item++) {
      let score = 0
      for (let d = 0; d < columns; d++) score += query[d]! * rows[item * columns + d]!
      assert.ok(bounds[item]! >= score, `item ${item} of list ${list}`)
    }
  }
  assert.ok(halfArranged > 0)
  assert.ok(Math.max(...made) <= rowsPerStep)
})

test('what a long time without lists has changed is put again in steps, before the scan is used', () => {
  const n = 20_000
  const next = numbers(4)
  const rows = Float32Array.from({ length: columns * n }, () => next() - 0.5)
  const network = networkOf(rows)
  const { scan } = countedScan()
  const again: number[] = []
  const { putAgain } = scan
  Object.assign(scan, {
    putAgain(...[tables, changed]: Parameters<ItemScan['putAgain']>) {
      again.push(changed.length)
      putAgain(tables, changed)
    },
  })
  const index = createItemIndex(scan, [network])
  while (index.prepare(n));
  const query = Float32Array.from({ length: columns }, () => next() - 0.5)
  assert.ok(index.ready(query, n))
  for (let at = 0; at < rows.length; at += 7) rows[at] = 3 * (next() - 0.5)
  network.tell(Int32Array.from({ length: n }, (_, item) => item))
  assert.ok(index.lacks(n))
  assert.ok(!index.ready(query, n))
  while (index.lacks(n)) assert.ok(index.prepare(n))
  assert.ok(index.ready(query, n))
  assert.ok(again.length > 4 && Math.max(...again) <= 2 * rowsPerStep)
  assert.equal(
    again.reduce((sum, count) => sum + count),
    n,
  )
  const none = new Float32Array(0)
  scan.bound({ query, levelWeights: none, levelShares: none })
  for (let item = 0; item < n; item++) {
    let score = 0
    for (let d = 0; d < columns; d++) score += query[d]! * rows[item * columns + d]!
    assert.ok(scan.bounds[item]! >= score, `item ${item}`)
  }
})

test('the first arrangement is for queries that are likely, and bounds by it are as near as any later ones', () => {
  const n = 6_000
  const next = numbers(6)
  const wide = 300
  const rows = Float32Array.from({ length: wide * n }, () => next() - 0.5)
  const network = { ...networkOf(rows), widths: [wide] }
  network.blocks = (first, count) => [rows.subarray(first * wide, (first + count) * wide)]
  // Queries are large in columns that no row tells of.
  const queryOf = () =>
    Float32Array.from({ length: wide }, (_, d) => (next() - 0.5) * (d < 200 ? 0.01 : 1))
  const slackOf = (examples?: () => Iterable<Float32Array>): number => {
    const scan = createItemScan()
    const index = createItemIndex(scan, [network], examples && { examples })
    while (index.prepare(n));
    const query = queryOf()
    const none = new Float32Array(0)
    scan.bound({ query, levelWeights: none, levelShares: none })
    let slack = 0
    for (let item = 0; item < n; item++) {
      let score = 0
      for (let d = 0; d < wide; d++) score += query[d]! * rows[item * wide + d]!
      assert.ok(scan.bounds[item]! >= score)
      slack += (scan.bounds[item]! - score) / n
    }
    return slack
  }
  const [blind, told] = [slackOf(), slackOf(() => Array.from({ length: 8 }, queryOf))]
  assert.ok(told < 0.5 * blind, `bounds are ${told} above scores, and ${blind} without examples`)
})
