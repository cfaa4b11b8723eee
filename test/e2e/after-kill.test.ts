// A worker that is killed keeps nobody out: the one that starts in its place leaves the consumer group for it, and goes
// on where a past was left.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { given } from '../adapters/kafka/real-kafka.ts'
import { type RedisServer, startRedis, testShop } from '../servers/redis/server.ts'
import { makeJournal } from './journal.ts'
import { openScene, type Scene } from './scene.ts'
import { verify } from './verify.ts'
import { startWorker } from './worker-process.ts'

let redis: RedisServer
let scene: Scene
let past: Scene
before(async () => {
  redis = await startRedis(testShop(process.env))
  const brokers = given('KAFKA_BROKERS')
  const place = { brokers, redis: redis.url, partitions: 2, smallModel: true }
  scene = await openScene(place)
  past = await openScene(place)
})
after(async () => {
  await scene.close()
  await past.close()
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
  await second.said('removed a killed worker from the consumer group')
  await second.said('joined the consumer group')
  assert.equal(await members(), 1)
  second.signal('SIGTERM')
  assert.equal(await second.ended, 0)
  assert.equal(await members(), 0, 'a clean end leaves by itself')

  const third = startWorker(scene.args, env)
  await third.said('joined the consumer group')
  assert.ok(!third.lines.some((line) => line.includes('removed a killed worker')))
  third.signal('SIGTERM')
  assert.equal(await third.ended, 0)
})

async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000
  while (!(await done())) {
    assert.ok(performance.now() < deadline, `not done in time: ${what}`)
    await delay(50)
  }
}

test('a past is read on where a kill stopped it, and every list that was owed for it still comes', async () => {
  const entries = makeJournal({ events: 12_000, users: 2_000, items: 400, seed: 2 })
  await past.produce(entries)
  const env = past.env('one', { NEUPR_BACKLOG_AGE: '1' })
  const first = startWorker(past.args, env)
  await until('half of it is committed', async () => (await past.uncommitted()) < 6_000)
  first.signal('SIGKILL')
  await first.ended
  const left = await past.uncommitted()
  const owed = await past.owed()
  assert.ok(left > 0, 'killed in the middle')
  assert.ok(owed > 1_000, `${owed} users are owed a list`)

  const second = startWorker(past.args, env)
  await second.said('catching up with a backlog')
  await until('all is committed', async () => (await past.uncommitted()) === 0)
  await until('all lists are out', async () => (await past.owed()) === 0)
  second.signal('SIGTERM')
  assert.equal(await second.ended, 0)
  const caughtUp = second.lines.find((line) => line.includes('caught up with the input'))
  const { records } = JSON.parse(caughtUp ?? '{}') as { records?: number }
  assert.ok((records ?? 0) <= left, `${records} records were read again, ${left} were left`)
  const { missing, extra, listFaults, unlisted } = await verify(past, entries)
  assert.deepEqual(
    { missing, extra, listFaults, unlisted },
    { missing: 0, extra: 0, listFaults: [], unlisted: 0 },
  )
})
