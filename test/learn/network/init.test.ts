// Start values: the right distribution, from (seed, table, row) alone, and never twice the same row.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillGlorot, fillNormal, tableKey } from '../../../src/learn/network/rows.ts'

const key = tableKey(1, 'history.nbpr/nbpr.item')

test('rows are normal with the deviation asked for', () => {
  const columns = 31
  const rows = 20_000
  const out = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) fillNormal(out, row * columns, columns, key, row, 0.02)
  const n = out.length
  const moment = (power: number) => out.reduce((sum, x) => sum + (x / 0.02) ** power, 0) / n
  // Four standard errors of each moment of a normal distribution.
  assert.ok(Math.abs(moment(1)) < 4 / Math.sqrt(n))
  assert.ok(Math.abs(moment(2) - 1) < 4 * Math.sqrt(2 / n))
  assert.ok(Math.abs(moment(3)) < 4 * Math.sqrt(15 / n))
  assert.ok(Math.abs(moment(4) - 3) < 4 * Math.sqrt(96 / n))
  const beyond = out.filter((x) => Math.abs(x) > 3 * 0.02).length / n
  assert.ok(Math.abs(beyond - 0.0027) < 4 * Math.sqrt(0.0027 / n))
})

test('neighbours, in a row and in a column, are not correlated', () => {
  const columns = 32
  const rows = 5_000
  const out = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) fillNormal(out, row * columns, columns, key, row, 1)
  for (const lag of [1, 2, columns, columns + 1]) {
    let sum = 0
    for (let at = 0; at + lag < out.length; at++) sum += out[at]! * out[at + lag]!
    const n = out.length - lag
    assert.ok(Math.abs(sum / n) < 4 / Math.sqrt(n), `lag ${lag}`)
  }
})

test('seed, table and row each change a row; nothing else does', () => {
  const rowOf = (seed: number, name: string, row: number, at = 0) => {
    const out = new Float32Array(at + 8)
    fillNormal(out, at, 8, tableKey(seed, name), row, 1)
    return out.slice(at).join()
  }
  const rows = [rowOf(1, 'a', 0), rowOf(2, 'a', 0), rowOf(1, 'b', 0), rowOf(1, 'a', 1)]
  assert.equal(new Set(rows).size, 4)
  assert.equal(rowOf(1, 'a', 0, 5), rows[0])
  const firsts = new Float32Array(2)
  const seen = new Set<string>()
  for (let row = 0; row < 200_000; row++) {
    fillNormal(firsts, 0, 2, key, row, 1)
    seen.add(firsts.join())
  }
  assert.ok(seen.size > 199_990, `${seen.size} of 200000 rows differ`)
})

test('dense weights are uniform within the limit of Glorot and Bengio', () => {
  const [outputs, inputs] = [40, 60]
  const out = new Float32Array(outputs * inputs)
  fillGlorot(out, 0, outputs, inputs, key)
  const limit = Math.sqrt(6 / (outputs + inputs))
  assert.ok(out.every((x) => Math.abs(x) <= limit))
  const variance = out.reduce((sum, x) => sum + x * x, 0) / out.length
  assert.ok(Math.abs(variance / (limit ** 2 / 3) - 1) < 0.1)
})
