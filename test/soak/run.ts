// `npm run soak`: one worker under full training load for ten minutes, on servers of its own. Says whether its group
// was ever rebalanced, whether its memory grows and how long its event loop is busy at a stretch.

import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { makeJournal } from '../e2e/journal.ts'
import { openScene, type Scene } from '../e2e/scene.ts'
import { startWorker } from '../e2e/worker-process.ts'
import { readCommandLine, wholeNumber } from '../runner/command-line.ts'
import { startKafka } from '../servers/kafka.ts'
import { freePort } from '../servers/ports.ts'
import { startRedis } from '../servers/redis/server.ts'
import { figuresOf, isFlat, type Sample } from './figures.ts'

const usage = `usage: npm run soak -- [--seconds N] [--json FILE]
One worker under full load for --seconds (600; 20 or more), and how its memory and its event loop fare.`
const { values } = readCommandLine(usage, {
  options: { seconds: { type: 'string', default: '600' }, json: { type: 'string' } },
})
const seconds = wholeNumber('seconds', values.seconds, 20)
const everySeconds = Math.min(5, seconds / 10)
/** Records that wait for the worker at all times. */
const backlog = 60_000
/** Each event is new to its user, and after a quarter of a million of them all sets are full and stay so. */
const world = { events: 20_000, users: 5_000, items: 3_000 }
const bounds = { NEUPR_POSITIVES_PER_USER_MAX: '50', NEUPR_REMOVALS_PER_USER_MAX: '50' }
const mebibyte = 1_048_576
const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Keeps records waiting until the signal: full load, whatever the worker's pace. */
async function feed(scene: Scene, signal: AbortSignal): Promise<void> {
  for (let round = 0; !signal.aborted; round++) {
    const startMs = 1_600_000_000_000 + round * world.events * 100
    await scene.produce(makeJournal({ ...world, seed: round, startMs }))
    while (!signal.aborted && (await scene.uncommitted()) > backlog) await delay(100)
  }
}

/** One value of the text of /metrics, all its labels added up. */
function metric(text: string, name: string): number {
  let sum = 0
  for (const line of text.split('\n')) {
    if (!line.startsWith(name) || !/[ {]/.test(line.charAt(name.length))) continue
    sum += Number(line.slice(line.lastIndexOf(' ') + 1))
  }
  return sum
}

async function sample(pid: number, port: number, sinceMs: number): Promise<Sample> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    seconds: (performance.now() - sinceMs) / 1000,
    rssMb: (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / mebibyte,
    eventLoopP99Ms: metric(text, 'nodejs_eventloop_lag_p99_seconds') * 1000,
    applied: metric(text, 'neupr_events_applied_total'),
    lists: metric(text, 'neupr_lists_published_total'),
    rebalances: metric(text, 'neupr_kafka_rebalances_total'),
  }
}

const shop = { env: process.env, say }
const kafka = await startKafka(shop)
const redis = await startRedis(shop, { fsync: 'everysec' })
const scene = await openScene({ brokers: kafka.brokers, redis: redis.url, partitions: 6 })
const port = await freePort()
const worker = startWorker(
  scene.args,
  scene.env('soak', { ...bounds, NEUPR_HTTP_PORT: String(port) }),
)
const stop = new AbortController()
try {
  await worker.said('joined the consumer group')
  const feeding = feed(scene, stop.signal)
  const startedMs = performance.now()
  const samples: Sample[] = []
  while (performance.now() - startedMs < seconds * 1000) {
    await delay(everySeconds * 1000)
    samples.push(await sample(worker.pid, port, startedMs))
    const { applied, rssMb } = samples.at(-1)!
    if (samples.length % 12 === 0) say(`${applied} events, ${Math.round(rssMb)} MB`)
  }
  stop.abort()
  await feeding
  worker.signal('SIGTERM')
  const end = await worker.ended
  const figures = figuresOf(samples)
  process.stdout.write(`${JSON.stringify({ ...figures, end }, null, 2)}\n`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures)}\n`)
  process.exitCode = figures.rebalances === 0 && isFlat(figures) && end === 0 ? 0 : 1
} finally {
  stop.abort()
  worker.signal('SIGKILL')
  await scene.close()
  await Promise.all([kafka.stop(), redis.stop()])
}
