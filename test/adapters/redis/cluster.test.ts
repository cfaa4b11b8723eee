// A cluster that changes under the store: a slot on the move, a slot moved, a master killed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slotOf } from '../../../src/adapters/redis/keys.ts'
import { event, plain } from '../../contracts/positive-stories.ts'
import type { RedisServer } from '../../servers/redis/server.ts'
import { insist, redisAtHand, story } from './redis-at-hand.ts'

const { single: reference, cluster, open: openAt } = await redisAtHand()
const open = (url: string) => openAt(url, { timeoutMs: 1_000 })

test('slots are those of Redis', async () => {
  const [{ admin }] = cluster.nodes as [RedisServer]
  for (const key of ['a', 'neupr:{u}:a', 'x{}y', '{', 'é{ü}', 'neupr:{%7B}:r', '{a}{b}']) {
    assert.equal(slotOf(key), await admin.call('CLUSTER', 'KEYSLOT', key))
  }
})

test('the address of one node is enough', async () => {
  const store = open(cluster.nodes[2]?.url ?? '')
  const events = Array.from({ length: 300 }, (_, k) => event(`wide ${k}`, 'i', k, 'ADD'))
  await store.apply(events)
  assert.equal(
    (await store.read(events.map(({ user }) => user))).flatMap((one) => one.added).length,
    300,
  )
})

test('a slot that moves, and a master that dies, cost repeats and nothing else', async () => {
  const store = open(cluster.url)
  const twin = open(reference.url)
  const batches = story(90, 100)
  const key = 'neupr:{u7}:a'
  const from = owner(slotOf(key))
  const to = cluster.nodes.find((node) => node !== from) as RedisServer
  for (const [k, batch] of batches.entries()) {
    const steps: Record<number, () => Promise<unknown>> = {
      20: () => startMove(slotOf(key), from, to),
      40: () => endMove(slotOf(key), from, to),
      60: () => from.kill(),
    }
    const work = insist(() => store.apply(batch))
    await steps[k]?.()
    if (k === 60) await from.start()
    await work
    await twin.apply(batch)
  }
  const users = Array.from({ length: 40 }, (_, k) => `u${k}`)
  let got: Awaited<ReturnType<typeof store.read>> = []
  await insist(async () => {
    got = await store.read(users)
  })
  assert.deepEqual(got.map(plain), (await twin.read(users)).map(plain))
  const scanned = new Set<string>()
  for await (const { user } of store.scan()) scanned.add(user)
  for (const user of users) assert.ok(scanned.has(user))
  assert.equal(await to.admin.call('CLUSTER', 'COUNTKEYSINSLOT', String(slotOf(key))), 2)
})

function owner(slot: number): RedisServer {
  return cluster.nodes[Math.floor((slot * 3) / 16_384)] as RedisServer
}

const idOf = async (node: RedisServer) => String(await node.admin.call('CLUSTER', 'MYID'))

/** From here on the old owner answers ASK for keys it no longer has; one of the user's two has gone. */
async function startMove(slot: number, from: RedisServer, to: RedisServer): Promise<void> {
  const name = String(slot)
  await to.admin.call('CLUSTER', 'SETSLOT', name, 'IMPORTING', await idOf(from))
  await from.admin.call('CLUSTER', 'SETSLOT', name, 'MIGRATING', await idOf(to))
  const [key] = (await from.admin.call('CLUSTER', 'GETKEYSINSLOT', name, '1')) as string[]
  await move(key ?? '', from, to)
}

async function endMove(slot: number, from: RedisServer, to: RedisServer): Promise<void> {
  const name = String(slot)
  const keys = (await from.admin.call('CLUSTER', 'GETKEYSINSLOT', name, '100')) as string[]
  for (const key of keys) await move(key, from, to)
  for (const node of [to, from, ...cluster.nodes]) {
    await node.admin.call('CLUSTER', 'SETSLOT', name, 'NODE', await idOf(to))
  }
}

async function move(key: string, from: RedisServer, to: RedisServer): Promise<void> {
  await from.admin.call('MIGRATE', '127.0.0.1', String(to.port), key, '0', '5000', 'REPLACE')
}
