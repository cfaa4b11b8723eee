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
import { feed } from './feed.ts'
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
  /** The pace of the stream until the last kill is over; what is left then is sent as fast as the broker takes it. */
  readonly eventsPerSecond: number
  readonly kills: number
  readonly seed: number
  readonly users: number
  /** Longest wait between a recovery and the next kill. */
  readonly pauseMsMax: number
  /** Who is killed, one after the other and from the start again; left out: drawn by chance. */
  readonly victims?: readonly Victim[]
  /** As in scene.ts. */
  readonly smallModel?: boolean
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
/** What is left of the stream gets less within this time, or something stands still. */
const drainMsMax = 60_000
/** What is left is told this often. */
const tellMs = 10_000
const recoveryMsMax = 120_000
/** One kill in this many is followed by another before it is recovered from. */
const doubleEvery = 5

interface Server {
  kill(): Promise<void>
  start(): Promise<void>
}

export async function runChaos(shop: Workshop, options: ChaosOptions): Promise<ChaosResult> {
  const kafka = await startKafka(shop)
  const redis = await startRedis(shop)
  const { workers = workersDefault, smallModel } = options
  const place = { brokers: kafka.brokers, redis: redis.url, partitions, smallModel }
  const scene = await openScene(place)
  const updates = options.shares === true ? await updatesTopic(scene) : undefined
  const shared = updates && { NEUPR_UPDATES: `kafka:${updates}` }
  const env = { NEUPR_CHECKPOINT_EVERY_SECONDS: '5', ...shared }
  const workerSet = keepWorkers(workers, scene, env, options.heard)
  try {
    const { events, eventsPerSecond, seed, users } = options
    const journal = makeJournal({ events, users, items: 2_000, seed, badEvery: 997 })
    const feeding = feed(scene, journal, (events / eventsPerSecond) * 1000)
    const scenery = { workerSet, redis, kafka, shop, scene, isFed: feeding.isOver }
    const killed = await killInTurn(options, scenery).catch((error) => {
      shop.say(`chaos: the workers' last words:\n${workerSet.words()}`)
      throw error
    })
    shop.say('chaos: the last kill is over, waiting for the rest of the stream')
    feeding.hurry()
    await feeding.ended
    await untilAllListed(scene, workerSet, shop.say)
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

interface Scenery {
  readonly workerSet: WorkerSet
  readonly redis: Server
  readonly kafka: Server
  readonly shop: Workshop
  readonly scene: Scene
  readonly isFed: () => boolean
}

/** As `victims` says, or by chance: a worker at 70 %, Redis at 20 %, the broker at 10 % of the kills. */
async function killInTurn(options: ChaosOptions, scenery: Scenery) {
  const { kills, seed, pauseMsMax, workers = workersDefault, victims: named = [] } = options
  const { workerSet, redis, kafka, shop, scene, isFed } = scenery
  const random = createRandom(seed, 'kills')
  const victims: Record<Victim, number> = { worker: 0, redis: 0, broker: 0 }
  let done = 0

  /** Kills one and starts it again. */
  async function kill(): Promise<Victim> {
    const lot = random.unit()
    const drawn = lot < 0.7 ? 'worker' : lot < 0.9 ? 'redis' : 'broker'
    const victim = named[done % named.length] ?? drawn
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
  const wanted = { members: workers, isOver: isFed, withinMs: recoveryMsMax }
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

/** Until everything is committed and no list is owed for it. @throws Error when it no longer gets less */
async function untilAllListed(
  scene: Scene,
  workerSet: WorkerSet,
  say: Workshop['say'],
): Promise<void> {
  let least = Number.POSITIVE_INFINITY
  let deadline = 0
  let toldAt = performance.now()
  for (;;) {
    const [records, lists] = [await scene.uncommitted(), await scene.owed()]
    const left = records + lists
    if (left === 0) return
    if (performance.now() - toldAt > tellMs) {
      toldAt = performance.now()
      say(`chaos: ${records} records to be committed, ${lists} users owed a list`)
    }
    if (left < least) deadline = performance.now() + drainMsMax
    least = Math.min(least, left)
    if (performance.now() > deadline) {
      const words = workerSet.words()
      throw new Error(
        `${left} are not done, and no fewer for long; the workers' last words:\n${words}`,
      )
    }
    await delay(500)
  }
}
