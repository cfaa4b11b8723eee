// A worker under load is told to stop, or others come and go, or Redis does: nothing is lost, nothing comes twice where
// it need not, and outages stop progress, never correctness.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { until as untilWithin } from '../adapters/kafka/reading.ts'
import { given } from '../adapters/kafka/real-kafka.ts'
import { type RedisServer, startRedis, testShop } from '../servers/redis/server.ts'
import { type Entry, makeJournal } from './journal.ts'
import { openScene, type Scene } from './scene.ts'
import { verify } from './verify.ts'
import { startWorker, type WorkerProcess } from './worker-process.ts'

let redis: RedisServer
const scenes: Scene[] = []
before(async () => {
  redis = await startRedis(testShop(process.env))
})
after(async () => {
  for (const scene of scenes) await scene.close()
  await redis.stop()
})

async function scene(): Promise<Scene> {
  const brokers = given('KAFKA_BROKERS')
  const opened = await openScene({ brokers, redis: redis.url, partitions: 4, smallModel: true })
  scenes.push(opened)
  return opened
}

const until = (what: string, holds: () => Promise<boolean>) => untilWithin(what, holds, 60_000)
const done = (where: Scene) =>
  until('all is committed', async () => (await where.uncommitted()) === 0)

async function holds(where: Scene, entries: readonly Entry[]): Promise<void> {
  const planted = entries.filter(({ value, event }) => value !== null && event === undefined).length
  const verdict = await verify(where, entries)
  // A producer that tried again may have written some of them twice.
  assert.ok(verdict.planted >= planted)
  assert.deepEqual(verdict, {
    ...{ missing: 0, extra: 0, planted: verdict.planted, deadLetters: verdict.planted },
    ...{ wrongLetters: 0, listFaults: [], unlisted: 0 },
  })
}

/** Consumed in all, as the worker's summary counts them: from its log of the end. */
async function end(worker: WorkerProcess): Promise<void> {
  const asked = performance.now()
  worker.signal('SIGTERM')
  assert.equal(await worker.ended, 0, worker.lines.join('\n'))
  assert.ok(performance.now() - asked < 25_000)
}

const journal = { users: 300, items: 400, badEvery: 499 }

test('SIGTERM under load ends with 0, and the next start is given no record again', async () => {
  const where = await scene()
  const entries = makeJournal({ ...journal, events: 3_000, seed: 11 })
  const first = startWorker(where.args, where.env('one'))
  await first.said('joined the consumer group')
  let sent = 0
  let committing = false
  const send = async (): Promise<void> => {
    for (; sent < entries.length; sent += 300) {
      // The rest goes while the worker is stopped, however long its first commit takes.
      if (sent >= 1_800) await until('it is stopping', async () => committing)
      await where.produce(entries.slice(sent, sent + 300), sent)
      await delay(50)
    }
  }
  const sending = send()
  await until(
    'some of it is committed',
    async () => sent > 900 && (await where.uncommitted()) < sent,
  )
  committing = true
  await end(first)
  await sending
  const left = await where.uncommitted()
  assert.ok(left > 0, 'it was stopped before the end')
  const second = startWorker(where.args, where.env('one'))
  await done(where)
  await end(second)
  // Repeats would be counted: each record is applied by exactly one of the two.
  const consumed = [first, second].map(consumedBy)
  assert.equal(consumed[0]! + consumed[1]!, entries.length)
  assert.equal(consumed[1], left)
  await holds(where, entries)
})

function consumedBy({ lines }: WorkerProcess): number {
  const line = lines.find((one) => one.includes('the worker has stopped')) ?? '{}'
  return (JSON.parse(line) as { consumed?: number }).consumed ?? Number.NaN
}

test('workers come and go: histories move along, versions never go back', async () => {
  const where = await scene()
  const entries = makeJournal({ ...journal, events: 1_800, seed: 12 })
  const env = { NEUPR_KAFKA_SESSION_SECONDS: '6' }
  const one = startWorker(where.args, where.env('one', env))
  await one.said('joined the consumer group')
  await where.produce(entries.slice(0, 600))
  const two = startWorker(where.args, where.env('two', env))
  await two.said('joined the consumer group')
  await where.produce(entries.slice(600, 1_200), 600)
  await end(one)
  await where.produce(entries.slice(1_200), 1_200)
  await done(where)
  await end(two)
  await holds(where, entries)
})

test('a worker asleep for longer than its session wakes up among others and overwrites nothing', async () => {
  const where = await scene()
  const entries = makeJournal({ ...journal, events: 2_000, seed: 15 })
  const env = { NEUPR_KAFKA_SESSION_SECONDS: '6' }
  const asleep = startWorker(where.args, where.env('one', env))
  const awake = startWorker(where.args, where.env('two', env))
  await Promise.all([asleep, awake].map((worker) => worker.said('joined the consumer group')))
  await where.produce(entries.slice(0, 800))
  await until('most is committed', async () => (await where.uncommitted()) < 500)
  asleep.signal('SIGSTOP')
  await where.produce(entries.slice(800, 1_500), 800)
  await done(where)
  asleep.signal('SIGCONT')
  await where.produce(entries.slice(1_500), 1_500)
  await done(where)
  await Promise.all([end(asleep), end(awake)])
  await holds(where, entries)
})

test('Redis away for some seconds stops progress and nothing else', async () => {
  const where = await scene()
  const entries = makeJournal({ ...journal, events: 1_500, seed: 13 })
  const worker = startWorker(where.args, where.env('one'))
  await worker.said('joined the consumer group')
  await where.produce(entries.slice(0, 500))
  await done(where)
  await redis.kill()
  await where.produce(entries.slice(500), 500)
  await worker.said('STORE_UNREACHABLE')
  await delay(2_000)
  assert.ok((await where.uncommitted()) >= 875, 'nothing was committed that is not stored')
  await redis.start()
  await done(where)
  await end(worker)
  await holds(where, entries)
})

test('a worker waits for a Redis that is not up yet', async () => {
  const where = await scene()
  const entries = makeJournal({ ...journal, events: 500, seed: 14 })
  await where.produce(entries)
  await redis.kill()
  const worker = startWorker([...where.args, '--stop-at-end'], where.env('one'))
  await worker.said('STORE_UNREACHABLE')
  await redis.start()
  assert.equal(await worker.ended, 0, worker.lines.join('\n'))
  await holds(where, entries)
})
