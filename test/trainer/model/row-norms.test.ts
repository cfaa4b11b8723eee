// Whatever row is too long is found within a round, in small tables and in large ones.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OnlineNetwork } from '../../../src/learn/network/tracked-network.ts'
import { createNormWatch } from '../../../src/trainer/model/row-norms.ts'

const width = 4

/** Of networks with one table each: how many looks it takes to see the row, which is 9 long; others have no length. */
function looksUntilSeen(rows: readonly number[], long: number, of: number): number {
  const tables = rows.map((count) => new Float32Array(count * width))
  const networks = tables.map((data, n) => {
    const tensors = new Map([
      [`${n}/rows`, { shape: [rows[n]!, width], data }],
      [`${n}/rows.squares`, { shape: [rows[n]!, width], data: data.map(() => 1e9) }],
    ])
    return { network: { tensors: () => tensors } } as unknown as OnlineNetwork
  })
  const look = createNormWatch(networks)
  // The first round tells how large the tables are.
  assert.equal(look(), 0)
  tables[of]![long * width + 1] = 9
  let looks = 1
  for (; look() < 9; looks++) assert.ok(looks < 10_000)
  return looks
}

test('each row is looked at in a round; small tables take a minute at most, large ones a bounded time a look', () => {
  assert.equal(looksUntilSeen([100], 99, 0), 1)
  for (const [rows, looksMax] of [
    [3_000, 48],
    [60_000, 130],
    [1_000_000, 1_000],
  ] as const) {
    const looks = looksUntilSeen([50, rows], rows - 1, 1)
    assert.ok(looks <= looksMax && looks >= rows / 1_024 - 2, `${looks} looks at ${rows} rows`)
  }
  assert.ok(looksUntilSeen([1_000, 10], 9, 1) <= 16)
})

test('a row that is no number has no end', () => {
  const data = Float32Array.of(1, Number.NaN)
  const tensors = () => new Map([['rows', { shape: [1, 2], data }]])
  const look = createNormWatch([{ network: { tensors } } as unknown as OnlineNetwork])
  assert.equal(look(), Number.POSITIVE_INFINITY)
})
