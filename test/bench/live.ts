// What a live worker is worth beside `prequential` on the same file: on a topic that has a past, and on a stream that
// comes twice as fast as it can be learned. HR@10 of the last 30 % of the events, every event predicted before it is
// learned, by a worker of its own on a real Kafka and a real Redis.

import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../src/config.ts'
import { arrivalsOf } from '../../src/lab/stream/arrivals.ts'
import { replay } from '../../src/lab/stream/replay.ts'
import type { Entry } from '../e2e/journal.ts'
import { openScene, type Place, type Scene } from '../e2e/scene.ts'
import { startKafka } from '../servers/kafka.ts'
import { startRedis } from '../servers/redis/server.ts'
import type { Workshop } from '../servers/tools.ts'
import type { Gauges } from './live/gauges.ts'
import { seed, startLive } from './live/live-worker.ts'
import { realOf } from './pipeline/freshness.ts'
import type { BenchRow } from './store.ts'
import { type StreamEvent, streamEvents } from './stream-events.ts'

const partitions = 6
/** The share of the stream that is judged is its end. */
const judgedFrom = 0.7
/** How long the debt may last after an overload. */
const payBackMsMax = 300_000
const tickMs = 10

/** For each of the files, as far as its first `eventsMax` events; without one on a made-up world. */
export async function liveBench(
  shop: Workshop,
  files: readonly string[],
  eventsMax = Number.POSITIVE_INFINITY,
): Promise<BenchRow[]> {
  return onServers(shop, async (place) => {
    const rows: BenchRow[] = []
    for (const file of files.length === 0 ? [undefined] : files) {
      const all = await streamEvents(file)
      const events = all.slice(0, eventsMax)
      const part = events.length < all.length ? `, first ${events.length}` : ''
      const name = file === undefined ? 'made-up' : basename(file).replace(/\..*$/, '')
      rows.push(...(await play(`${name}${part}`, events, place, shop.say)))
    }
    return rows
  })
}

async function play(
  name: string,
  events: readonly StreamEvent[],
  place: Place,
  say: (line: string) => void,
): Promise<BenchRow[]> {
  const lab = await inTheLab(events)
  say(`live: ${name}: prequential ${lab.hr10.toFixed(4)}, ${lab.micros.toFixed(0)} µs/event`)
  const backlog = await backlogCase(place, events, say)
  say(`live: ${name}: backlog ${backlog.toFixed(4)}`)
  const after = await overloadCase(place, events, 2e6 / lab.micros, say)
  return [
    row(`backlog ${name} hr10`, backlog, 'hr10', 'prequential', lab.hr10),
    row(`overload ${name} hr10 after`, after.hr10, 'hr10', 'prequential', lab.hr10),
    row(`overload ${name} shed while judged`, after.judgedShed, 'share', 'goal', 0.05),
    row(`overload ${name} shed at most`, after.shed, 'share', 'all of the work', 1),
    row(`overload ${name} debt at most`, after.debt, 'events', 'all', events.length),
    row(`overload ${name} debt paid after`, after.paidSeconds, 's', 'goal', 300),
  ]
}

async function inTheLab(events: readonly StreamEvent[]) {
  const { config } = readConfig({ flags: { seed }, env: {} })
  const log = events.map(({ user, item, time }) => {
    return { user: String(user), item: String(item), timestamp: time }
  })
  const before = process.cpuUsage()
  const result = await replay(arrivalsOf(log), {
    ...{ config, engine: createWasmEngine(), strict: false },
    nowMs: () => performance.now(),
    processorMs: () => process.cpuUsage().user / 1000,
  })
  const { user, system } = process.cpuUsage(before)
  return { hr10: result.quality.model!.last30.hr10!, micros: (user + system) / events.length }
}

async function onServers<T>(shop: Workshop, work: (place: Place) => Promise<T>): Promise<T> {
  const kafka = await startKafka(shop)
  const redis = await startRedis(shop, { fsync: 'everysec' })
  try {
    return await work({ brokers: kafka.brokers, redis: redis.url, partitions })
  } finally {
    await Promise.all([kafka.stop(), redis.stop()])
  }
}

/** The whole stream is in the topic before the worker starts. */
async function backlogCase(
  place: Place,
  events: readonly StreamEvent[],
  say: (line: string) => void,
): Promise<number> {
  const scene = await openScene(place)
  await scene.produce(realOf('', events, events.length).journal)
  const worker = await startLive(scene, 'backlog')
  const { last30 } = await worker.until(
    async (gauges) => gauges.debt === 0 && gauges.queued === 0 && (await scene.uncommitted()) === 0,
    say,
  )
  await worker.stop()
  await scene.close()
  return last30
}

/**
 * The first 70 % come too fast. Once the debt is paid the worker is stopped, and started again on the rest, for which
 * it takes the time that it needs: what is judged is what it has learned by then, not what it sheds on a busy machine.
 */
async function overloadCase(
  place: Place,
  events: readonly StreamEvent[],
  rate: number,
  say: (line: string) => void,
) {
  const scene = await openScene(place)
  const { journal } = realOf('', events, events.length)
  const cut = Math.floor(judgedFrom * journal.length)
  const worker = await startLive(scene, 'overload')
  const most = { shed: 0, debt: 0 }
  const watch = (gauges: Gauges) => {
    most.shed = Math.max(most.shed, gauges.shed)
    most.debt = Math.max(most.debt, gauges.debt)
  }
  const fast = sendAt(scene, journal.slice(0, cut), rate)
  let sent = false
  void fast.then(() => (sent = true))
  await worker.until(async (gauges) => {
    watch(gauges)
    return sent && gauges.applied >= cut && gauges.lag === 0 && gauges.queued === 0
  }, say)
  const endedMs = performance.now()
  await worker.until(async (gauges) => {
    watch(gauges)
    return gauges.debt === 0 || performance.now() - endedMs > payBackMsMax
  }, say)
  const paidSeconds = (performance.now() - endedMs) / 1000
  await worker.stop()
  const judged = await startLive(scene, 'overload', ['--overload', 'wait'])
  // What it read from the checkpoint: what the first one said last may be older than what it has learned.
  const before = await judged.until(async ({ measured }) => measured > 0, say)
  await scene.produce(journal.slice(cut), cut)
  let judgedShed = 0
  const end = await judged.until(async ({ applied, queued, shed }) => {
    judgedShed = Math.max(judgedShed, shed)
    return applied >= journal.length - cut && queued === 0 && (await scene.uncommitted()) === 0
  }, say)
  await judged.stop()
  await scene.close()
  const hr10 = (end.hits - before.hits) / (end.measured - before.measured)
  return { hr10, paidSeconds, judgedShed, ...most }
}

/** `rate`: events a second. */
export async function sendAt(scene: Scene, journal: readonly Entry[], rate: number): Promise<void> {
  const started = performance.now()
  for (let next = 0; next < journal.length; ) {
    const due = Math.ceil(((performance.now() - started) / 1000) * rate)
    const to = Math.min(journal.length, due)
    if (to > next) await scene.produce(journal.slice(next, to), next)
    next = Math.max(next, to)
    await delay(tickMs)
  }
}

function row(name: string, value: number, unit: string, against: string, other: number): BenchRow {
  const short = (number: number) => Number(number.toPrecision(4))
  const ratio = Number((value / other).toFixed(4))
  return { bench: 'live', case: name, value: short(value), unit, against, ratio }
}
