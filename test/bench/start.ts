// From the start of the process to the first list, with 200,000 and 1,000,000 users in Redis, with a checkpoint that
// knows them and without one: on a real Kafka and a real Redis of its own. An event waits in the topic before the
// worker starts, so the first list is the answer to it. And after kill -9 (start/kills.ts).

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { openScene, type Place, type Scene } from '../e2e/scene.ts'
import { startWorker, type WorkerProcess } from '../e2e/worker-process.ts'
import { startKafka } from '../servers/kafka.ts'
import { type RedisServer, startRedis } from '../servers/redis/server.ts'
import type { Workshop } from '../servers/tools.ts'
import { killRows } from './start/kills.ts'
import { eventEntry, fillStore, knowingCheckpoint } from './start/prepare.ts'
import type { BenchRow } from './store.ts'

/** Longest time from the start to the first list with a checkpoint, in seconds, by the users there are at most. */
const goals = [
  { users: 200_000, seconds: 3 },
  { users: Number.POSITIVE_INFINITY, seconds: 5 },
]
const listMsMax = 300_000
const pollMs = 20

/** `sizes`: users in Redis; `kills`: of each group. */
export async function startBench(
  shop: Workshop,
  { sizes, kills }: { readonly sizes: readonly number[]; readonly kills: number },
): Promise<BenchRow[]> {
  const kafka = await startKafka(shop)
  const redis = await startRedis(shop, { fsync: 'everysec' })
  const place = { brokers: kafka.brokers, redis: redis.url, partitions: 6 }
  const rows: BenchRow[] = []
  try {
    for (const users of sizes) rows.push(...(await rowsOf(shop, place, redis, users)))
    rows.push(...(await killRows(place, kills, shop.say)))
  } finally {
    await Promise.all([kafka.stop(), redis.stop()])
  }
  return rows
}

async function rowsOf(
  { say }: Workshop,
  place: Place,
  redis: RedisServer,
  users: number,
): Promise<BenchRow[]> {
  const scene = await openScene(place)
  try {
    const begunMs = performance.now()
    await fillStore(redis.admin, scene.prefix, users)
    await knowingCheckpoint(join(scene.folder, 'one'), users)
    say(`start: ${users} users are in Redis after ${secondsSince(begunMs).toFixed(0)} s`)
    const goal = goals.find((one) => users <= one.users)!.seconds
    const name = `${users} users`
    const withOne = await firstList(scene, 1)
    // The checkpoint that the last one wrote goes, too.
    rmSync(join(scene.folder, 'one'), { recursive: true, force: true })
    const without = await firstList(scene, 2)
    return [
      row(`${name}, with a checkpoint`, withOne, 'goal', goal),
      row(`${name}, without one`, without, 'with one', withOne),
    ]
  } finally {
    await scene.close()
    await redis.admin.flushall()
  }
}

/** `round` makes the event a new one. */
async function firstList(scene: Scene, round: number): Promise<number> {
  await scene.produce([eventEntry(round)], round)
  // A broker that has just started has no groups yet, and takes a second to find that out.
  await scene.uncommitted()
  const before = await listsIn(scene)
  const startedMs = performance.now()
  const worker = startWorker(scene.args, scene.env('one'))
  const seconds = await orEnded(worker, untilListed(scene, before, startedMs))
  worker.signal('SIGTERM')
  const end = await worker.ended
  if (end !== 0) throw new Error(`ended with ${end}:\n${worker.lines.slice(-5).join('\n')}`)
  return seconds
}

async function untilListed(scene: Scene, before: number, startedMs: number): Promise<number> {
  while ((await listsIn(scene)) === before) {
    if (performance.now() - startedMs > listMsMax) throw new Error('no list came')
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  return secondsSince(startedMs)
}

async function listsIn(scene: Scene): Promise<number> {
  const ends = await scene.kafka.admin.fetchTopicOffsets(scene.lists)
  return ends.reduce((sum, { high }) => sum + Number(high), 0)
}

async function orEnded<T>(worker: WorkerProcess, work: Promise<T>): Promise<T> {
  const ended = worker.ended.then((code) => {
    throw new Error(`the worker ended with ${code}:\n${worker.lines.slice(-8).join('\n')}`)
  })
  return Promise.race([work, ended])
}

function secondsSince(ms: number): number {
  return (performance.now() - ms) / 1000
}

function row(name: string, seconds: number, against: string, other: number): BenchRow {
  const value = Number(seconds.toFixed(2))
  const shown = `${against} ${Number(other.toFixed(2))} s`
  return {
    ...{ bench: 'start', case: name, value, unit: 's', against: shown },
    ratio: Number((seconds / other).toFixed(3)),
  }
}
