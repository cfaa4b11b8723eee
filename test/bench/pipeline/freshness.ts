// How long from an event's sending until the list that reflects it can be read from the output topic, at a steady pace
// with training on; on made-up events, or on those of a file. The list tells which record it reflects.

import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { decodeList } from '../../../src/publish/encode.ts'
import type { Interaction } from '../../../src/types.ts'
import { createCodec } from '../../../src/wire/avro.ts'
import { interactionSchema } from '../../../src/wire/schemas.ts'
import { type Entry, makeJournal } from '../../e2e/journal.ts'
import type { Scene } from '../../e2e/scene.ts'
import { startWorker } from '../../e2e/worker-process.ts'
import type { BenchRow } from '../store.ts'
import type { StreamEvent } from '../stream-events.ts'

const seconds = 25
/** The first lists come from a cold model and a cold process. */
const warmSeconds = 5
const tickMs = 10
const pollMs = 500

export interface Played {
  readonly name: string
  readonly journal: readonly Entry[]
}

/** Noise: the hardest case, as nearly every event changes a list. */
export function madeUp(rate: number): Played {
  const size = { events: rate * seconds, users: 6_000, items: 3_700 }
  return { name: 'made-up', journal: makeJournal({ ...size, seed: rate }) }
}

/** The first events of a real stream, as many as are played. */
export function realOf(name: string, events: readonly StreamEvent[], rate: number): Played {
  return { name, journal: entriesOf(events.slice(0, rate * seconds)) }
}

/** Users and items by their numbers in the stream: `user-0`, `item-0`. */
export function entriesOf(events: readonly StreamEvent[]): Entry[] {
  const codec = createCodec<Interaction>(interactionSchema)
  return events.map((one) => {
    const [user, item] = [`user-${one.user}`, `item-${one.item}`]
    const event: Interaction = { user, item, timestamp: one.time, action: 'ADD' }
    return { key: user, value: Buffer.from(codec.encode(event)), event }
  })
}

/** How long a list took, in ms. */
export interface Wait {
  /** From the event's sending until the list can be read. */
  readonly ms: number
  /** Of these, until the list was ranked. */
  readonly rankedMs: number
}

/** A worker that events are played to at a steady pace. */
export interface PacedWorker {
  /** One of each list, the shortest first. `rate`: events a second. */
  waits(rate: number, journal: readonly Entry[]): Promise<Wait[]>
  /** Once nothing that was played waits any more. */
  settled(): Promise<void>
  /** The code that it ends with: 1 where it has more to do than its time to stop allows. */
  end(): Promise<0 | 1>
}

/** Whose checkpoints, if there are any, the worker starts from: a folder of the scene's. */
export const workerName = 'paced'

export async function startPaced(scene: Scene): Promise<PacedWorker> {
  const worker = startWorker(scene.args, scene.env(workerName))
  await worker.said('joined the consumer group')
  return {
    async settled() {
      while ((await scene.uncommitted()) + (await scene.owed()) > 0) await delay(pollMs)
    },
    async waits(rate, journal) {
      const seen: Seen[] = []
      const stop = await follow(scene, (one) => seen.push(one))
      const sent = await pace(scene, rate, journal)
      await delay(3_000)
      await stop()
      return seen
        .flatMap(({ place, at, rankedAt }): Wait[] => {
          const sentAt = sent.get(place)
          if (sentAt === undefined) return []
          return [{ ms: at - sentAt, rankedMs: rankedAt - sentAt }]
        })
        .sort((a, b) => a.ms - b.ms)
    },
    async end() {
      worker.signal('SIGTERM')
      const end = await worker.ended
      if (end === 0 || end === 1) return end
      throw new Error(`the worker ended with ${end}:\n${worker.lines.slice(-5).join('\n')}`)
    },
  }
}

/** A list as it is read: which record it reflects, and when it came and was ranked, as performance.now() tells. */
interface Seen {
  readonly place: string
  readonly at: number
  readonly rankedAt: number
}

/** `rate`: events a second. */
export async function freshness(
  scene: Scene,
  rate: number,
  { name: stream, journal }: Played,
): Promise<BenchRow[]> {
  const worker = await startPaced(scene)
  const waits = await worker.waits(rate, journal)
  const end = await worker.end()
  if (end !== 0) throw new Error(`at ${rate} events a second the worker ended with ${end}`)
  const goals = { p50: 50, p99: 250 }
  const at = (share: number) =>
    waits[Math.min(waits.length - 1, Math.floor(share * waits.length))]?.ms
  return [
    { name: 'p50', value: at(0.5), goal: goals.p50 },
    { name: 'p99', value: at(0.99), goal: goals.p99 },
  ].map(({ name, value = Number.NaN, goal }) => ({
    bench: 'pipeline',
    case: `freshness ${name} at ${rate} events/s, ${stream}, ${waits.length} lists`,
    value: Number(value.toFixed(1)),
    unit: 'ms',
    against: `goal ${goal}`,
    ratio: Number((value / goal).toFixed(3)),
  }))
}

/** By partition/offset: when the record was handed to the producer. Leaves out the first seconds. */
async function pace(
  scene: Scene,
  rate: number,
  journal: readonly Entry[],
): Promise<Map<string, number>> {
  const producer = scene.kafka.kafka.producer()
  await producer.connect()
  const sent = new Map<string, number>()
  const sending: Promise<void>[] = []
  const started = performance.now()
  let next = 0
  const send = async (some: readonly Entry[], at: number): Promise<void> => {
    const messages = some.map(({ key, value }) => {
      return { key, value, partition: Number(key.slice(5)) % scene.partitions }
    })
    const replies = await producer.send({ topic: scene.input, messages })
    if (at - started < warmSeconds * 1000) return
    for (const { partition, baseOffset } of replies) {
      messages
        .filter((one) => one.partition === partition)
        .forEach((_, n) => {
          sent.set(`${scene.input}/${partition}@${Number(baseOffset) + n}`, at)
        })
    }
  }
  while (next < journal.length) {
    const now = performance.now()
    const due = Math.min(journal.length, Math.ceil(((now - started) / 1000) * rate))
    if (due > next) sending.push(send(journal.slice(next, due), now))
    next = Math.max(next, due)
    await delay(tickMs)
  }
  await Promise.all(sending)
  await producer.disconnect()
  return sent
}

/** Tells of each new list as soon as it can be read. */
async function follow(scene: Scene, tell: (seen: Seen) => void): Promise<() => Promise<void>> {
  const consumer = scene.kafka.kafka.consumer({ groupId: `reader-${randomUUID()}` })
  await consumer.connect()
  await consumer.subscribe({ topic: scene.lists, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message: { value } }) => {
      if (value === null) return
      const at = performance.now()
      const { position, generatedAt } = decodeList(value)
      const rankedAt = generatedAt - performance.timeOrigin
      tell({ place: `${position.stream}@${position.offset}`, at, rankedAt })
    },
  })
  return () => consumer.disconnect()
}
