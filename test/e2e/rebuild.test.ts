// A Redis that lost everything is noticed at the start, built anew from the topic, and exported; a group with an update
// log keeps its model.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { until } from '../adapters/kafka/reading.ts'
import { given } from '../adapters/kafka/real-kafka.ts'
import { type RedisServer, startRedis, testShop } from '../servers/redis/server.ts'
import { endOf, updatesTopic } from './bases.ts'
import { makeJournal, setsAfter } from './journal.ts'
import { main } from './program.ts'
import { openScene, type Scene } from './scene.ts'
import { startWorker } from './worker-process.ts'

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
  return commandIn(scene, ...args)
}

function commandIn(scene: Scene, ...args: readonly string[]) {
  const env = { ...process.env, ...scene.env('one') }
  return execute(process.execPath, [main, ...args], { env, maxBuffer: 2 ** 26 })
}

test('a flushed Redis is refused, rebuilt from the earliest event, and exported as the stream has it', async () => {
  const entries = makeJournal({ events: 800, users: 100, items: 300, seed: 31 })
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

test('a group with an update log fills its store again and keeps its model', async (t) => {
  const place = { brokers: given('KAFKA_BROKERS'), redis: redis.url, partitions: 2 }
  const scene = await openScene({ ...place, smallModel: true })
  t.after(() => scene.close())
  const args = [...scene.args, '--updates', `kafka:${await updatesTopic(scene)}`]
  const updates = args.at(-1)!.slice('kafka:'.length)
  const entries = makeJournal({ events: 600, users: 60, items: 120, seed: 32 })
  const cut = 450
  async function learn(names: readonly string[]): Promise<void> {
    const workers = names.map((name) => startWorker(args, scene.env(name)))
    t.after(() => workers.forEach((one) => void one.signal('SIGKILL')))
    await Promise.all(workers.map((one) => one.said('learning goes on where the update log says')))
    await until('all is read', async () => (await scene.uncommitted()) === 0)
    for (const one of workers) one.signal('SIGTERM')
    for (const one of workers) assert.equal(await one.ended, 0, one.lines.slice(-20).join('\n'))
  }
  await scene.produce(entries.slice(0, cut))
  await learn(['one', 'two'])
  // The other has claimed the store more often than the one whose settings the rebuild gets.
  await learn(['two'])
  await redis.admin.flushall()
  const { stderr } = await commandIn(scene, 'rebuild', '--from', 'earliest', ...args)
  assert.match(stderr, /the model of the group is kept/)
  assert.deepEqual(await scene.sets(), setsAfter(entries.slice(0, cut)))
  await scene.produce(entries.slice(cut), cut)
  await learn(['one', 'two'])
  assert.deepEqual(await scene.sets(), setsAfter(entries))
  const { unlearned, differing, passedOver } = await endOf(scene, updates, ['one', 'two'])
  assert.deepEqual({ unlearned, differing }, { unlearned: 0, differing: [] })
  // What a worker appends of a partition that has just gone to another does not count, and is learned by that one.
  assert.deepEqual(Object.keys({ ...passedOver, not_owner: 0 }), ['not_owner'])
})
