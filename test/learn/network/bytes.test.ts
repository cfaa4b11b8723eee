// Planned memory against that of networks that exist.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { bytesOf } from '../../../src/learn/network/room.ts'
import { historySpec, rowsSpec } from '../../contracts/engine-worlds.ts'

test('planned bytes are those of all tensors, but for padding and scratch', () => {
  const adam = { kind: 'adam', rate: 0.01, l2: 0 } as const
  const joint = { model: 'neupr', tower: 'joint', output: 'learned', itemBias: false } as const
  for (const spec of [
    historySpec(),
    rowsSpec({ rows: adam }),
    rowsSpec({ ...joint, factors: 7 }),
  ]) {
    const network = createArraysEngine().create(spec, 1)
    network.grow(300, 700)
    let bytes = 0
    for (const { data } of network.tensors().values()) bytes += data.byteLength
    const planned = bytesOf(spec, 300, 700)
    assert.ok(planned >= bytes && planned < bytes + 4_096, `${planned} ${bytes}`)
  }
})

test('millions of rows are planned without room for them', () => {
  const spec = rowsSpec({ factors: 128 })
  const perUser = (bytesOf(spec, 9_000_000, 0) - bytesOf(spec, 0, 0)) / 9_000_000
  // 128 columns and the accumulator of Adagrad.
  assert.equal(Math.round(perUser), 4 * 129)
  assert.ok(bytesOf(spec, 9_000_000, 0) > 2 ** 32)
})
