// One stream played to a group of workers, as processes, through Kafka and Redis.

import { setTimeout as delay } from 'node:timers/promises'
import { updatesTopic } from '../../e2e/bases.ts'
import type { Entry } from '../../e2e/journal.ts'
import { openScene, type Place, type Scene } from '../../e2e/scene.ts'
import type { Gauges } from '../live/gauges.ts'
import { type LiveWorker, startLive } from '../live/live-worker.ts'
import { sendAt } from '../live.ts'
import { realOf } from '../pipeline/freshness.ts'
import { streamEvents } from '../stream-events.ts'
import { type ThreadTimes, threadsGrown, threadTimesOf } from './thread-times.ts'

/** The share of the stream that is judged is its end. */
export const judgedFrom = 0.7
/** How long the workers are watched before anything comes. */
const idleMs = 5_000
const pollMs = 500
/** All is learned in full: what a busy machine would shed is not what is measured. */
const inFull = ['--overload', 'wait']

export interface GroupPlay {
  readonly place: Place
  readonly file: string | undefined
  readonly count: number
  /** Events a second. */
  readonly rate: number
  /** How many events from the start of the file are used; left out: all. */
  readonly events?: number | undefined
  readonly say: (line: string) => void
}

export interface Outcome {
  /** Of the last 30 %. */
  readonly hr10: number
  /** µs of processor time an event, of all workers together: of all events, and of the last 30 %. */
  readonly micros: number
  readonly lateMicros: number
  /** The same of the last 30 % by threads; undefined: not to be known here. */
  readonly threads: ThreadTimes | undefined
  /** Processor time of one worker a second of the last 30 %: what the pace takes of a core. */
  readonly cores: number
  /** ms of processor time a second of one worker to which nothing comes. */
  readonly idle: number
  readonly lists: number
  /** Of the update log, an event. */
  readonly bytes: number
}

/** A group that has joined, and what comes to it. */
export interface OpenGroup {
  readonly scene: Scene
  readonly workers: readonly LiveWorker[]
  readonly journal: readonly Entry[]
  /** undefined: they share nothing. */
  readonly updates: string | undefined
  start(name: string): Promise<LiveWorker>
  look(): Promise<readonly Gauges[]>
  /** The same once all that was sent is learned. */
  settled(): Promise<readonly Gauges[]>
  close(): Promise<void>
}

export async function openGroup(play: GroupPlay, shares: boolean): Promise<OpenGroup> {
  const scene = await openScene(play.place)
  const all = (await streamEvents(play.file)).slice(0, play.events)
  const { journal } = realOf('', all, all.length)
  const updates = shares ? await updatesTopic(scene) : undefined
  const args = updates === undefined ? inFull : [...inFull, '--updates', `kafka:${updates}`]
  const workers: LiveWorker[] = []
  async function start(name: string): Promise<LiveWorker> {
    const worker = await startLive(scene, name, args)
    workers.push(worker)
    return worker
  }
  const look = () => Promise.all(workers.map((one) => one.until(async () => true, play.say)))
  await Promise.all(Array.from({ length: play.count }, (_, k) => start(`worker-${k}`)))
  return {
    ...{ scene, workers, journal, updates, start, look },
    async settled() {
      while ((await scene.uncommitted()) > 0) await delay(pollMs)
      return look()
    },
    async close() {
      for (const one of workers) await one.stop()
      await scene.close()
    },
  }
}

export async function playGroup(play: GroupPlay & { readonly shares: boolean }): Promise<Outcome> {
  const { scene, workers, journal, updates, look, settled, close } = await openGroup(
    play,
    play.shares,
  )
  const cut = Math.floor(judgedFrom * journal.length)
  const joined = await look()
  await delay(idleMs)
  const before = await look()
  await sendAt(scene, journal.slice(0, cut), play.rate)
  const middle = await settled()
  const times = () => workers.map(({ pid }) => threadTimesOf(pid))
  const [middleMs, middleTimes] = [performance.now(), times()]
  await sendAt(scene, journal.slice(cut), play.rate)
  const end = await settled()
  const seconds = (performance.now() - middleMs) / 1_000
  const threads = threadsGrown(middleTimes, times())
  const bytes = updates === undefined ? 0 : await bytesOf(scene, updates)
  await close()
  const late = journal.length - cut
  const each = (seconds: number, events: number): number => (1e6 * seconds) / events
  const micros = (from: readonly Gauges[], events: number): number =>
    each(grown(from, end, 'cpuSeconds'), events)
  return {
    hr10: grown(middle, end, 'hits') / grown(middle, end, 'measured'),
    micros: micros(before, journal.length),
    lateMicros: micros(middle, late),
    threads: threads && {
      main: each(threads.main, late),
      trainer: each(threads.trainer, late),
      others: each(threads.others, late),
    },
    cores: grown(middle, end, 'cpuSeconds') / (seconds * play.count),
    idle: (1e6 * grown(joined, before, 'cpuSeconds')) / (idleMs * play.count),
    lists: grown(before, end, 'lists') / journal.length,
    bytes: bytes / journal.length,
  }
}

/** By how much all together have grown. */
export function grown(from: readonly Gauges[], to: readonly Gauges[], of: keyof Gauges): number {
  return to.reduce((sum, gauges, k) => sum + gauges[of] - (from[k]?.[of] ?? 0), 0)
}

async function bytesOf(scene: Scene, topic: string): Promise<number> {
  const records = await scene.kafka.read(topic)
  return records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
}
