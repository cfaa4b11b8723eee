// A worker that is killed keeps nobody out: the one that starts in its place leaves the consumer group for it.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { given } from '../adapters/kafka/real-kafka.ts'
import { type RedisServer, startRedis, testShop } from '../servers/redis/server.ts'
import { makeJournal } from './journal.ts'
import { openScene, type Scene } from './scene.ts'
import { startWorker } from './worker-process.ts'

let redis: RedisServer
let scene: Scene
before(async () => {
  redis = await startRedis(testShop(process.env))
  const brokers = given('KAFKA_BROKERS')
  scene = await openScene({ brokers, redis: redis.url, partitions: 2 })
})
after(async () => {
  await scene.close()
  await redis.stop()
})

async function members(): Promise<number> {
  const { groups } = await scene.kafka.admin.describeGroups([scene.group])
  return groups[0]?.members.length ?? 0
}

test('after kill -9 the next start joins alone, without waiting for the session of the dead', async () => {
  await scene.produce(makeJournal({ events: 200, users: 20, items: 50, seed: 1 }))
  const env = scene.env('one', { NEUPR_KAFKA_SESSION_SECONDS: '60' })
  const first = startWorker(scene.args, env)
  await first.said('joined the consumer group')
  first.signal('SIGKILL')
  assert.equal(await first.ended, 'SIGKILL')
  assert.equal(await members(), 1, 'the group still counts on the dead')

  const second = startWorker(scene.args, env)
  await second.said('left the consumer group for a worker that was killed')
  await second.said('joined the consumer group')
  assert.equal(await members(), 1)
  second.signal('SIGTERM')
  assert.equal(await second.ended, 0)
  assert.equal(await members(), 0, 'a clean end leaves by itself')

  const third = startWorker(scene.args, env)
  await third.said('joined the consumer group')
  assert.ok(!third.lines.some((line) => line.includes('left the consumer group for')))
  third.signal('SIGTERM')
  assert.equal(await third.ended, 0)
})
