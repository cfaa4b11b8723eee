// The small size of `npm run chaos -- --updates`: workers that share what they learn are killed, and the broker is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testShop } from '../servers/redis/server.ts'
import { runChaos } from './harness.ts'

test('two workers that share an update log are killed in the middle of a stream, and end with one model', async () => {
  const result = await runChaos(testShop(process.env), {
    ...{ events: 3_000, eventsPerSecond: 100, kills: 3, seed: 2, users: 300 },
    ...{ pauseMsMax: 2_000, smallModel: true, shares: true },
    ...{ victims: ['worker', 'broker', 'worker'] },
  })
  assert.deepEqual(result.victims, { worker: 2, redis: 0, broker: 1 })
  const { missing, extra, listFaults, unlisted, log } = result
  assert.deepEqual(
    { missing, extra, listFaults, unlisted },
    { missing: 0, extra: 0, listFaults: [], unlisted: 0 },
  )
  assert.deepEqual(result.ends, [0, 0])
  assert.deepEqual(result.surprises, [])
  assert.ok(log !== null && log.records > 20 && log.events > 0)
  assert.deepEqual([log.unlearned, log.differing], [0, []])
})
