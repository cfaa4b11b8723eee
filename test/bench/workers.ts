// What several workers that share an update log are worth beside one alone, on the same file: HR@10 over the events
// of all, each predicted by the worker that has its user before it is learned; processor time; bytes of the log. The
// stream comes at a pace that all keep up with.

import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { updatesTopic } from '../e2e/bases.ts'
import { openScene, type Place, type Scene } from '../e2e/scene.ts'
import { startKafka } from '../servers/kafka.ts'
import { startRedis } from '../servers/redis/server.ts'
import type { Workshop } from '../servers/tools.ts'
import type { Gauges } from './live/gauges.ts'
import { startLive } from './live/live-worker.ts'
import { sendAt } from './live.ts'
import { realOf } from './pipeline/freshness.ts'
import type { BenchRow } from './store.ts'
import { streamEvents } from './stream-events.ts'

export interface WorkersOptions extends Workshop {
  readonly files: readonly string[]
  /** Sizes of the groups; the first is what the others are held against. */
  readonly counts: readonly number[]
  /** Events a second. */
  readonly rate: number
  /** The first so many of the file; left out: all. */
  readonly events?: number | undefined
}

const partitions = 8
/** The share of the stream that is judged is its end. */
const judgedFrom = 0.7

interface Outcome {
  readonly hr10: number
  /** µs of processor time an event, of all workers together. */
  readonly micros: number
  /** Of the update log. */
  readonly bytes: number
}

export async function workersBench(options: WorkersOptions): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  const kafka = await startKafka(options)
  const redis = await startRedis(options, { fsync: 'everysec' })
  const place = { brokers: kafka.brokers, redis: redis.url, partitions }
  try {
    for (const file of options.files.length === 0 ? [undefined] : options.files) {
      const name = file === undefined ? 'made-up' : basename(file).replace(/\..*$/, '')
      let first: Outcome | undefined
      for (const count of options.counts) {
        await redis.admin.flushall()
        const found = await groupOf(count, place, file, options)
        first ??= found
        const one = first
        const row = (unit: string, value: number, against: string, other: number): BenchRow => ({
          ...{ bench: 'workers', case: `${name} n=${count}`, unit, against },
          value: Number(value.toPrecision(4)),
          ratio: Number((value / other).toFixed(4)),
        })
        const single = `n=${options.counts[0]}`
        rows.push(
          row('hr10', found.hr10, single, one.hr10),
          row('µs/event', found.micros, single, one.micros),
          row('bytes/event', found.bytes, 'KiB', 1_024),
        )
        options.say(`workers: ${name} n=${count}: ${JSON.stringify(found)}`)
      }
    }
  } finally {
    await Promise.all([kafka.stop(), redis.stop()])
  }
  return rows
}

async function groupOf(
  count: number,
  place: Place,
  file: string | undefined,
  { rate, events: eventsMax, say }: WorkersOptions,
): Promise<Outcome> {
  const scene = await openScene(place)
  const all = (await streamEvents(file)).slice(0, eventsMax)
  const { journal } = realOf('', all, all.length)
  const updates = count > 1 ? await updatesTopic(scene) : undefined
  // All is learned in full: what a busy machine would shed is not what is measured.
  const args = ['--overload', 'wait']
  if (updates !== undefined) args.push('--updates', `kafka:${updates}`)
  const workers = await Promise.all(
    Array.from({ length: count }, (_, k) => startLive(scene, `worker-${k}`, args)),
  )
  const look = () => Promise.all(workers.map((one) => one.until(async () => true, say)))
  const settled = async (): Promise<Gauges[]> => {
    while ((await scene.uncommitted()) > 0) await delay(500)
    return look()
  }
  const before = await look()
  const cut = Math.floor(judgedFrom * journal.length)
  await sendAt(scene, journal.slice(0, cut), rate)
  const middle = await settled()
  await sendAt(scene, journal.slice(cut), rate)
  const end = await settled()
  const bytes = updates === undefined ? 0 : await bytesOf(scene, updates)
  for (const one of workers) await one.stop()
  await scene.close()
  const grown = (from: readonly Gauges[], of: 'hits' | 'measured' | 'cpuSeconds') =>
    end.reduce((sum, gauges, k) => sum + gauges[of] - from[k]![of], 0)
  return {
    hr10: grown(middle, 'hits') / grown(middle, 'measured'),
    micros: (1e6 * grown(before, 'cpuSeconds')) / journal.length,
    bytes: bytes / journal.length,
  }
}

async function bytesOf(scene: Scene, topic: string): Promise<number> {
  const records = await scene.kafka.read(topic)
  return records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
}
