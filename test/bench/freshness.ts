// The share of lists that can be read within a quarter of a second after their event was sent, over a large
// catalogue, at several rates: a worker of its own on a real Kafka and a real Redis, which has read one event of every
// item before. Run: npm run bench -- freshness --items 100000 --rate 100,500,1000

import { availableParallelism, loadavg } from 'node:os'
import type { Interaction } from '../../src/types.ts'
import { createCodec } from '../../src/wire/avro.ts'
import { interactionSchema } from '../../src/wire/schemas.ts'
import { type Entry, makeJournal } from '../e2e/journal.ts'
import { openScene } from '../e2e/scene.ts'
import { startKafka } from '../servers/kafka.ts'
import { startRedis } from '../servers/redis/server.ts'
import type { Workshop } from '../servers/tools.ts'
import { waitsOf } from './pipeline/freshness.ts'
import type { BenchRow } from './store.ts'

const partitions = 6
const users = 20_000
const seconds = 25
/** A list later than that is late. */
const inTimeMs = 250

export interface FreshnessBench {
  readonly items: number
  /** Events a second. */
  readonly rates: readonly number[]
}

export async function freshnessBench(
  shop: Workshop,
  { items, rates }: FreshnessBench,
): Promise<BenchRow[]> {
  const kafka = await startKafka(shop)
  const redis = await startRedis(shop, { fsync: 'everysec' })
  const rows: BenchRow[] = []
  try {
    for (const rate of rates) {
      await redis.admin.flushall()
      const scene = await openScene({ brokers: kafka.brokers, redis: redis.url, partitions })
      const journal = makeJournal({ events: rate * seconds, users, items, seed: rate })
      const { waits, end } = await waitsOf(scene, rate, journal, everyItem(items))
      await scene.close()
      const inTime = waits.filter((ms) => ms <= inTimeMs).length / waits.length
      const middle = waits[waits.length >> 1] ?? Number.NaN
      shop.say(
        `freshness: ${items} items, ${rate} events/s: ${(100 * inTime).toFixed(1)} % of ${waits.length} lists ` +
          `within ${inTimeMs} ms, half within ${middle.toFixed(0)} ms, for ${journal.length} events; ` +
          `load ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} cores`,
      )
      if (end !== 0) {
        shop.say(
          `freshness: at ${rate} events/s more waited at the end than the worker had time for`,
        )
      }
      rows.push({
        ...{ bench: 'freshness', case: `items=${items} rate=${rate}`, engine: 'wasm' },
        ...{ value: Number(inTime.toFixed(4)), unit: 'share', against: 'all lists', ratio: inTime },
      })
    }
  } finally {
    await Promise.all([kafka.stop(), redis.stop()])
  }
  return rows
}

/** One event of each item, spread over the users. */
function everyItem(items: number): Entry[] {
  const codec = createCodec<Interaction>(interactionSchema)
  return Array.from({ length: items }, (_, k): Entry => {
    const [user, item] = [`user-${k % users}`, `item-${k}`]
    const event: Interaction = { user, item, timestamp: 1_500_000_000_000 + k, action: 'ADD' }
    return { key: user, value: Buffer.from(codec.encode(event)), event }
  })
}
