// Two workers at work on a stream while processes around them are killed with SIGKILL at random: workers, Redis, the
// broker. Whoever died is started again. What came out is held to the stream alone by the checker (verify.ts).

import { setTimeout as delay } from 'node:timers/promises'
import { retryWhileCold } from '../../src/adapters/kafka/client/cold-broker.ts'
import { createRandom } from '../../src/sample/random.ts'
import { makeJournal } from '../e2e/journal.ts'
import { openScene, type Scene } from '../e2e/scene.ts'
import { type Verdict, verify } from '../e2e/verify.ts'
import { startKafka } from '../servers/kafka.ts'
import { startRedis } from '../servers/redis/server.ts'
import type { Workshop } from '../servers/tools.ts'
import { keepWorkers, type WorkerSet } from './worker-set.ts'

export interface ChaosOptions {
  readonly events: number
  readonly kills: number
  readonly seed: number
  readonly users: number
  /** Longest wait between two kills. */
  readonly pauseMsMax: number
}

export interface Recovery {
  readonly p50: number
  readonly max: number
}

export interface ChaosResult extends Verdict {
  readonly events: number
  readonly kills: number
  /** How often which victim was killed. */
  readonly victims: Readonly<Record<string, number>>
  /** From a kill until every partition that had records waiting has moved on. */
  readonly recoverySeconds: Recovery & { readonly byVictim: Readonly<Record<string, Recovery>> }
  /** How the workers ended when asked to: 0 each. */
  readonly ends: readonly (number | string)[]
  /** Ends that nobody caused. */
  readonly surprises: readonly string[]
}

const partitions = 6
const workers = 2
const drainMsMax = 300_000

interface Server {
  kill(): Promise<void>
  start(): Promise<void>
}

export async function runChaos(shop: Workshop, options: ChaosOptions): Promise<ChaosResult> {
  const kafka = await startKafka(shop)
  const redis = await startRedis(shop)
  const scene = await openScene({ brokers: kafka.brokers, redis: redis.url, partitions })
  const env = { NEUPR_KAFKA_SESSION_SECONDS: '6', NEUPR_CHECKPOINT_EVERY_SECONDS: '5' }
  const workerSet = keepWorkers(workers, scene, env)
  try {
    const { events, seed, users } = options
    const journal = makeJournal({ events, users, items: 2_000, seed, badEvery: 997 })
    const feeding = feed(scene, journal, (options.kills * options.pauseMsMax) / 2)
    const killed = await killAtRandom(options, { workerSet, redis, kafka, shop, scene })
    await feeding
    shop.say('chaos: the last kill is over, waiting for the rest of the stream')
    await until(() => allListed(scene), drainMsMax, workerSet)
    const ends = await workerSet.stop()
    if (ends.some((end) => end !== 0)) shop.say(workerSet.words())
    const verdict = await verify(scene, journal)
    const { victims, recoverySeconds } = killed
    const surprises = workerSet.surprises()
    return { ...verdict, events, kills: options.kills, victims, recoverySeconds, ends, surprises }
  } finally {
    workerSet.kill()
    await scene.close()
    await Promise.all([kafka.stop(), redis.stop()])
  }
}

/** Everything is committed, and no list is owed for it. */
async function allListed(scene: Scene): Promise<boolean> {
  return (await scene.uncommitted()) === 0 && (await scene.owed()) === 0
}

/** Sends all entries evenly over about so many ms, whatever happens to the broker. */
async function feed(
  scene: Scene,
  journal: ReturnType<typeof makeJournal>,
  overMs: number,
): Promise<void> {
  const chunk = 500
  const started = performance.now()
  for (let at = 0; at < journal.length; at += chunk) {
    await insist(() => scene.produce(journal.slice(at, at + chunk), at))
    const early = started + (overMs * at) / journal.length - performance.now()
    if (early > 0) await delay(early)
  }
}

async function insist(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await work()
      return
    } catch (error) {
      if (tries === 50) throw error
      await delay(200)
    }
  }
}

interface Scenery {
  readonly workerSet: WorkerSet
  readonly redis: Server
  readonly kafka: Server
  readonly shop: Workshop
  readonly scene: Scene
}

/** A worker at 70 %, Redis at 20 %, the broker at 10 % of the kills. */
async function killAtRandom({ kills, seed, pauseMsMax }: ChaosOptions, scenery: Scenery) {
  const { workerSet, redis, kafka, shop, scene } = scenery
  const random = createRandom(seed, 'kills')
  const victims: Record<string, number> = { worker: 0, redis: 0, broker: 0 }
  const recoveries: Promise<{ readonly name: string; readonly seconds: number }>[] = []
  for (let k = 0; k < kills; k++) {
    await delay(random.unit() * pauseMsMax)
    const lot = random.unit()
    const name = lot < 0.7 ? 'worker' : lot < 0.9 ? 'redis' : 'broker'
    const before = await progress(scene)
    victims[name] = (victims[name] ?? 0) + 1
    shop.say(`chaos: kill ${k + 1} of ${kills}: ${name}`)
    if (name === 'worker') workerSet.killOne(random.below(workers))
    else await killAndStart(name === 'redis' ? redis : kafka, 200 + random.unit() * 2_000)
    const killedAt = performance.now()
    recoveries.push(recovered(scene, before, killedAt).then((seconds) => ({ name, seconds })))
  }
  const all = await Promise.all(recoveries)
  const told = all.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)}`)
  shop.say(`chaos: seconds until it went on, by victim: ${told.join(', ')}`)
  const of = (name: string) => all.flatMap((one) => (one.name === name ? one.seconds : []))
  const names = Object.keys(victims).filter((name) => victims[name]! > 0)
  const byVictim = Object.fromEntries(names.map((name) => [name, recoveryOf(of(name))]))
  const recoverySeconds = { ...recoveryOf(all.map(({ seconds }) => seconds)), byVictim }
  return { victims, recoverySeconds }
}

function recoveryOf(seconds: readonly number[]): Recovery {
  const sorted = [...seconds].sort((a, b) => a - b)
  const rounded = (value = 0) => Math.round(value * 100) / 100
  return { p50: rounded(sorted[Math.floor(sorted.length / 2)]), max: rounded(sorted.at(-1)) }
}

async function killAndStart(server: Server, downMs: number): Promise<void> {
  await server.kill()
  await delay(downMs)
  await server.start()
}

/** Per partition: committed, and whether records wait behind it. */
async function progress(scene: Scene): Promise<Map<number, { at: number; waits: boolean }>> {
  const found = new Map<number, { at: number; waits: boolean }>()
  const { admin } = scene.kafka
  const place = { groupId: scene.group, topics: [scene.input] }
  const offsets = await retryWhileCold(() => admin.fetchTopicOffsets(scene.input))
  const [group] = await retryWhileCold(() => admin.fetchOffsets(place))
  for (const { partition, high } of offsets) {
    const one = group?.partitions.find((other) => other.partition === partition)
    const at = Number(one?.offset ?? -1)
    found.set(partition, { at, waits: Math.max(at, 0) < Number(high) })
  }
  return found
}

async function recovered(
  scene: Scene,
  before: Awaited<ReturnType<typeof progress>>,
  killedAt: number,
): Promise<number> {
  for (;;) {
    const now = await progress(scene).catch(() => undefined)
    const moved = (partition: number, at: number) => (now?.get(partition)?.at ?? at) > at
    const still = [...before].some(([partition, { at, waits }]) => waits && !moved(partition, at))
    if (now !== undefined && !still) return (performance.now() - killedAt) / 1000
    if (performance.now() - killedAt > drainMsMax) return Number.POSITIVE_INFINITY
    await delay(250)
  }
}

async function until(
  done: () => Promise<boolean>,
  withinMs: number,
  workerSet: WorkerSet,
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await done())) {
    if (performance.now() > deadline) {
      throw new Error(
        `the stream was not done in time; the workers' last words:\n${workerSet.words()}`,
      )
    }
    await delay(500)
  }
}
