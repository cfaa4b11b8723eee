// What the Redis store does when Redis does not do its part: nothing is lost, nothing is confirmed that
// is not there, and every error says whether to come again.

import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import {
  type RedisPositiveStore,
  redisPositiveStore,
  type ScanProgress,
} from '../../../src/adapters/redis/positive-store.ts'
import { Failure, type FailureCode } from '../../../src/errors.ts'
import type { UserState } from '../../../src/types.ts'
import { event, plain } from '../../contracts/positive-stories.ts'
import { startRedis, testShop } from '../../servers/redis/server.ts'
import { insist, storeOptions, story } from './redis-at-hand.ts'

const server = await startRedis(testShop(process.env))
const { admin } = server
const stores: RedisPositiveStore[] = []
after(async () => {
  for (const store of stores) await store.close()
  await server.stop()
})
const open = (more = {}) => {
  const store = redisPositiveStore(storeOptions(server.url, { timeoutMs: 1_000, ...more }))
  stores.push(store)
  return store
}

test('kill -9 within and between batches loses and doubles nothing', async () => {
  const store = open()
  const twin = open({ prefix: 'twin:' })
  const batches = story(120, 200)
  let [repeats, next, confirmed, restarts] = [0, 0, 0, Promise.resolve()]
  const lane = async () => {
    while (next < batches.length) {
      const batch = batches[next++] ?? []
      await insist(
        () => store.apply(batch),
        () => repeats++,
      )
      // The two other lanes have a batch on its way at this moment.
      if (++confirmed % 20 === 0) restarts = server.kill().then(() => server.start())
      await restarts
    }
  }
  await Promise.all([lane(), lane(), lane()])
  await restarts
  assert.ok(repeats > 0, 'kills hit batches on their way')
  await insist(() => twin.apply(batches.flat()))
  const users = [...new Set(batches.flat().map(({ user }) => user))]
  const [got, expected] = [await store.read(users), await twin.read(users)]
  assert.deepEqual(got.map(plain), expected.map(plain))
})

/** How each refusal is brought about and taken back. */
const passing: Record<
  string,
  { readonly begin: () => Promise<unknown>; readonly end: () => Promise<unknown> }
> = {
  OOM: {
    begin: () => admin.config('SET', 'maxmemory', '1'),
    end: () => admin.config('SET', 'maxmemory', '0'),
  },
  READONLY: {
    begin: () => admin.replicaof('127.0.0.1', 1),
    end: () => admin.replicaof('NO', 'ONE'),
  },
  NOREPLICAS: {
    begin: () => admin.config('SET', 'min-replicas-to-write', '1'),
    end: () => admin.config('SET', 'min-replicas-to-write', '0'),
  },
  MISCONF: {
    async begin() {
      // The dump cannot be written over a folder, and writes are refused while it cannot be.
      await mkdir(join(server.folder, 'dump.rdb', 'inside'), { recursive: true })
      await admin.config('SET', 'save', '3600 1000000')
      await admin.bgsave()
      const failed = async () => (await admin.info('persistence')).includes('bgsave_status:err')
      while (!(await failed())) await delay(10)
    },
    end: () => admin.config('SET', 'stop-writes-on-bgsave-error', 'no'),
  },
  'a stopped process': {
    begin: async () => process.kill(server.pid(), 'SIGSTOP'),
    end: async () => process.kill(server.pid(), 'SIGCONT'),
  },
  'a server that is gone': {
    begin: () => server.kill(),
    end: () => server.start(),
  },
}

for (const [what, { begin, end }] of Object.entries(passing)) {
  test(`${what}: comes again later, and then the work is done`, async () => {
    const store = open()
    const mine = [event(`user of ${what}`, 'item', 5, 'ADD')]
    await store.apply([event('before', 'item', 1, 'ADD')])
    await begin()
    const started = performance.now()
    await rejects(() => store.apply(mine), 'STORE_UNREACHABLE')
    assert.ok(performance.now() - started < 5_000, 'the caller gets its turn soon')
    await end()
    await insist(() => store.apply(mine))
    assert.deepEqual((await store.read([`user of ${what}`]))[0]?.added, [['item', 5]])
  })
}

test('a batch is refused when any of its commands failed, and the error tells no payload', async () => {
  const store = open()
  await admin.set('neupr:{taken}:a', 'a string')
  const events = [event('free', 'secret-item', 5, 'ADD'), event('taken', 'secret-item', 5, 'ADD')]
  const failure = await rejects(() => store.apply(events), 'STORE_CONFLICT')
  assert.equal(failure.fate, 'stop')
  assert.doesNotMatch(inspect(failure, { depth: 9, showHidden: true }), /secret-item/)
  await admin.del('neupr:{taken}:a')
  await store.apply(events)
})

test('batches that are given at once go together, and one that is refused takes no other with it', async () => {
  const store = open()
  await admin.set('neupr:{taken}:a', 'a string')
  await store.read(['together'])
  const before = await reads()
  const [bad, good, read] = await Promise.allSettled([
    store.apply([event('taken', 'item', 5, 'ADD')]),
    store.apply([event('together', 'item', 5, 'ADD')]),
    store.read(['together']),
  ])
  assert.equal((bad as PromiseRejectedResult).reason.code, 'STORE_CONFLICT')
  assert.equal(good.status, 'fulfilled')
  const [user] = (read as PromiseFulfilledResult<UserState[]>).value
  assert.deepEqual(user?.added, [['item', 5]])
  // Of the other connection one is for the question itself.
  assert.ok((await reads()) - before <= 2)
  await admin.del('neupr:{taken}:a')
})

/** How often the server has read from a connection. */
async function reads(): Promise<number> {
  return Number(/total_reads_processed:(\d+)/.exec(await admin.info('stats'))?.[1])
}

test('nobody there: the first call says so within the time', async () => {
  const store = redisPositiveStore(storeOptions('redis://127.0.0.1:1', { timeoutMs: 300 }))
  await rejects(() => store.apply([event('a', 'b', 1, 'ADD')]), 'STORE_UNREACHABLE', /ECONNREFUSED/)
  await rejects(() => store.scan()[Symbol.asyncIterator]().next(), 'STORE_UNREACHABLE')
  await store.close()
  await rejects(() => store.read(['a']), 'STORE_UNREACHABLE', /closed/)
})

test('sets stay near the limit on the server too', async () => {
  const store = open({ limits: { added: 50, removed: 5 } })
  for (let k = 0; k < 5_000; k += 10) {
    const batch = Array.from({ length: 10 }, (_, n) => event('eager', `i${k + n}`, k + n, 'ADD'))
    await store.apply(batch)
    await store.apply([event('eager', `gone ${k}`, k, 'REMOVE')])
  }
  assert.ok((await admin.zcard('neupr:{eager}:a')) < 850)
  assert.ok((await admin.zcard('neupr:{eager}:r')) < 805)
})

test('the scan tells how far it is, page by page', async () => {
  const told: ScanProgress[] = []
  const store = open({
    prefix: 'pages:',
    keysPerPage: 10,
    onScan: (one: ScanProgress) => told.push(one),
  })
  const events = Array.from({ length: 500 }, (_, k) => event(`u${k}`, 'i', k, 'ADD'))
  await store.apply([
    ...events,
    event('u1', 'j', 5, 'REMOVE'),
    event('only removed', 'j', 5, 'REMOVE'),
  ])
  const users: string[] = []
  for await (const { user } of store.scan()) users.push(user)
  assert.equal(users.length, 501, 'each user once')
  assert.equal(new Set(users).size, 501)
  assert.ok(told.length > 20)
  assert.deepEqual({ ...told.at(-1), keysExpected: 0 }, { users: 501, keys: 502, keysExpected: 0 })
  assert.ok((told[0]?.keysExpected ?? 0) >= 502)
})

test('idle users are dropped, both sets at once', async () => {
  const store = open({ idleSecondsMax: 60 })
  await store.apply([event('idle', 'a', 1, 'ADD'), event('idle', 'b', 2, 'REMOVE')])
  await admin.expire('neupr:{idle}:r', 5)
  await store.apply([event('idle', 'c', 3, 'ADD')])
  for (const side of ['a', 'r']) assert.ok((await admin.ttl(`neupr:{idle}:${side}`)) > 50)
})

async function rejects(
  work: () => Promise<unknown>,
  code: FailureCode,
  text = /./,
): Promise<Failure> {
  let thrown: unknown
  await assert.rejects(work, (error) => {
    thrown = error
    return error instanceof Failure && error.code === code && text.test(error.message)
  })
  return thrown as Failure
}
