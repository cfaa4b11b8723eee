// What apply() costs over the bare commands it is made of: pipelines of 500 events against one `ZADD GT` per
// event written with the client library alone, in the same run, A B A B. Prints medians (the ratio: of
// the rounds' ratios) and the memory of a user.
// node dist/test/bench/store.js

import { pathToFileURL } from 'node:url'
import { Redis } from 'ioredis'
import {
  type RedisPositiveStore,
  redisPositiveStore,
} from '../../src/adapters/redis/positive-store.ts'
import type { Interaction } from '../../src/types.ts'
import { storeOptions } from '../adapters/redis/redis-at-hand.ts'
import { startRedis, testShop } from '../servers/redis/server.ts'

export interface BenchRow {
  readonly bench: string
  readonly case: string
  /** Of what computed, where engines are compared. */
  readonly engine?: string
  readonly value: number
  readonly unit: string
  readonly against: string
  readonly ratio: number
}

const batchEvents = 500
const batches = 200
const rounds = 7
type Apply = (events: readonly Interaction[]) => Promise<unknown>

/** Against the server of REDIS_URL (a database that may be flushed), else one of its own. */
export async function storeBench(env: NodeJS.ProcessEnv): Promise<BenchRow[]> {
  const server = env.REDIS_URL ? undefined : await startRedis(testShop(env), { fsync: 'everysec' })
  const url = env.REDIS_URL ?? server?.url ?? ''
  const bare = new Redis(url)
  const store = redisPositiveStore(storeOptions(url, { limits: { added: 5_000, removed: 1_000 } }))
  await store.claimEpoch()
  const rows: BenchRow[] = []
  for (const inFlight of [1, 4]) {
    for (const [name, stories] of Object.entries(streams())) {
      const write: Apply = (events) => bareApply(bare, events)
      const times = { bare: [] as number[], store: [] as number[] }
      for (let round = 0; round < rounds; round++) {
        times.bare.push(await timed(stories, write, inFlight))
        times.store.push(await timed(stories, (events) => store.apply(events), inFlight))
      }
      const rate = (ms: readonly number[]) =>
        Math.round((batches * batchEvents * 1000) / median(ms))
      const [value, against] = [rate(times.store), rate(times.bare)]
      rows.push({
        bench: 'store',
        case: `apply, ${name}, ${inFlight} in flight`,
        ...{ value, unit: 'events/s', against: `bare ZADD GT ${against}` },
        ratio: median(times.bare.map((ms, round) => ms / (times.store[round] ?? Number.NaN))),
      })
    }
  }
  rows.push(...(await memoryRows(bare, store)))
  await store.close()
  bare.disconnect()
  await server?.stop()
  return rows
}

async function bareApply(redis: Redis, events: readonly Interaction[]): Promise<void> {
  const pipeline = redis.pipeline()
  for (const { user, item, timestamp } of events) {
    pipeline.zadd(`bare:{${user}}:a`, 'GT', timestamp, item)
  }
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error
}

/** Events of 20,000 users in random order, and the same in runs of 5 per user as sessions make them. */
function streams(): Record<string, Interaction[][]> {
  const make = (run: number) => {
    let state = 1
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    let user = ''
    return Array.from({ length: batches }, (_, batch) =>
      Array.from({ length: batchEvents }, (_, k): Interaction => {
        if (k % run === 0) user = `user-${random(20_000)}`
        const timestamp = 1_700_000_000_000 + batch * batchEvents + k
        return { user, item: `item-${random(3_000)}`, timestamp, action: 'ADD' }
      }),
    )
  }
  return { 'random users': make(1), 'sessions of 5': make(5) }
}

async function timed(work: Interaction[][], apply: Apply, inFlight: number): Promise<number> {
  const started = performance.now()
  let next = 0
  const lane = async () => {
    while (next < work.length) await apply(work[next++] as Interaction[])
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return performance.now() - started
}

async function memoryRows(redis: Redis, store: RedisPositiveStore): Promise<BenchRow[]> {
  await redis.flushdb()
  await store.claimEpoch()
  const used = async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1])
  const before = await used()
  const users = 2_000
  for (let user = 0; user < users; user++) {
    const one = (k: number): Interaction => {
      const timestamp = 1_700_000_000_000 + k * 1_000
      return { user: `user-${user}`, item: `item-${k * 31}`, timestamp, action: 'ADD' }
    }
    await store.apply(Array.from({ length: 100 }, (_, k) => one(k)))
  }
  const value = Math.round(((await used()) - before) / users)
  let scanned = 0
  const started = performance.now()
  for await (const { added } of store.scan()) scanned += added.length
  const perSecond = Math.round((scanned * 1000) / (performance.now() - started))
  const against = 'one sorted set in a listpack 2600'
  const scan = { value: perSecond, unit: 'items/s', against: 'none', ratio: 1 }
  return [
    { bench: 'store', case: 'scan at the start, 100 items a user', ...scan },
    {
      bench: 'store',
      case: 'memory, 100 items',
      value,
      unit: 'bytes/user',
      against,
      ratio: value / 2_600,
    },
  ]
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const row of await storeBench(process.env)) process.stdout.write(`${JSON.stringify(row)}\n`)
}
