// Who may do what: the store works with exactly the rights that are documented, says which time a denied one
// is worth waiting for, and speaks TLS only to whom it can verify.

import assert from 'node:assert/strict'
import { type AddressInfo, connect } from 'node:net'
import { after, test } from 'node:test'
import { createServer } from 'node:tls'
import { inspect } from 'node:util'
import { redisPositiveStore } from '../../../src/adapters/redis/positive-store.ts'
import { Failure } from '../../../src/errors.ts'
import { positiveStoreContract } from '../../contracts/positive-store.ts'
import { event } from '../../contracts/positive-stories.ts'
import { selfSigned } from '../../servers/certificate.ts'
import { startRedis, startRedisCluster, testShop } from '../../servers/redis/server.ts'
import { aclRules } from './acl.ts'
import { storeOptions } from './redis-at-hand.ts'

const shop = testShop(process.env)
const server = await startRedis(shop)
const cluster = await startRedisCluster(shop)
for (const { admin } of [server, ...cluster.nodes]) {
  await admin.acl('SETUSER', 'worker', 'on', '>pass/word', ...aclRules('neupr:'))
}
const worker = { username: 'worker', password: 'pass/word' }

positiveStoreContract({
  name: 'redis with the least rights',
  open: async (limits) => redisPositiveStore(storeOptions(server.url, { limits, ...worker })),
  openWeighing: async (limits) =>
    redisPositiveStore(storeOptions(server.url, { limits, ...worker, hasWeights: true })),
  connections: 2,
  cases: 50,
})
positiveStoreContract({
  name: 'redis cluster with the least rights',
  open: async (limits) => redisPositiveStore(storeOptions(cluster.url, { limits, ...worker })),
  openWeighing: async (limits) =>
    redisPositiveStore(storeOptions(cluster.url, { limits, ...worker, hasWeights: true })),
  connections: 1,
  cases: 20,
})

test('the least rights are enough for epochs, idle users and small limits too', async () => {
  for (const { url } of [server, cluster]) {
    const limits = { added: 1, removed: 1 }
    const store = redisPositiveStore(storeOptions(url, { ...worker, limits, idleSecondsMax: 60 }))
    await store.claimEpoch()
    for (let k = 0; k < 100; k++) await store.apply([event('u', `i${k}`, k, 'ADD')])
    const since = store.mark()
    assert.ok(since !== undefined && (await store.claimEpoch({ since })) > since.epoch)
    await store.close()
  }
})

test('the rights end at the prefix and at what the store does', async () => {
  const foreign = redisPositiveStore(storeOptions(server.url, { ...worker, prefix: 'other:' }))
  await assert.rejects(() => foreign.apply([event('u', 'i', 1, 'ADD')]), /NOPERM/)
  await foreign.close()
  for (const command of [
    'flushall',
    'flushdb',
    'config',
    'eval',
    'keys',
    'del',
    'set',
    'acl',
    'debug',
  ]) {
    const rule = aclRules('neupr:').filter((one) => one.startsWith('+'))
    assert.ok(!rule.includes(`+${command}`), command)
  }
})

test('a denied right is tried again for the time of grace, then it stops the worker', async () => {
  const clock = { ms: 0 }
  const options = { ...worker, graceMs: 60_000, monotonicMs: () => clock.ms }
  const store = redisPositiveStore(storeOptions(server.url, options))
  const code = (wanted: string) => (error: unknown) =>
    error instanceof Failure && error.code === wanted
  const apply = () => store.apply([event('u', 'secret-item', 1, 'ADD')])
  await apply()
  await server.admin.acl('SETUSER', 'worker', '-zadd')
  await assert.rejects(apply, code('STORE_UNREACHABLE'))
  clock.ms = 59_999
  await assert.rejects(apply, code('STORE_UNREACHABLE'))
  clock.ms = 60_000
  await assert.rejects(apply, (error) => {
    assert.match((error as Error).message, /NOPERM.*ACL SETUSER/)
    assert.doesNotMatch(inspect(error, { depth: 9 }), /secret-item|pass\/word/)
    return code('NOT_PERMITTED')(error)
  })
  await server.admin.acl('SETUSER', 'worker', '+zadd')
  await apply()
  await store.close()
})

test('a wrong password is a denied right and is not told', async () => {
  for (const { url } of [server, cluster]) {
    const wrong = { username: 'worker', password: 'wrong-one', graceMs: 0, timeoutMs: 500 }
    const store = redisPositiveStore(storeOptions(url, wrong))
    await assert.rejects(
      () => store.apply([event('u', 'i', 1, 'ADD')]),
      (error) => {
        assert.doesNotMatch(inspect(error, { depth: 9 }), /wrong-one/)
        return error instanceof Failure && error.code === 'NOT_PERMITTED'
      },
    )
    await store.close()
  }
})

test('TLS: works with the authority named, refuses any other', async () => {
  const pair = selfSigned()
  const front = createServer(pair, (socket) => {
    const behind = connect(server.port, '127.0.0.1')
    socket.pipe(behind).pipe(socket)
    for (const end of [socket, behind])
      end.on('error', () => socket.destroy(behind.destroy().errored ?? undefined))
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  const url = `rediss://worker:pass%2Fword@127.0.0.1:${(front.address() as AddressInfo).port}`
  const good = redisPositiveStore(storeOptions(url, { tls: { ca: pair.cert } }))
  await good.apply([event('private', 'i', 1, 'ADD')])
  assert.equal((await good.read(['private']))[0]?.added.length, 1)
  for (const tls of [{}, { ca: selfSigned().cert }]) {
    const bad = redisPositiveStore(storeOptions(url, { tls, timeoutMs: 300 }))
    await assert.rejects(() => bad.read(['private']), /certificate|self-signed/)
    await bad.close()
  }
  await good.close()
  front.close()
})

after(async () => {
  await server.stop()
  await cluster.stop()
})
