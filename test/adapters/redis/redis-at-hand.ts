// A Redis and a cluster for a file of tests, and the options under which they open the store: short times, real clocks.

import { after } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type RedisPositiveStore,
  type RedisStoreOptions,
  redisPositiveStore,
} from '../../../src/adapters/redis/positive-store.ts'
import { Failure } from '../../../src/errors.ts'
import type { Interaction } from '../../../src/types.ts'
import { startRedis, startRedisCluster, testShop } from '../../servers/redis/server.ts'

/** Both are stopped after the tests, and what was opened is closed. */
export async function redisAtHand() {
  const shop = testShop(process.env)
  const single = await startRedis(shop)
  const cluster = await startRedisCluster(shop)
  const stores: RedisPositiveStore[] = []
  after(async () => {
    for (const store of stores) await store.close()
    await single.stop()
    await cluster.stop()
  })
  const open = (url: string, more: Partial<RedisStoreOptions> = {}): RedisPositiveStore => {
    const store = redisPositiveStore(storeOptions(url, more))
    stores.push(store)
    return store
  }
  return { single, cluster, open }
}

export function storeOptions(
  url: string,
  more: Partial<RedisStoreOptions> = {},
): RedisStoreOptions {
  return {
    url,
    prefix: 'neupr:',
    limits: { added: 1_000, removed: 1_000 },
    timeoutMs: 3_000,
    graceMs: 60_000,
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
    log: { warn: () => undefined },
    lossToleratedMs: 30_000,
    idleSecondsMax: 0,
    keysPerPage: 200,
    ...more,
  }
}

/** What the worker does with a `retry`: waits a little and does the same again. */
export async function insist(
  work: () => Promise<unknown>,
  onRepeat: () => void = () => undefined,
): Promise<void> {
  const deadline = performance.now() + 20_000
  for (;;) {
    try {
      await work()
      return
    } catch (error) {
      if (!(error instanceof Failure) || error.fate !== 'retry') throw error
      if (performance.now() > deadline) throw error
      onRepeat()
      await delay(20)
    }
  }
}

/** `batches` of `events` of 40 users, adding and removing 30 items in no order of time. Always the same. */
export function story(batches: number, events: number): Interaction[][] {
  let state = 1
  const below = (n: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
  return Array.from({ length: batches }, () =>
    Array.from({ length: events }, (): Interaction => {
      const action = below(4) === 0 ? 'REMOVE' : 'ADD'
      return { user: `u${below(40)}`, item: `i${below(30)}`, timestamp: below(100_000), action }
    }),
  )
}
