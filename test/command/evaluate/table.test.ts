// The table of an evaluation at its widest and with nothing in it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resultTable } from '../../../src/command/evaluate/table.ts'

test('the widest table fits into 100 columns', () => {
  const sampled = { hr10: 0.5, ndcg10: 0.25, se: 0.01 }
  const base = { model: 'pretrained', parts: 'rows', factors: 128, seed: 1, sampled } as const
  const costs = { epochs: 100, seconds: 86_400, processorSeconds: 86_400 }
  const full = { hr10: 0.1, ndcg10: 0.05, users: 1_000 }
  const results = [1, 2].flatMap((seed) => [
    { ...base, ...costs, seed, validationInHistory: false, full, algorithm1: sampled },
    { ...base, ...costs, seed, parts: 'history', validationInHistory: true, full },
  ])
  const lines = resultTable(results).split('\n')
  assert.deepEqual(
    lines.filter((line) => line.length > 100),
    [],
  )
})

test('figures that nothing was measured for are no zeros', () => {
  const none = { hr10: null, ndcg10: null }
  const table = resultTable([
    {
      ...{ model: 'ease', parts: null, factors: null, seed: 1, validationInHistory: false },
      ...{ sampled: { ...none, se: null }, full: { ...none, users: 0 } },
      ...{ epochs: 0, seconds: 1, processorSeconds: 1 },
    },
  ])
  assert.ok(!/[.]0000|NaN|null/.test(table), table)
})
