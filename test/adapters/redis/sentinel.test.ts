// A master dies and its replica takes over: the store follows, and what was replicated is there.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { redisPositiveStore } from '../../../src/adapters/redis/positive-store.ts'
import { event } from '../../contracts/positive-stories.ts'
import { startRedisSentinel } from '../../servers/redis/sentinel.ts'
import { testShop } from '../../servers/redis/server.ts'
import { insist, storeOptions } from './redis-at-hand.ts'

const servers = await startRedisSentinel(testShop(process.env))
const store = redisPositiveStore(storeOptions(servers.url, { timeoutMs: 1_000 }))
after(async () => {
  await store.close()
  await servers.stop()
})

test('follows the Sentinels to the new master', async () => {
  await store.claimEpoch()
  await store.apply([event('ann', 'before', 1, 'ADD')])
  assert.equal(await servers.master.admin.wait(1, 5_000), 1, 'the replica has it')
  await servers.master.kill()
  // How often it has to be tried depends on who is faster, the Sentinels or the client's own tries.
  await insist(() => store.apply([event('ann', 'after', 2, 'ADD')]))
  const [ann] = await store.read(['ann'])
  assert.deepEqual([...(ann?.added ?? [])].sort(), [
    ['after', 2],
    ['before', 1],
  ])
  assert.match(await servers.replica.admin.info('replication'), /role:master/)
  // The old master comes back as a replica; the store stays where writes are taken.
  await servers.master.start()
  await store.apply([event('ann', 'later', 3, 'ADD')])
})
