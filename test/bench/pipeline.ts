// The worker on a real Kafka and a real Redis of its own: throughput against the bare loop, and freshness.

import { makeJournal } from '../e2e/journal.ts'
import { openScene } from '../e2e/scene.ts'
import { startKafka } from '../servers/kafka.ts'
import { startRedis } from '../servers/redis.ts'
import type { Workshop } from '../servers/tools.ts'
import { freshness } from './pipeline/freshness.ts'
import { throughput } from './pipeline/throughput.ts'
import type { BenchRow } from './store.ts'

const events = 300_000
const partitions = 6

export async function pipelineBench(shop: Workshop): Promise<BenchRow[]> {
  const kafka = await startKafka(shop)
  const redis = await startRedis(shop, { fsync: 'everysec' })
  const place = { brokers: kafka.brokers, redis: redis.url, partitions }
  const rows: BenchRow[] = []
  try {
    const full = await openScene(place)
    await full.produce(makeJournal({ events, users: 20_000, items: 3_000, seed: 1 }))
    const pids = { 'the broker': kafka.pid(), Redis: redis.pid() }
    const flush = async () => void (await redis.admin.flushall())
    rows.push(...(await throughput({ ...place, pids, flush }, full, events, shop.say)))
    await full.close()
    for (const rate of [500, 2_000]) {
      await redis.admin.flushall()
      const paced = await openScene(place)
      rows.push(...(await freshness(paced, rate)))
      await paced.close()
    }
  } finally {
    await Promise.all([kafka.stop(), redis.stop()])
  }
  return rows
}
