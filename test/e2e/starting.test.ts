// Starts that come to nothing, or are ended while they last: they say why in one line, leave a worker that runs beside
// them alone, and touch nothing that is not theirs.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type RedisServer, startRedis, testShop } from '../servers/redis/server.ts'
import { main, run, start, temporary, writeWorld } from './program.ts'
import { startWorker } from './worker-process.ts'

const folder = temporary()
const at = (name: string): string => `${folder}/${name}`
const events = writeWorld(at('events.ndjson'), 1_000)
const text = events.map((event) => `${JSON.stringify(event)}\n`).join('')
const small = ['--factors', '4', '--effort', 'light']
let redis: RedisServer
before(async () => {
  redis = await startRedis(testShop(process.env))
})
after(() => redis.stop())

const lines = (path: string): string[] => readFileSync(path, 'utf8').trim().split('\n')

test('a file and standard input go into a Redis as well', async () => {
  for (const [name, source] of [
    ['file', `file:${at('events.ndjson')}`],
    ['stdin', 'file:-'],
  ] as const) {
    const env = { REDIS_URL: redis.url, NEUPR_REDIS_PREFIX: `${name}:` }
    const args = ['--source', source, '--sink', `file:${at(`${name}.lists`)}`, '--stop-at-end']
    const where = ['--checkpoints', at(name), ...small]
    const { code, stderr } = await run(['run', ...args, ...where], { env, input: text })
    assert.equal(code, 0, stderr)
    const users = new Set(events.map(({ user }) => user)).size
    assert.equal((await redis.admin.keys(`${name}:{*}:a`)).length, users)
    assert.ok(lines(at(`${name}.lists`)).length >= users)
  }
})

test('a demo touches no server, topic or folder of the user', async () => {
  const before = await redis.admin.dbsize()
  const env = {
    ...{ REDIS_URL: redis.url, KAFKA_BROKERS: '127.0.0.1:1', NEUPR_SOURCE: 'kafka:interactions' },
    ...{ NEUPR_SINK: 'kafka:recommendations', NEUPR_CHECKPOINTS: at('of-the-user') },
  }
  const { code, stdout, stderr } = await run(['demo', '--events', '1000', ...small], { env })
  assert.equal(code, 0, stderr)
  assert.match(stdout, /1,000 events/)
  assert.equal(await redis.admin.dbsize(), before)
  assert.throws(() => readdirSync(at('of-the-user')), { code: 'ENOENT' })
  const refused = await run(['demo', '--redis', redis.url, '--sink', 'kafka:lists'])
  assert.equal(refused.code, 78)
  assert.match(
    refused.stderr,
    /--redis is a setting that demo does not use[\s\S]*--sink is a setting/,
  )
})

test('a start that cannot go on leaves the worker that runs on the same checkpoints alone', async (t) => {
  const place = at('shared')
  const common = ['--checkpoints', place, ...small]
  const source = ['--source', `file:${at('events.ndjson')}`]
  const healthy = startWorker(
    [
      ...source,
      ...common,
      '--follow',
      '--sink',
      `file:${at('healthy')}`,
      '--rate',
      '100',
      '--checkpoint-every-seconds',
      '1',
    ],
    {},
  )
  t.after(() => healthy.signal('SIGKILL'))
  await healthy.said('a checkpoint was written')
  const claims = () => readdirSync(place).filter((name) => name.startsWith('epoch-'))
  const before = claims()
  const mistyped: [string, string[], Record<string, string>][] = [
    ['no such file', ['--source', 'file:/nowhere/at-all'], {}],
    ['no such scheme', ['--source', 'kafk:interactions'], {}],
    ['a sink that is none', [...source, '--sink', 'kfka:lists'], {}],
    ['more than can be held', [...source, '--items-max', '2000000000'], {}],
    ['brokers that are none', ['--source', 'kafka:t'], { KAFKA_BROKERS: 'nowhere' }],
    ['no brokers', ['--source', 'kafka:t'], {}],
    ['a Redis that is none', source, { REDIS_URL: 'http://nowhere' }],
  ]
  const refused = async ([what, args, env]: (typeof mistyped)[number]): Promise<void> => {
    const { code, stderr } = await run(['run', ...args, ...common, '--stop-at-end'], { env })
    assert.notEqual(code, 0, what)
    assert.deepEqual(claims(), before, `${what}: ${stderr}`)
  }
  const waiting: [string, string[], Record<string, string>][] = [
    ['brokers that are down', ['--source', 'kafka:t'], { KAFKA_BROKERS: '127.0.0.1:1' }],
    ['a Redis that is down', source, { REDIS_URL: 'redis://127.0.0.1:1' }],
    ['a sink that is down', [...source, '--sink', 'kafka:t'], { KAFKA_BROKERS: '127.0.0.1:1' }],
  ]
  const stopped = async ([what, args, env]: (typeof waiting)[number]): Promise<void> => {
    const program = start(['run', ...args, ...common], { env })
    await program.said('UNREACHABLE')
    program.child.kill('SIGTERM')
    await program.ended
    assert.deepEqual(claims(), before, what)
  }
  await Promise.all(mistyped.map(refused))
  await Promise.all(waiting.map(stopped))
  healthy.signal('SIGTERM')
  assert.equal(await healthy.ended, 0, healthy.lines.join('\n'))
  assert.ok(healthy.lines.some((line) => line.includes('a checkpoint was written')))
})

test('checkpoints where no folder can be made are told at once, and a signal is heard', async () => {
  for (const place of ['/proc/x', '/proc/x/y', '/dev/null/x']) {
    const args = ['run', '--source', `file:${at('events.ndjson')}`, '--sink', 'file:-']
    const { code, stderr } = await run([...args, '--checkpoints', place, '--stop-at-end'])
    assert.equal(code, 73, stderr)
    assert.match(stderr, new RegExp(`neupr-worker: ${place}: expected to write a checkpoint`))
  }
})

test('a Node without WebAssembly is told in one line, with the way out', async () => {
  const { spawnSync } = await import('node:child_process')
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--jitless', main, 'run', '--source', 'file:-', '--checkpoints', at('jitless')],
    { encoding: 'utf8', input: '' },
  )
  assert.equal(status, 70, stderr)
  assert.match(stderr, /^neupr-worker: this Node runs without WebAssembly: .*--engine arrays/m)
  assert.doesNotMatch(stderr, /^ {4}at /m)
})

test('SIGTERM is heard while every user is read from Redis, and half of them make no checkpoint', async () => {
  const users = 40_000
  /** Those who stay for the start that reads them to the end. */
  const few = 2_000
  type Pipeline = ReturnType<typeof redis.admin.pipeline>
  const forUsers = async (first: number, work: (all: Pipeline, key: string, u: number) => void) => {
    for (let from = first; from < users; from += 10_000) {
      const pipeline = redis.admin.pipeline()
      const end = Math.min(users, from + 10_000)
      for (let u = from; u < end; u++) work(pipeline, `many:{u${u}}:a`, u)
      await pipeline.exec()
    }
  }
  await forUsers(0, (all, key, u) => all.zadd(key, 1, 'i1', 2, `i${u % 99}`))
  const args = [
    ...[
      '--source',
      `file:${at('events.ndjson')}`,
      '--sink',
      `file:${at('many.lists')}`,
      '--follow',
    ],
    ...['--checkpoints', at('many'), '--checkpoint-every-seconds', '1', ...small],
  ]
  const env = { REDIS_URL: redis.url, NEUPR_REDIS_PREFIX: 'many:', NEUPR_REDIS_KEYS_PER_PAGE: '10' }
  const worker = startWorker(args, env)
  await worker.said('reading all users of the store')
  await delay(1_500)
  const asked = performance.now()
  worker.signal('SIGTERM')
  assert.equal(await worker.ended, 0, worker.lines.join('\n'))
  assert.ok(performance.now() - asked < 8_000)
  assert.ok(worker.lines.some((line) => line.includes('stopped before the store was read')))
  const saved = readdirSync(at('many')).filter((name) => name.startsWith('checkpoint-'))
  assert.deepEqual(saved, [], 'nothing of a half-read store was kept')
  await forUsers(few, (all, key) => all.unlink(key))
  const again = startWorker([...args, '--stop-at-end'], {
    ...env,
    NEUPR_REDIS_KEYS_PER_PAGE: '1000',
  })
  assert.equal(await again.ended, 0, again.lines.join('\n'))
  assert.ok(again.lines.some((line) => line.includes('"the store is read"')))
})
