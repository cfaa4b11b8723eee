// Threads that share the scan of a catalogue: the same bounds and the same items at any number of them, a clear end
// where one fails, and none left once they are closed.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { createItemScan } from '../../../src/adapters/wasm/scan/item-scan.ts'
import {
  createRankThreads,
  type RankThreads,
} from '../../../src/adapters/wasm/threads/rank-threads.ts'
import { createColumn } from '../../../src/learn/parts/item-column.ts'
import type { BoundQuery, ItemScan } from '../../../src/ports/catalogue.ts'
import { numbers } from '../../contracts/engine-worlds.ts'

const columns = 24
/** More than one thread chooses the best of. */
const items = 140_003

const next = numbers(4)
// A few kinds of rows only, so that many bounds are equal.
const kinds = Float32Array.from({ length: 97 * columns }, () => next() - 0.5)
const rows = Float32Array.from({ length: items * columns }, (_, at) => {
  return kinds[(at * 31 - (at % columns) * 30) % kinds.length]!
})

function scanOf(threads?: RankThreads): ItemScan {
  const scan = createItemScan(undefined, threads)
  const order = Int32Array.from({ length: columns }, (_, d) => d)
  scan.arrange([columns], order, new Float32Array(columns).fill(1), items)
  scan.put([rows], 0, items)
  return scan
}

const column = createColumn()
column.grow(rows.length / columns)
for (let i = 0; i < column.values.length; i++) column.set(i, (i % 5) / 5)

function queryOf(seed: number): BoundQuery {
  const own = numbers(seed)
  return {
    query: Float32Array.from({ length: columns }, () => own() - 0.5),
    levelWeights: Float32Array.from({ length: 4 }, own),
    levelShares: new Float32Array(4).fill(1),
    terms: [{ column, weight: own() - 0.5, origin: own() }],
  }
}

/** Everything that a scan tells of a query. */
function told(scan: ItemScan, seed: number) {
  scan.bound(queryOf(seed))
  const bounds = scan.bounds.slice()
  const best = scan.best(51).slice()
  const threshold = bounds[best[0]!]! - 0.3
  return { bounds, best, most: scan.best(2_000).slice(), above: scan.above(threshold).slice() }
}

test('any number of threads tells the same of every query, also while columns are rearranged', async () => {
  const pools = [1, 2, 4].map((count) => createRankThreads({ count }))
  const [alone, ...shared] = [undefined, ...pools].map(scanOf)
  for (let seed = 0; seed < 12; seed++) {
    if (seed === 6) {
      for (const scan of [alone!, ...shared]) {
        const order = Int32Array.from({ length: columns }, (_, d) => columns - 1 - d)
        scan.rearrange(order, new Float32Array(columns).fill(2))
        scan.renew([rows.subarray(0, 50_000 * columns)], 50_000)
      }
    }
    const expected = told(alone!, seed)
    assert.equal(expected.best.length, 51)
    assert.equal(expected.most.length, 2_000)
    assert.ok(expected.above.length > 51)
    for (const scan of shared) assert.deepEqual(told(scan, seed), expected)
  }
  await Promise.all(pools.map((pool) => pool.close()))
  // Whoever closed them does all of it alone.
  for (const scan of shared) assert.deepEqual(told(scan, 7), told(alone!, 7))
})

for (const how of ['says', 'silent'] as const) {
  test(`a thread that fails with pieces in hand ends the scan with what to do: ${how}`, async () => {
    process.env.FAILING_RANK_THREAD = how
    const entry = new URL('./failing-rank-thread.js', import.meta.url)
    const pool = createRankThreads({ count: 2, entry, patienceMs: 500 })
    const scan = scanOf(pool)
    const scanUntilRefused = (): void => {
      for (const deadline = performance.now() + 60_000; performance.now() < deadline; ) {
        scan.bound(queryOf(1))
      }
    }
    const message =
      how === 'says' ? /\(no more\).*--rank-threads 0/ : /more than 500 ms.*--rank-threads 0/
    assert.throws(scanUntilRefused, { code: 'TRAINER_FAILED', message })
    await pool.close()
  })
}

test('a process ends while threads that nobody has closed wait for work', () => {
  const at = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
  const program = `
    import { createItemScan } from ${at('../../../src/adapters/wasm/scan/item-scan.js')}
    import { createRankThreads } from ${at('../../../src/adapters/wasm/threads/rank-threads.js')}
    const scan = createItemScan(undefined, createRankThreads({ count: 2 }))
    scan.arrange([1], Int32Array.of(0), Float32Array.of(1), 9000)
    scan.put([new Float32Array(9000).fill(1)], 0, 9000)
    const nothing = new Float32Array(0)
    scan.bound({ query: Float32Array.of(2), levelWeights: nothing, levelShares: nothing })
    console.log(scan.bounds.every((bound) => bound >= 2))`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { encoding: 'utf8', timeout: 60_000 },
  )
  assert.equal(stdout, 'true\n', stderr)
})
