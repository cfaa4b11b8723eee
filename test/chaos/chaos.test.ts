// The small size of `npm run chaos`, for every run of the tests: each kind of process is killed once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testShop } from '../servers/redis/server.ts'
import { runChaos } from './harness.ts'

test('a worker, Redis and the broker are killed in a stream, and nothing is lost, doubled or wrong', async () => {
  const result = await runChaos(testShop(process.env), {
    ...{ events: 5_000, eventsPerSecond: 150, kills: 3, seed: 1, users: 500 },
    ...{ pauseMsMax: 2_000, smallModel: true },
    victims: ['redis', 'broker', 'worker'],
  })
  assert.deepEqual(result.victims, { worker: 1, redis: 1, broker: 1 })
  const { missing, extra, planted, deadLetters, wrongLetters, listFaults, unlisted } = result
  assert.ok(planted > 0)
  assert.deepEqual(
    { missing, extra, deadLetters, wrongLetters, listFaults, unlisted },
    { missing: 0, extra: 0, deadLetters: planted, wrongLetters: 0, listFaults: [], unlisted: 0 },
  )
  assert.deepEqual(result.ends, [0, 0])
  assert.deepEqual(result.surprises, [])
})
