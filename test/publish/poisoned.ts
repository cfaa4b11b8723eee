// A stream that goes bad for a while, and a worker without threads or clocks that learns from it with or without the
// gate: the same numbers every time. Time passes by the event, so reports come at the same events always.

import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../src/config.ts'
import type { TrainerStats } from '../../src/messages.ts'
import { createMetrics, Registry } from '../../src/metrics.ts'
import type { Engine } from '../../src/ports/engine.ts'
import { createGateKeeper } from '../../src/publish/gate-keeper.ts'
import { createOwnership } from '../../src/publish/ownership.ts'
import { createPublisher } from '../../src/publish/publish.ts'
import { createIds } from '../../src/remember/ids.ts'
import { trainerBatch } from '../../src/remember/remember.ts'
import { createRandom } from '../../src/sample/random.ts'
import { createTrainerInPlace } from '../../src/trainer/loop/in-place.ts'
import type { Interaction, TopList } from '../../src/types.ts'
import { createWorld } from '../../src/world/world.ts'
import { silent } from '../adapters/http/feed.ts'
import { createMemoryCheckpointStore } from '../adapters/memory/memory-checkpoint-store.ts'

export interface Poisoning {
  readonly seed: number
  readonly events: number
  /** In events of the stream: who likes what is drawn at random from here to there. */
  readonly from: number
  readonly to: number
  readonly gate: boolean
  readonly engine?: Engine
  readonly settings?: Readonly<Record<string, unknown>>
}

export interface Point {
  readonly events: number
  readonly model: number
  readonly popularity: number
  readonly held: boolean
  readonly rollbacks: number
}

export interface Course {
  readonly points: readonly Point[]
  readonly lists: readonly { readonly at: number; readonly list: TopList }[]
  readonly told: readonly string[]
}

const batchSize = 100
/** 1,000 events a second: a report every 500 events. */
const msPerEvent = 1

/** The world's events, with random pairs of people and items in their place for a while. */
export function* poisoned({ seed, events, from, to }: Poisoning): Generator<Interaction> {
  const world = createWorld({ seed, events })
  const random = createRandom(seed, 'poison')
  const names = world.items
  let at = 0
  for (const event of world.interactions()) {
    const bad = at >= from && at < to
    at++
    if (!bad) yield event
    else {
      const user = world.users[random.below(world.users.length)]!
      yield { ...event, action: 'ADD', user, item: names[random.below(names.length)]! }
    }
  }
}

export async function play(poisoning: Poisoning): Promise<Course> {
  const { gate: enabled, seed } = poisoning
  const flags = { gate: enabled, seed, checkpointEverySeconds: 3, ...poisoning.settings }
  const { config } = readConfig({ flags, env: {} })
  const [users, items] = [createIds(1e6), createIds(1e6)]
  const points: Point[] = []
  const lists: { at: number; list: TopList }[] = []
  const told: string[] = []
  let events = 0
  let rollbacks = 0
  const log = (message: string) => void told.push(`${events}: ${message}`)
  const logger = { ...silent, warn: log, info: log, error: log }
  const now = () => events * msPerEvent
  const metrics = createMetrics(new Registry(), {
    ...{ version: '0', engine: 'arrays', model: 'nbpr', now, process: false },
  })
  const ownership = createOwnership({ now })
  const publisher = createPublisher({
    sink: { write: async () => undefined, close: async () => undefined },
    encode: ({ user }) => ({ key: user, value: new Uint8Array(1) }),
    userName: users.name,
    itemName: items.name,
    generatedAt: now,
    waitingMax: 10_000,
    ownership,
    retrying: (_, work) => work(),
    onWritten: (written) => void lists.push(...written.lists.map((list) => ({ at: events, list }))),
  })
  const reports: TrainerStats[] = []
  const trainer = createTrainerInPlace({
    config,
    engine: poisoning.engine ?? createWasmEngine(),
    checkpoints: createMemoryCheckpointStore({ kept: config.checkpointsKept }),
    nextGeneration: 1,
    versionBase: 0,
    nowMs: now,
    report(report) {
      if (report.kind === 'lists') publisher.lists(report.lists)
      else if (report.kind === 'stats') reports.push(report.stats)
    },
  })
  const counting = {
    relist: trainer.relist,
    rollBack: async (eventsMax: number) => {
      rollbacks++
      return trainer.rollBack(eventsMax)
    },
  }
  const gate = createGateKeeper({
    ...{ config, logger, metrics, publisher, ownership },
    trainer: counting,
  })

  async function offer(batch: readonly Interaction[]): Promise<void> {
    const offsets = batch.map((_, k) => events + k)
    const facts = { stream: 's', nextOffset: events + batch.length, dead: {}, skipped: {} }
    events += batch.length
    const segment = { events: [...batch], offsets, forgotten: [] }
    await trainer.offer(trainerBatch(segment, facts, users, items).batch)
    for (const stats of reports.splice(0)) {
      const { model, popularity } = stats.quality.window
      gate.report(stats)
      await gate.idle()
      const ratio = (sums: typeof model) => (sums?.events ? sums.hits / sums.events : 0)
      const held = ownership.paused
      points.push({ events, model: ratio(model), popularity: ratio(popularity), held, rollbacks })
    }
    await publisher.flush()
  }

  let batch: Interaction[] = []
  for (const event of poisoned(poisoning)) {
    batch.push(event)
    if (batch.length < batchSize) continue
    await offer(batch)
    batch = []
  }
  if (batch.length > 0) await offer(batch)
  await trainer.close()
  return { points, lists, told }
}
