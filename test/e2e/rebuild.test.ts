// A Redis that lost everything is noticed at the start, built anew from the topic, and exported.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { given } from '../adapters/kafka/real-kafka.ts'
import { type RedisServer, startRedis, testShop } from '../servers/redis/server.ts'
import { makeJournal, setsAfter } from './journal.ts'
import { openScene, type Scene } from './scene.ts'
import { startWorker } from './worker-process.ts'

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url))
const execute = promisify(execFile)

let redis: RedisServer
let scene: Scene
before(async () => {
  redis = await startRedis(testShop(process.env))
  const place = { brokers: given('KAFKA_BROKERS'), redis: redis.url, partitions: 3 }
  scene = await openScene({ ...place, smallModel: true })
})
after(async () => {
  await scene.close()
  await redis.stop()
})

function command(...args: readonly string[]) {
  const env = { ...process.env, ...scene.env('one') }
  return execute(process.execPath, [main, ...args], { env, maxBuffer: 2 ** 26 })
}

test('a flushed Redis is refused, rebuilt from the earliest event, and exported as the stream has it', async () => {
  const entries = makeJournal({ events: 1_200, users: 100, items: 300, seed: 31 })
  const wanted = setsAfter(entries)
  await scene.produce(entries)
  const first = startWorker([...scene.args, '--stop-at-end'], scene.env('one'))
  assert.equal(await first.ended, 0, first.lines.join('\n'))
  await redis.admin.flushall()
  const second = startWorker([...scene.args, '--stop-at-end'], scene.env('one'))
  assert.equal(await second.ended, 65)
  assert.match(second.lines.join('\n'), /rebuild --from earliest/)
  await command('rebuild', '--from', 'earliest', ...scene.args)
  const { stdout } = await command('export', 'positives', '--redis', redis.url)
  const exported = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { user: string; items: string[] })
  assert.equal(exported.length, wanted.size)
  for (const { user, items } of exported) assert.deepEqual([...items].sort(), wanted.get(user))
  const last = startWorker([...scene.args, '--stop-at-end'], scene.env('one'))
  assert.equal(await last.ended, 0, last.lines.join('\n'))
})
