// A small made-up stream for tests of the learning side: batches of events, and a core that has learned them.

import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { type Config, readConfig } from '../../src/config.ts'
import type { RankedList, TrainerBatch } from '../../src/messages.ts'
import type { Checkpoint } from '../../src/ports/checkpoint-store.ts'
import { createIds } from '../../src/remember/ids.ts'
import { trainerBatch } from '../../src/remember/remember.ts'
import { type Core, createCore } from '../../src/trainer/loop/core.ts'
import { createWorld } from '../../src/world/world.ts'

/** Events of batches that the stream is cut into, unless said otherwise. */
const batchEvents = 100

export function configOf(flags: Record<string, unknown>): Config {
  return readConfig({ flags: { deterministic: true, seed: 7, ...flags }, env: {} }).config
}

export interface Cuts {
  /** Events of the next batch. */
  readonly size: () => number
  /** Whether a batch without events, as of dead letters alone, comes before it. */
  readonly empty: () => boolean
}

/** The first `events` of a world of 200 users and 240 items with shared tastes. */
export function streamOf(events: number, cuts?: Cuts): TrainerBatch[] {
  const world = createWorld({ seed: 3, users: 200, items: 240, events, days: 20, topics: 6 })
  const users = createIds(1_000)
  const items = createIds(1_000)
  const batches: TrainerBatch[] = []
  const all = [...world.interactions()]
  const nothing = { events: [], offsets: [], forgotten: [] }
  for (let from = 0, size = 0; from < all.length; from += size) {
    if (cuts?.empty()) {
      const facts = { stream: 'world', nextOffset: from, dead: { not_json: 1 }, skipped: {} }
      batches.push(trainerBatch(nothing, facts, users, items).batch)
    }
    size = cuts?.size() ?? batchEvents
    const some = all.slice(from, from + size)
    const offsets = some.map((_, k) => from + k)
    const facts = { stream: 'world', nextOffset: from + some.length, dead: {}, skipped: {} }
    const segment = { events: some, offsets, forgotten: [] }
    batches.push(trainerBatch(segment, facts, users, items).batch)
  }
  return batches
}

export function coreOf(config: Config, resume?: Checkpoint): Core {
  return createCore({ config, engine: createWasmEngine(), versionBase: 0, resume })
}

/** Learns the batches, with a round of ranking after each. */
export function play(core: Core, batches: readonly TrainerBatch[]): RankedList[] {
  const lists: RankedList[] = []
  for (const batch of batches) {
    core.take(batch, 0)
    while (core.hasWork) core.turn(64, 0)
    core.turn(1, 0)
    lists.push(...core.rank(0))
  }
  return lists
}
