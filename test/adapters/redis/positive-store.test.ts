// The Redis store under the contract of the port: on one server and on a cluster of three.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { redisPositiveStore } from '../../../src/adapters/redis/positive-store.ts'
import type { PositiveStore, UserLimits } from '../../../src/ports/positive-store.ts'
import { positiveStoreContract } from '../../contracts/positive-store.ts'
import { convergence, positives } from '../../contracts/positive-stories.ts'
import { startRedis, startRedisCluster, testShop } from '../../servers/redis/server.ts'
import { storeOptions } from './redis-at-hand.ts'

const shop = testShop(process.env)
/** By night: 2000. */
const stories = Number(process.env.STORE_STORIES ?? 500)
const limits: UserLimits = { added: 1_000, removed: 1_000 }

/** REDIS_URL where one is given, under a prefix of its own, else a server for this file. */
const own = process.env.REDIS_URL ? undefined : await startRedis(shop)
const url = own?.url ?? process.env.REDIS_URL ?? ''
const prefix = `test-${process.pid}:`
const admin = new Redis(url, { lazyConnect: true })
positiveStoreContract({
  name: `redis ${own?.version ?? 'given'}`,
  open: async (limits) => redisPositiveStore(storeOptions(url, { limits, prefix })),
  openWeighing: async (limits) =>
    redisPositiveStore(storeOptions(url, { limits, prefix, hasWeights: true })),
  connections: 3,
  cases: stories,
})

const cluster = await startRedisCluster(shop)
positiveStoreContract({
  name: 'redis cluster',
  open: async (limits) => redisPositiveStore(storeOptions(cluster.url, { limits })),
  openWeighing: async (limits) =>
    redisPositiveStore(storeOptions(cluster.url, { limits, hasWeights: true })),
  connections: 3,
  cases: stories / 4,
})

test('the contract turns red for SADD and SREM', async () => {
  const details = await fc.check(convergence([naiveStore()], limits, positives), {
    numRuns: 300,
    seed: 7,
  })
  assert.equal(details.failed, true)
})

test('without weights no set but two is written, read or looked for', async () => {
  const own = `plain-${process.pid}:`
  const options = storeOptions(url, { limits, prefix: own })
  const store = redisPositiveStore(options)
  await store.apply([
    { user: 'u', item: 'a', timestamp: 5, action: 'ADD' },
    { user: 'u', item: 'b', timestamp: 6, action: 'REMOVE' },
  ])
  assert.deepEqual((await admin.keys(`${own}*`)).sort(), [`${own}{u}:a`, `${own}{u}:r`])
  await admin.zadd(`${own}{u}:w`, 7, '200l:c')
  assert.deepEqual(await store.read(['u']), [{ user: 'u', added: [['a', 5]], removed: [['b', 6]] }])
  await store.forget(['u'])
  assert.deepEqual(
    await admin.keys(`${own}*`),
    [],
    'also what was written while there were weights',
  )
  await store.close()
})

after(async () => {
  const store = redisPositiveStore(storeOptions(url, { limits, prefix }))
  for await (const { user } of store.scan()) await store.forget([user])
  await store.close()
  admin.disconnect()
  await cluster.stop()
  await own?.stop()
})

function naiveStore(): PositiveStore {
  return {
    ...redisPositiveStore(storeOptions(url)),
    async apply(events) {
      const pipeline = admin.pipeline()
      for (const { user, item, action } of events) {
        if (action === 'ADD') pipeline.sadd(`${prefix}naive:${user}`, item)
        else pipeline.srem(`${prefix}naive:${user}`, item)
      }
      for (const user of new Set(events.map((one) => one.user))) {
        pipeline.expire(`${prefix}naive:${user}`, 600)
      }
      await pipeline.exec()
    },
    async read(users) {
      const members = await Promise.all(
        users.map((user) => admin.smembers(`${prefix}naive:${user}`)),
      )
      return users.map((user, k) => {
        return { user, added: (members[k] ?? []).map((item) => [item, 0] as const), removed: [] }
      })
    },
  }
}

test('users who are owed a list are kept by stream, the newest record first, and go with the forgotten', async () => {
  const store = redisPositiveStore(storeOptions(cluster.url, { limits, prefix: 'owing:' }))
  const { owed } = store
  assert.ok(owed !== undefined)
  await owed.add('t/0', [
    ['a', 5],
    ['b', 7],
    ['c', 9],
  ])
  await owed.add('t/0', [['b', 3]])
  await owed.add('t/1', [['a', 1]])
  assert.deepEqual(await owed.page('t/0', Number.POSITIVE_INFINITY, 2), [
    ['c', 9],
    ['b', 7],
  ])
  assert.deepEqual(await owed.page('t/0', 7, 2), [['a', 5]])
  await owed.remove('t/0', ['c'])
  await owed.remove('t/0', [])
  await store.claimStreams(['t/0', 't/1'])
  await store.forget(['a'])
  assert.deepEqual(await owed.page('t/0', Number.POSITIVE_INFINITY, 9), [['b', 7]])
  assert.deepEqual(await owed.page('t/1', Number.POSITIVE_INFINITY, 9), [])
  for await (const { user } of store.scan()) assert.fail(`${user} is no user of the sets`)
  await store.close()
})
