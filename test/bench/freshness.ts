// The share of lists that can be read within a quarter of a second after their event was sent, over a large
// catalogue, at several rates, one after the other: a worker of its own on a real Kafka and a real Redis, which starts
// from a checkpoint that was made beforehand (freshness/prepared.ts). Users who have no list yet get theirs while
// nothing else is to be done, as after every start.
// Run: npm run bench -- freshness --items 100000 --rate 100,500,1000; NEUPR_BENCH_STREAM names a stream.

import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { openScene } from '../e2e/scene.ts'
import { startKafka } from '../servers/kafka.ts'
import { startRedis } from '../servers/redis/server.ts'
import type { Workshop } from '../servers/tools.ts'
import { prepareWorker } from './freshness/prepared.ts'
import { entriesOf, startPaced, type Wait, workerName } from './pipeline/freshness.ts'
import type { BenchRow } from './store.ts'
import { streamEvents } from './stream-events.ts'

const partitions = 6
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
  const stream = await streamEvents(shop.env.NEUPR_BENCH_STREAM)
  const events = rates.reduce((sum, rate) => sum + rate * seconds, 0)
  const kafka = await startKafka(shop)
  const redis = await startRedis(shop, { fsync: 'everysec' })
  const scene = await openScene({ brokers: kafka.brokers, redis: redis.url, partitions })
  const rows: BenchRow[] = []
  try {
    const beganMs = performance.now()
    const { folder, prefix } = scene
    const learned = await prepareWorker(stream, {
      ...{ redis: redis.admin, prefix, directory: join(folder, workerName), items, rest: events },
    })
    const rest = entriesOf(stream.slice(learned, learned + events))
    const worker = await startPaced(scene)
    shop.say(
      `freshness: ${items} items: a worker that has learned ${learned} events has started after ` +
        `${((performance.now() - beganMs) / 1_000).toFixed(0)} s`,
    )
    let from = 0
    for (const rate of rates) {
      const waits = await worker.waits(rate, rest.slice(from, from + rate * seconds))
      from += rate * seconds
      const late = waits.filter(({ ms }) => ms > inTimeMs)
      const share = 1 - late.length / waits.length
      const [half, most] = [0.5, 0.99].map((of) => waits[Math.floor(of * waits.length)]?.ms ?? NaN)
      shop.say(
        `freshness: ${items} items, ${rate} events/s: ${(100 * share).toFixed(1)} % of ${waits.length} lists ` +
          `within ${inTimeMs} ms, half within ${half!.toFixed(0)} ms, 99 % within ${most!.toFixed(0)} ms; ` +
          `${writtenText(waits)}${late.length > 0 ? `, of late ones ${writtenText(late)}` : ''}; ` +
          `load ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} cores`,
      )
      rows.push({
        ...{ bench: 'freshness', case: `items=${items} rate=${rate}`, engine: 'wasm' },
        ...{ value: Number(share.toFixed(4)), unit: 'share', against: 'all lists', ratio: share },
      })
      await worker.settled()
    }
    await worker.end()
  } finally {
    await scene.close()
    await Promise.all([kafka.stop(), redis.stop()])
  }
  return rows
}

/** How much of the waits came after the lists were ranked: the rest was the way to the trainer and the wait in it. */
function writtenText(waits: readonly Wait[]): string {
  const sum = (of: (wait: Wait) => number) => waits.reduce((total, wait) => total + of(wait), 0)
  const after = sum(({ ms, rankedMs }) => ms - rankedMs) / sum(({ ms }) => ms)
  return `${(100 * after).toFixed(0)} % of the time after they were ranked`
}
