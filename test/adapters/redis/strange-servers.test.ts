// Servers that are set up in ways of their own: commands under other names, a cluster of one that never learned its
// address. What can work does; what cannot is told, and not tried for ever.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { redisPositiveStore } from '../../../src/adapters/redis/positive-store.ts'
import { Failure } from '../../../src/errors.ts'
import { event } from '../../contracts/positive-stories.ts'
import { type RedisServer, startRedis, testShop } from '../../servers/redis/server.ts'
import { storeOptions } from './redis-at-hand.ts'

const shop = testShop(process.env)
const servers: RedisServer[] = []
after(async () => {
  for (const server of servers) await server.stop()
})
async function started(...args: string[]): Promise<RedisServer> {
  const server = await startRedis(shop, { args: () => args })
  servers.push(server)
  return server
}

test('a command that Redis has under another name stops the worker, which names it', async () => {
  for (const command of ['INFO', 'ZADD', 'INCRBY', 'ZMSCORE', 'ZRANGE', 'SCAN']) {
    const { url } = await started('--rename-command', command, `HIDDEN-${command}`)
    const store = redisPositiveStore(storeOptions(url))
    const work = async () => {
      await store.claimEpoch()
      await store.claimStreams(['t/0'])
      await store.apply([event('u', 'secret-item', 1, 'ADD')])
      await store.read(['u'])
      for await (const _ of store.scan());
    }
    await assert.rejects(work, (error) => {
      assert.ok(error instanceof Failure, String(error))
      assert.equal(error.fate, 'stop', error.message)
      assert.match(error.message, new RegExp(`unknown command.*${command}`, 'i'))
      assert.match(error.message, /under their own names/)
      assert.doesNotMatch(error.message, /secret-item/)
      return true
    })
    await store.close()
  }
})

test('a cluster of one that announces no host is at the host that was asked', async () => {
  const server = await startRedis(shop, {
    args: (folder) => ['--cluster-enabled', 'yes', '--cluster-config-file', `${folder}/nodes.conf`],
  })
  servers.push(server)
  await server.admin.call(
    'CLUSTER',
    'ADDSLOTS',
    ...Array.from({ length: 16_384 }, (_, k) => `${k}`),
  )
  const [[, , [host]]] = (await server.admin.call('CLUSTER', 'SLOTS')) as [[0, 0, [string]]]
  assert.equal(host, '', 'the case is the one that is meant')
  while (!String(await server.admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
  for (const url of [server.url, `${server.url},127.0.0.1:${server.port}`]) {
    const store = redisPositiveStore(storeOptions(url))
    await store.claimEpoch()
    const users = Array.from({ length: 50 }, (_, k) => `user ${k}`)
    await store.apply(users.map((user) => event(user, 'i', 1, 'ADD')))
    assert.ok((await store.read(users)).every(({ added }) => added.length === 1))
    const seen = new Set<string>()
    for await (const { user } of store.scan()) seen.add(user)
    assert.equal(seen.size, users.length)
    await store.close()
  }
})

test('no stream at all is a claim like any other', async () => {
  const { url } = await started()
  const store = redisPositiveStore(storeOptions(url))
  const epoch = await store.claimEpoch()
  assert.deepEqual(await store.claimStreams([]), { epoch: epoch + 1, kept: [] })
  await store.close()
})
