// A world that is larger than the bounds of the model: its events as the main side hands them to the trainer.

import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import type { RankedList, TrainerBatch } from '../../src/messages.ts'
import type { Checkpoint } from '../../src/ports/checkpoint-store.ts'
import { createIds } from '../../src/remember/ids.ts'
import { trainerBatch } from '../../src/remember/remember.ts'
import { type Core, createCore } from '../../src/trainer/loop/core.ts'
import type { Interaction } from '../../src/types.ts'
import { createWorld } from '../../src/world/world.ts'
import { configOf } from './stream.ts'

export interface Bounds {
  readonly users: number
  readonly items: number
}

/** Of 200 users and 240 items. */
function eventsOf(events: number): Interaction[] {
  const world = createWorld({ seed: 3, users: 200, items: 240, events, days: 20, topics: 6 })
  return [...world.interactions()].map((event, k) => {
    return k % 11 === 10 ? { ...event, action: 'REMOVE' as const } : event
  })
}

/** Makes batches of the events as they come; `resume`: begins with the names of a checkpoint. */
export function createMainSide(bounds: Bounds, resume?: Checkpoint) {
  const idsOf = (kind: 'users' | 'items', evictedShare: number) =>
    createIds(bounds[kind], {
      known: resume?.texts.get(kind),
      seen: resume?.tensors.get(`${kind}.seen`)?.data,
      evictedShare,
    })
  const users = idsOf('users', 0)
  const items = idsOf('items', 1 / 10)
  return {
    users,
    items,
    /** Events `from` … of the stream, which go to the trainer at once. */
    batch(events: readonly Interaction[], from: number): TrainerBatch {
      const offsets = events.map((_, k) => from + k)
      const nextOffset = from + events.length
      const facts = { stream: 'world', nextOffset, dead: {}, skipped: {} }
      const segment = { events: [...events], offsets, forgotten: [] }
      return trainerBatch(segment, facts, users, items).batch
    },
  }
}

export const bounds = { users: 60, items: 50 }
/** The stream. */
export const all = eventsOf(2_400)
const small = { factors: 4, depth: 3 }
const few = { probeUsersMax: 40, listStaleEvents: 1_000, neighboursPerItemMax: 8 }
const config = configOf({ ...small, ...few })

export function coreOf(resume?: Checkpoint, flags: Record<string, unknown> = {}): Core {
  const own = configOf({ ...config, ...flags })
  return createCore({ config: own, engine: createWasmEngine(), versionBase: 0, resume })
}

export interface Seen {
  readonly core: Core
  readonly lists: readonly RankedList[]
}

/** Works on events `from` … `to`-1 in batches of `size`, with a round of ranking every 60 events. */
export function play(
  core: Core,
  main: ReturnType<typeof createMainSide>,
  [from, to]: readonly [number, number],
  size: number,
  look?: (seen: Seen) => void,
): void {
  for (let at = from; at < to; ) {
    const end = Math.min(to, at + size, (Math.floor(at / 60) + 1) * 60)
    core.take(main.batch(all.slice(at, end), at), 0)
    while (core.queued > 0) core.turn(64, 0)
    core.turn(1, 0)
    at = end
    if (at % 60 > 0) continue
    const lists = core.rank(0)
    look?.({ core, lists })
  }
}
