// The lists that a user vector is made of: weights by block kind, the start item, items that repeat.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSourceReader } from '../../../src/learn/network/history-rows.ts'
import type { HistoryBlock, UserBatch } from '../../../src/ports/engine.ts'
import { historySpec, rowsSpec } from '../../contracts/engine-worlds.ts'

function user(items: number[], ages: number[], length = items.length): UserBatch {
  return {
    count: 1,
    userRows: Int32Array.of(4),
    historyStart: Int32Array.of(0, items.length),
    historyItems: Int32Array.from(items),
    historyAges: Float32Array.from(ages),
    historyLength: Int32Array.of(length),
  }
}

/** [row, weight] of the only block. */
function listOf(block: HistoryBlock, batch: UserBatch, startItem = false): [number, number][] {
  const reader = createSourceReader(historySpec({ blocks: [block], startItem }))
  reader.grow(50)
  reader.read(batch, 0)
  const { rows, weights, counts } = reader.lists
  return Array.from({ length: counts[0]! }, (_, l) => [
    rows[l]!,
    Math.round(weights[l]! * 1e6) / 1e6,
  ])
}

const long = { kind: 'long', length: 3, power: 0.5 } as const

test('long: the newest of its length, each m^-power', () => {
  assert.deepEqual(listOf(long, user([7, 8, 9, 10], [0, 1, 2, 3])), [
    [7, 0.57735],
    [8, 0.57735],
    [9, 0.57735],
  ])
})

test('short: decays by place, over the root of its sum', () => {
  const block = { kind: 'short', length: 2, power: 1, decay: 0.5 } as const
  assert.deepEqual(listOf(block, user([7, 8, 9], [0, 1, 2])), [
    [7, 0.666667],
    [8, 0.333333],
  ])
})

test('time: decays by age and ends before the first weight under .02', () => {
  const block = { kind: 'time', length: 9, power: 1, seconds: 10 } as const
  const weight = Math.exp(-1)
  assert.deepEqual(listOf(block, user([7, 8, 9], [0, 10, 40])), [
    [7, Math.round((1e6 * 1) / (2 + weight)) / 1e6],
    [8, Math.round((1e6 * weight) / (2 + weight)) / 1e6],
  ])
})

test('the start item stands before the oldest where the whole history is in reach', () => {
  assert.deepEqual(listOf(long, user([], []), true), [[0, 1]])
  const half = Math.round(1e6 * Math.SQRT1_2) / 1e6
  assert.deepEqual(listOf(long, user([7], [0]), true), [
    [8, half],
    [0, half],
  ])
  assert.equal(listOf(long, user([7, 8, 9], [0, 0, 0]), true).length, 4)
  assert.equal(listOf(long, user([7, 8, 9], [0, 0, 0], 4), true).length, 3)
  assert.equal(listOf(long, user([7, 8, 9, 10], [0, 0, 0, 0]), true).length, 3)
  const time = { kind: 'time', length: 9, power: 1, seconds: 10 } as const
  assert.equal(listOf(time, user([7], [0]), true).length, 1)
})

test('an item that comes twice is listed once, with both weights', () => {
  assert.deepEqual(listOf(long, user([7, 8, 7], [0, 0, 0])), [
    [7, 1.154701],
    [8, 0.57735],
  ])
})

test('a learned row is a list of one', () => {
  const reader = createSourceReader(rowsSpec())
  reader.read(user([], []), 0)
  assert.deepEqual(
    [reader.lists.rows[0], reader.lists.weights[0], reader.lists.counts[0]],
    [4, 1, 1],
  )
})
