// Workers at work on a stream while processes around them are killed with SIGKILL at random: workers, Redis, the
// broker. Whoever died is started again. A kill waits until the one before is recovered from, so that each recovery is
// the cost of one kill; now and then a second process is killed in the middle of a recovery. What came out is held to
// the stream alone by the checker (verify.ts).

import { setTimeout as delay } from 'node:timers/promises'
import { createRandom } from '../../src/sample/random.ts'
import { endOf, type LogEnd, updatesTopic } from '../e2e/bases.ts'
import { makeJournal } from '../e2e/journal.ts'
import { openScene, type Scene } from '../e2e/scene.ts'
import { type Verdict, verify } from '../e2e/verify.ts'
import { startKafka } from '../servers/kafka.ts'
import { startRedis } from '../servers/redis/server.ts'
import type { Workshop } from '../servers/tools.ts'
import {
  membersNow,
  type Recovery,
  recovered,
  type Spread,
  spreadOf,
  type Victim,
} from './recovery.ts'
import { keepWorkers, type WorkerSet } from './worker-set.ts'

export interface ChaosOptions {
  readonly events: number
  readonly kills: number
  readonly seed: number
  readonly users: number
  /** Longest wait between a recovery and the next kill. */
  readonly pauseMsMax: number
  /** In the group, left out: two; and whether they share what they learn by an update log. */
  readonly workers?: number
  readonly shares?: boolean | undefined
  /** Hears every line of the workers. */
  readonly heard?: (worker: number, line: string) => void
}

export interface ChaosResult extends Verdict {
  readonly events: number
  readonly kills: number
  /** How often which victim was killed. */
  readonly victims: Readonly<Record<string, number>>
  /** Of kills that came alone: from the start of what was killed until every partition is served (recovery.ts). */
  readonly recoverySeconds: Spread & { readonly byVictim: Readonly<Record<string, VictimSpread>> }
  /** The same where a second process was killed in the middle of a recovery, from its start. */
  readonly twoAtOnceSeconds: Spread | null
  /** How the workers ended when asked to: 0 each. */
  readonly ends: readonly (number | string)[]
  /** Ends that nobody caused. */
  readonly surprises: readonly string[]
  /** What the update log says at the end; null: there is none. */
  readonly log: LogEnd | null
}

export interface VictimSpread extends Spread {
  /** The part of it until the group was whole. */
  readonly whole: Spread
}

const partitions = 6
const workersDefault = 2
const drainMsMax = 300_000
/** One kill in so many is followed by another before it is recovered from. */
const doubleEvery = 5
/** How long a kill and its recovery take, about: the stream lasts for that. */
const roundMs = 12_000

interface Server {
  kill(): Promise<void>
  start(): Promise<void>
}

export async function runChaos(shop: Workshop, options: ChaosOptions): Promise<ChaosResult> {
  const kafka = await startKafka(shop)
  const redis = await startRedis(shop)
  const scene = await openScene({ brokers: kafka.brokers, redis: redis.url, partitions })
  const { workers = workersDefault } = options
  const updates = options.shares === true ? await updatesTopic(scene) : undefined
  const shared = updates && { NEUPR_UPDATES: `kafka:${updates}` }
  const env = { NEUPR_CHECKPOINT_EVERY_SECONDS: '5', ...shared }
  const workerSet = keepWorkers(workers, scene, env, options.heard)
  try {
    const { events, seed, users } = options
    const journal = makeJournal({ events, users, items: 2_000, seed, badEvery: 997 })
    let isFed = false
    const feeding = feed(scene, journal, options.kills * roundMs).then(() => {
      isFed = true
    })
    const scenery = { workerSet, redis, kafka, shop, scene, isFed: () => isFed }
    const killed = await killAtRandom(options, scenery)
    await feeding
    shop.say('chaos: the last kill is over, waiting for the rest of the stream')
    await until(() => allListed(scene), drainMsMax, workerSet)
    const ends = await workerSet.stop()
    if (ends.some((end) => end !== 0)) shop.say(workerSet.words())
    const verdict = await verify(scene, journal)
    const surprises = workerSet.surprises()
    const log = updates === undefined ? null : await endOf(scene, updates, workerSet.names)
    return { ...verdict, events, kills: options.kills, ...killed, ends, surprises, log }
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
  const chunk = 50
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
  readonly isFed: () => boolean
}

/** A worker at 70 %, Redis at 20 %, the broker at 10 % of the kills. */
async function killAtRandom(options: ChaosOptions, scenery: Scenery) {
  const { kills, seed, pauseMsMax, workers = workersDefault } = options
  const { workerSet, redis, kafka, shop, scene, isFed } = scenery
  const random = createRandom(seed, 'kills')
  const victims: Record<Victim, number> = { worker: 0, redis: 0, broker: 0 }
  let done = 0

  /** Kills one and starts it again. */
  async function kill(): Promise<Victim> {
    const lot = random.unit()
    const victim = lot < 0.7 ? 'worker' : lot < 0.9 ? 'redis' : 'broker'
    victims[victim]++
    shop.say(`chaos: kill ${++done} of ${kills}: ${victim}`)
    if (victim === 'worker') await workerSet.killOne(random.below(workers))
    else await killAndStart(victim === 'redis' ? redis : kafka, 200 + random.unit() * 2_000)
    return victim
  }

  const alone: Recovery[] = []
  const twoAtOnce: Recovery[] = []
  // The first kill is to meet a group at work, not one that is about to begin.
  let before = await membersNow(scene)
  const wanted = { members: workers, isOver: isFed, withinMs: drainMsMax }
  await recovered(scene, { ...wanted, victim: 'broker', before })
  for (let round = 1; done < kills; round++) {
    await delay(random.unit() * pauseMsMax)
    before = await membersNow(scene)
    let victim = await kill()
    const isDouble = round % doubleEvery === 0 && done < kills
    if (isDouble) {
      await delay(random.unit() * pauseMsMax * 0.5)
      victim = await kill()
    }
    const recovery = await recovered(scene, { ...wanted, victim, before })
    const { seconds, wholeSeconds } = recovery
    shop.say(`chaos: served again after ${seconds.toFixed(1)} s, whole ${wholeSeconds.toFixed(1)}`)
    if (isDouble) twoAtOnce.push(recovery)
    else alone.push(recovery)
  }
  const of = (all: readonly Recovery[]): Spread => spreadOf(all.map(({ seconds }) => seconds))
  const byVictim: Record<string, VictimSpread> = {}
  for (const victim of Object.keys(victims)) {
    const own = alone.filter((one) => one.victim === victim)
    const whole = spreadOf(own.map(({ wholeSeconds }) => wholeSeconds))
    if (own.length > 0) byVictim[victim] = { ...of(own), whole }
  }
  const twoAtOnceSeconds = twoAtOnce.length > 0 ? of(twoAtOnce) : null
  return { victims, recoverySeconds: { ...of(alone), byVictim }, twoAtOnceSeconds }
}

async function killAndStart(server: Server, downMs: number): Promise<void> {
  await server.kill()
  await delay(downMs)
  await server.start()
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
