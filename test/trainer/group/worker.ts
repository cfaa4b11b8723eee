// A worker of a group for tests: a trainer in place, its ids, and the update log as an array.

import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import type { TrainerReport } from '../../../src/messages.ts'
import type { Checkpoint } from '../../../src/ports/checkpoint-store.ts'
import { createIds } from '../../../src/remember/ids.ts'
import { trainerBatch } from '../../../src/remember/remember.ts'
import { snapshotBatch } from '../../../src/remember/snapshot-batch.ts'
import type { GroupState } from '../../../src/requests.ts'
import { updatesNextOf } from '../../../src/trainer/group/saved-group.ts'
import { createTrainerInPlace } from '../../../src/trainer/loop/in-place.ts'
import type { Interaction } from '../../../src/types.ts'
import { decodeUpdate } from '../../../src/updates/encode.ts'
import { createWorld } from '../../../src/world/world.ts'
import { createMemoryCheckpointStore } from '../../adapters/memory/memory-checkpoint-store.ts'
import { configOf } from '../stream.ts'

export const config = configOf({ factors: 4, negatives: 2, choices: 2 })

/** Events of a small world, divided by user among `count` streams. */
export function streamsOf(count: number, events: number): Interaction[][] {
  const world = createWorld({ seed: 5, users: 60, items: 80, events, days: 9, topics: 4 })
  const streams = Array.from({ length: count }, (): Interaction[] => [])
  const of = new Map<string, number>()
  for (const event of world.interactions()) {
    if (!of.has(event.user)) of.set(event.user, of.size % count)
    streams[of.get(event.user)!]!.push(event)
  }
  return streams
}

export type GroupWorker = ReturnType<typeof startWorker>

export function startWorker(
  author: string,
  log: Uint8Array[],
  resume?: Checkpoint,
  itemsMax = 1_000,
  settings = config,
) {
  const users = createIds(100_000, { known: resume?.texts.get('users') })
  const items = createIds(itemsMax, { known: resume?.texts.get('items') })
  const checkpoints = createMemoryCheckpointStore({ kept: 2 })
  const reports: TrainerReport[] = []
  const trainer = createTrainerInPlace({
    ...{ config: settings, engine: createWasmEngine(), checkpoints, resume, versionBase: 0 },
    nextGeneration: (resume?.generation ?? 0) + 1,
    group: { author, numbersMax: 1e6 },
    nowMs: () => 0,
    report: (report) => reports.push(report),
  })
  let next = (resume && updatesNextOf(resume)) ?? 0

  async function append(records: readonly Uint8Array[]): Promise<void> {
    log.push(...records)
  }

  return {
    trainer,
    /** Reads up to `end`. */
    async read(end = log.length): Promise<GroupState> {
      const records = log.slice(next, end).map((bytes, k) => {
        const ids = Int32Array.from(decodeUpdate(bytes).names, (name) => items.stored(name))
        return { offset: next + k, bytes, ids }
      })
      next = Math.max(next, end)
      return trainer.group.read({ newItems: items.takeNew(), records })
    },
    claim: async (...streams: string[]) => append([await trainer.group.claim(streams)]),
    take: async (releases = false) => append(await trainer.group.take(releases)),
    /** Events from the offset on. */
    async learn(stream: string, from: number, events: readonly Interaction[]): Promise<void> {
      const offsets = events.map((_, k) => from + k)
      const facts = { stream, nextOffset: from + events.length, dead: {}, skipped: {} }
      const segment = { events: [...events], offsets, forgotten: [] }
      await trainer.offer(trainerBatch(segment, facts, users, items).batch)
    },
    /** What the store has of these users. */
    async remember(events: readonly Interaction[]): Promise<void> {
      const states = [...new Set(events.map(({ user }) => user))].map((user) => {
        const own = events.filter((one) => one.user === user)
        const added = new Map(own.map(({ item, timestamp }) => [item, timestamp] as const))
        return { user, added: [...added], removed: [] }
      })
      await trainer.offer(snapshotBatch(states, users, items))
    },
    stats: () => trainer.ask({ kind: 'stats' }),
    /** The newest positions that are safe to commit. */
    committed(): ReadonlyMap<string, number> {
      const told = reports.filter((one) => one.kind === 'safeToCommit').at(-1)
      return told?.positions ?? new Map()
    },
    async save(): Promise<Checkpoint> {
      await trainer.checkpoint()
      return (await checkpoints.latest()).checkpoint!
    },
  }
}

/** The base of every item and every dense row by name, and what the checkpoint says of the log. */
export function baseOf({ tensors, texts, facts }: Checkpoint): Map<string, string> {
  const rows = new Map<string, string>()
  for (const [name, { shape, data }] of tensors) {
    if (!name.startsWith('updates/')) continue
    const shift = shape[0]! - texts.get('items')!.length
    const width = shape[1]!
    for (let row = 0; row < shape[0]!; row++) {
      const isItem = name.endsWith('/items') || name.endsWith('/sources')
      const of = isItem && row >= shift ? texts.get('items')!.at(row - shift) : `row ${row}`
      const values = data.slice(row * width, (row + 1) * width)
      rows.set(`${name} ${of}`, Buffer.from(values.buffer).toString('hex'))
    }
  }
  const { ledger, next } = facts.updates as { ledger: unknown; next: number }
  return rows.set('log', JSON.stringify({ ledger, next }))
}
