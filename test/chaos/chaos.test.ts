// The small size of `npm run chaos`, for every run of the tests. One worker is killed for sure: the seed says so.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testShop } from '../servers/redis/server.ts'
import { runChaos } from './harness.ts'

test('four processes are killed at random, and nothing is lost, doubled or wrong', async () => {
  const size = { events: 20_000, kills: 4, seed: 1, users: 1_000, pauseMsMax: 6_000 }
  const result = await runChaos(testShop(process.env), size)
  assert.ok((result.victims.worker ?? 0) > 0)
  const { missing, extra, planted, deadLetters, wrongLetters, listFaults, unlisted } = result
  assert.deepEqual(
    { missing, extra, deadLetters, wrongLetters, listFaults, unlisted },
    { missing: 0, extra: 0, deadLetters: planted, wrongLetters: 0, listFaults: [], unlisted: 0 },
  )
  assert.deepEqual(result.ends, [0, 0])
  assert.deepEqual(result.surprises, [])
})

test('four workers that share an update log are killed at random, and end with one model', async () => {
  const size = { events: 6_000, kills: 3, seed: 2, users: 500, pauseMsMax: 3_000 }
  const result = await runChaos(testShop(process.env), { ...size, workers: 4, shares: true })
  const { missing, extra, listFaults, unlisted, log } = result
  assert.deepEqual(
    { missing, extra, listFaults, unlisted },
    { missing: 0, extra: 0, listFaults: [], unlisted: 0 },
  )
  assert.deepEqual(result.ends, [0, 0, 0, 0])
  assert.deepEqual(result.surprises, [])
  assert.ok(log !== null && log.records > 20 && log.events > 0)
  assert.deepEqual([log.unlearned, log.differing], [0, []])
})
