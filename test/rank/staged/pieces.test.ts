// Over a large catalogue no list, and no step that is taken before it, looks at more than a bounded number of rows:
// however many are new, have changed or were counted since the last one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createItemScan } from '../../../src/adapters/wasm/scan/item-scan.ts'
import type { Moment, StagedPart } from '../../../src/learn/part.ts'
import type { ItemRows, ItemScan } from '../../../src/ports/catalogue.ts'
import { createStagedRanker } from '../../../src/rank/staged/staged-ranker.ts'
import { numbers } from '../../contracts/engine-worlds.ts'

const columns = 16
const k = 10
/** Of a step, and of a list: rows that are made for the scan, levels that are set, items that are scored in full. */
const most = { made: 6_144, levels: 24_576, scored: 8_192 }

/** A network of nothing but rows, and a popularity of nothing but counts; both count what is done. */
function createWorld(itemsMax: number) {
  const next = numbers(3)
  const rows = Float32Array.from({ length: columns * itemsMax }, () => next() - 0.5)
  const done = { made: 0, levels: 0, scored: 0 }
  let changed: (items: Int32Array | undefined) => void = () => undefined
  let observed: (item: number | undefined) => void = () => undefined
  let events = 0
  let query = new Float32Array(0)

  const network: ItemRows = {
    widths: [columns],
    blocks: (first, count) => [rows.subarray(first * columns, (first + count) * columns)],
    query: () => assert.fail('the part writes its query'),
    addScores: () => assert.fail('the part adds its scores'),
    watch: (tell) => {
      changed = tell
    },
    tell: (items) => changed(items),
  }
  const scoreOf = (item: number): number => {
    let score = 0
    for (let d = 0; d < columns; d++) score += query[d]! * rows[item * columns + d]!
    return score
  }
  const ofRows: StagedPart = {
    rows: network,
    begin(_moment, _weights, into) {
      query = Float32Array.from(into, () => next() - 0.5)
      into.set(query)
    },
    addSome(items, count, sums) {
      done.scored += count
      for (let x = 0; x < count; x++) sums[x]! += scoreOf(items[x]!)
    },
  }
  const ofCounts: StagedPart = {
    popularity: {
      halfLives: [1_000],
      get events() {
        return events
      },
      level() {
        done.levels++
        return 0
      },
      watch: (tell) => {
        observed = tell
      },
    },
    begin: () => undefined,
    addSome: () => undefined,
  }
  const learn = (item: number): void => {
    rows[item * columns + (item % columns)] = next() - 0.5
    network.tell(Int32Array.of(item))
    events++
    observed(item)
  }
  return { done, parts: [ofRows, ofCounts], scoreOf, learn }
}

function counted(scan: ItemScan, done: { made: number }): ItemScan {
  const { put, renew, putAgain } = scan
  return Object.assign(scan, {
    put(...[blocks, first, count]: Parameters<ItemScan['put']>) {
      done.made += count
      put(blocks, first, count)
    },
    renew(...[blocks, count]: Parameters<ItemScan['renew']>) {
      done.made += count
      renew(blocks, count)
    },
    putAgain(...[tables, changed]: Parameters<ItemScan['putAgain']>) {
      done.made += changed.length
      putAgain(tables, changed)
    },
  })
}

test('whatever has happened since the last list, no piece of work grows with the catalogue', () => {
  const [first, later] = [250_000, 270_000]
  const { done, parts, scoreOf, learn } = createWorld(later)
  const scan = counted(createItemScan(), done)
  const ranker = createStagedRanker(scan, parts, { stagedItemsMin: 1 })
  const excluded = Object.assign(() => false, {})
  let steps = 0

  function piece(what: string, work: () => void): void {
    Object.assign(done, { made: 0, levels: 0, scored: 0 })
    work()
    for (const [name, count] of Object.entries(done)) {
      const limit = most[name as keyof typeof most]
      assert.ok(count <= limit, `${what}: ${name} ${count}, not ${limit}`)
    }
  }

  function list(what: string, n: number): void {
    while (ranker.mustPrepare(n)) {
      steps++
      piece(`a step before ${what}`, () => assert.ok(ranker.prepare(n)))
    }
    piece(what, () => {
      const weights = () => [Float32Array.of(1), Float32Array.of(1)]
      assert.ok(ranker.begin({} as Moment, n, k, weights, excluded), what)
      const { items, scores, count } = ranker.best(k)!
      const found = Array.from(items.subarray(0, count), (item, x) => [scores[x]!, item] as const)
      const least = found.map(([score]) => score).sort((a, b) => b - a)[k - 1]!
      // Looked for only where it costs the test little: among every hundredth item there is none better.
      for (let item = 0; item < n; item += 101) {
        assert.ok(scoreOf(item) <= least + 1e-5 || items.subarray(0, count).includes(item))
      }
    })
  }

  list('the first list', first)
  assert.ok(steps > 100)
  for (let item = 0; item < 100_000; item++) learn(item)
  list('a list after many events', first)
  list('a list over many new items', later)
  steps = 0
  for (let n = 0; n < 40; n++) {
    for (let event = 0; event < 20; event++) learn((7_919 * (n + event)) % later)
    list(`list ${n} of many`, later)
  }
  assert.equal(steps, 0, 'between lists of a steady stream nothing has to be prepared')
  while (ranker.prepare(later)) {
    steps++
    assert.ok(steps < 1_000)
  }
  list('a list once all is prepared', later)
})

test('a longer list goes through the catalogue again only where what was found is too little', () => {
  const n = 30_000
  const { parts, scoreOf } = createWorld(n)
  const scan = createItemScan()
  const { above } = scan
  let passes = 0
  Object.assign(scan, {
    above(threshold: number) {
      passes++
      return above(threshold)
    },
  })
  const ranker = createStagedRanker(scan, parts, { stagedItemsMin: 1 })
  while (ranker.prepare(n));
  const weights = () => [Float32Array.of(1), Float32Array.of(1)]
  assert.ok(
    ranker.begin(
      {} as Moment,
      n,
      k,
      weights,
      Object.assign(() => false, {}),
    ),
  )
  const byScore = Array.from({ length: n }, (_, item) => item)
  byScore.sort((a, b) => scoreOf(b) - scoreOf(a))

  function passesOf(length: number): number {
    const before = passes
    const { items, count } = ranker.best(length)!
    const found = new Set(items.subarray(0, count))
    for (const item of byScore.slice(0, length)) assert.ok(found.has(item), `${length}: ${item}`)
    return passes - before
  }

  assert.deepEqual([k, k, 500, 500, k + 1].map(passesOf), [1, 0, 1, 0, 0])
})
