// The worker on a real Kafka and a real Redis of its own: throughput against the bare loop, and freshness, on the file
// of NEUPR_BENCH_STREAM too where there is one.

import { basename } from 'node:path'
import { makeJournal } from '../e2e/journal.ts'
import { openScene } from '../e2e/scene.ts'
import { startKafka } from '../servers/kafka.ts'
import { startRedis } from '../servers/redis/server.ts'
import type { Workshop } from '../servers/tools.ts'
import { freshness, madeUp, type Played, realOf } from './pipeline/freshness.ts'
import { throughput } from './pipeline/throughput.ts'
import type { BenchRow } from './store.ts'
import { streamEvents } from './stream-events.ts'

const eventsDefault = 300_000
const partitions = 6

export async function pipelineBench(shop: Workshop): Promise<BenchRow[]> {
  const events = Number(shop.env.NEUPR_BENCH_EVENTS ?? eventsDefault)
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
      for (const played of await streamsAt(rate, shop.env.NEUPR_BENCH_STREAM)) {
        await redis.admin.flushall()
        const paced = await openScene(place)
        rows.push(...(await freshness(paced, rate, played)))
        await paced.close()
      }
    }
  } finally {
    await Promise.all([kafka.stop(), redis.stop()])
  }
  return rows
}

async function streamsAt(rate: number, file: string | undefined): Promise<Played[]> {
  if (file === undefined) return [madeUp(rate)]
  return [madeUp(rate), realOf(basename(file), await streamEvents(file), rate)]
}
