// After how many events a worker appends: sooner in a young group, and sooner in a large one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventsBetween } from '../../src/updates/interval.ts'

test('a young group shares often, and ever less often until the setting is reached', () => {
  const at = (learned: number) => eventsBetween({ ownMax: 250, learned, workers: 4 })
  assert.deepEqual([0, 8_000, 16_000, 30_000, 40_000, 1e9].map(at), [50, 50, 100, 188, 250, 250])
  const usual = (learned: number) => eventsBetween({ ownMax: 500, learned, workers: 4 })
  assert.deepEqual([0, 40_000, 60_000, 80_000, 1e9].map(usual), [50, 250, 375, 500, 500])
})

test('in a group of more than four all together learn less between two records of one', () => {
  const of = (workers: number) => eventsBetween({ ownMax: 500, learned: 1e9, workers })
  assert.deepEqual([0, 1, 2, 4, 5, 8, 16, 100].map(of), [500, 500, 500, 500, 287, 89, 25, 10])
  const young = (workers: number) => eventsBetween({ ownMax: 500, learned: 1_000, workers })
  assert.deepEqual([1, 4, 16, 100].map(young), [50, 50, 25, 10])
})

test('a setting below all that wins', () => {
  assert.equal(eventsBetween({ ownMax: 3, learned: 0, workers: 1 }), 3)
})
