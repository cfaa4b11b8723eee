// A Redis that lost its past is noticed: at once while the worker runs, and when it comes back with what
// its checkpoint knows. Numbers given to workers only grow.

import assert from 'node:assert/strict'
import { cp, rm } from 'node:fs/promises'
import { test } from 'node:test'
import { Failure } from '../../../src/errors.ts'
import type { StoreMark } from '../../../src/messages.ts'
import { event } from '../../contracts/positive-stories.ts'
import type { RedisServer } from '../../servers/redis/server.ts'
import { insist, redisAtHand } from './redis-at-hand.ts'

const { single, cluster, open } = await redisAtHand()

const regressed = (error: unknown) => error instanceof Failure && error.code === 'STATE_REGRESSED'
const one = (k: number) => [event(`u${k}`, 'i', k, 'ADD')]

/** A store whose clock the test moves; every apply() looks at the witnesses when it has moved a second. */
function opened(url: string) {
  const clock = { ms: 1_700_000_000_000 }
  const warnings: unknown[] = []
  const log = { warn: (_: string, facts?: unknown) => void warnings.push(facts) }
  const store = open(url, { wallMs: () => clock.ms, log })
  return { store, clock, warnings }
}

test('epochs grow over claims and connections, at the same time too', async () => {
  const stores = [1, 2, 3, 4].map(() => opened(single.url).store)
  const claimed = await Promise.all(stores.map((store) => store.claimEpoch()))
  assert.deepEqual(claimed.sort(), [1, 2, 3, 4])
  assert.equal(await stores[0]?.claimEpoch(), 5)
  for (const store of stores) await store.apply(one(1))
})

const places: readonly { name: string; url: string; nodes: readonly RedisServer[] }[] = [
  { name: 'one node', url: single.url, nodes: [single] },
  { name: 'one master of three', url: cluster.url, nodes: cluster.nodes.slice(1, 2) },
]
for (const { name, url, nodes } of places) {
  test(`${name} flushed: refused while running and after a restart, until rebuilt`, async () => {
    const { store, clock } = opened(url)
    const epoch = await store.claimEpoch()
    await store.apply(one(2))
    const mark = store.mark() as StoreMark
    for (const node of nodes) await node.admin.flushall()
    clock.ms += 1_000
    await assert.rejects(() => store.apply(one(3)), regressed)
    await assert.rejects(() => store.apply(one(3)), regressed, 'and stays refused')
    const next = opened(url).store
    for (let k = 0; k < 10; k++)
      await assert.rejects(() => next.claimEpoch({ since: mark }), regressed)
    assert.ok((await next.claimEpoch({ since: mark, rebuilding: true })) > epoch)
    await next.apply(one(3))
  })
}

test('an old copy restored: refused while running and after a restart', async () => {
  const { store, clock } = opened(single.url)
  await store.claimEpoch()
  await store.apply(one(4))
  await single.kill()
  await cp(single.folder, `${single.folder}.copy`, { recursive: true })
  await single.start()
  clock.ms += 60_000
  await insist(() => store.apply(one(5)))
  const mark = store.mark() as StoreMark
  await single.kill()
  await rm(single.folder, { recursive: true })
  await cp(`${single.folder}.copy`, single.folder, { recursive: true })
  await single.start()
  clock.ms += 1_000
  await assert.rejects(() => insist(() => store.apply(one(6))), regressed)
  const next = opened(single.url).store
  await assert.rejects(() => next.claimEpoch({ since: mark }), regressed)
  await next.claimEpoch({ since: mark, rebuilding: true })
  await rm(`${single.folder}.copy`, { recursive: true })
})

test('a small loss, as a failover may bring, is said and borne', async () => {
  const { store, clock, warnings } = opened(single.url)
  await store.claimEpoch()
  clock.ms += 5_000
  await store.apply(one(7))
  await single.admin.zadd('neupr:witness:{0}', clock.ms - 4_000, 'beat')
  clock.ms += 2_000
  await store.apply(one(8))
  assert.deepEqual(warnings, [{ behindMs: 4_000 }])
})
