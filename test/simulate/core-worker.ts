// A simulated worker around the core that the real one runs: its trainer without a thread, with positive sets that all
// workers share as in Redis, positions that it commits, and checkpoints from which whoever comes after it starts.

import { createArraysEngine } from '../../src/adapters/arrays/engine.ts'
import type { Checkpoint } from '../../src/ports/checkpoint-store.ts'
import { createIds } from '../../src/remember/ids.ts'
import { trainerBatch } from '../../src/remember/remember.ts'
import { snapshotBatch } from '../../src/remember/snapshot-batch.ts'
import { groupTablesOf } from '../../src/trainer/group/group-tables.ts'
import { updatesNextOf } from '../../src/trainer/group/saved-group.ts'
import { createCore } from '../../src/trainer/loop/core.ts'
import type { Interaction } from '../../src/types.ts'
import { decodeUpdate, encodeUpdate } from '../../src/updates/encode.ts'
import type { UpdateRecord } from '../../src/updates/record.ts'
import { configOf } from '../trainer/stream.ts'
import { baseOf } from './checks.ts'
import type { SimulatedEvent } from './model.ts'
import type { SimulatedWorker, Streams } from './worker.ts'

export const coreConfig = configOf({
  ...{ effort: 'light', factors: 4, negatives: 2, choices: 2, probeUsersMax: 0, userShareMax: 1 },
})

/** What outlives a worker. */
export interface Outside {
  /** By user, the items and since when. */
  readonly sets: Map<string, Map<string, number>>
  readonly committed: Map<string, number>
  /** By place in the group, the newest checkpoint and the items that the log had named by then. */
  readonly saved: Map<number, { readonly checkpoint: Checkpoint; readonly named: Set<string> }>
}

/** What is broken on purpose. */
export type CoreFault = 'commits what is not in the log' | 'skips a record after a restart'

export function createCoreWorker(
  author: string,
  place: number,
  streams: Streams,
  outside: Outside,
  numbersMax: number,
  fault?: CoreFault,
): SimulatedWorker {
  const from = outside.saved.get(place)
  const resume = from?.checkpoint
  const core = createCore({
    ...{ config: coreConfig, engine: createArraysEngine(), versionBase: 0, resume },
    group: { author, numbersMax },
  })
  const group = core.group!
  const tables = groupTablesOf(core.learner, coreConfig.seed)
  const [users, items] = ['users', 'items'].map((of) => {
    return createIds(1_000, { known: resume?.texts.get(of) })
  }) as [ReturnType<typeof createIds>, ReturnType<typeof createIds>]
  const underWay: UpdateRecord[] = []
  const cursors = new Map<string, number>()
  const claimed = new Set<string>()
  const named = new Set(from?.named)
  /** Users who were read from the store under this assignment. */
  const met = new Set<string>()
  let assigned: ReadonlySet<string> = new Set()
  let read = (resume && updatesNextOf(resume)) ?? 0
  if (fault === 'skips a record after a restart' && resume !== undefined) read++
  let state = group.read({ newItems: [], records: [] })
  let generation = 1

  function work(): void {
    while (core.hasWork) core.turn(64, 0)
    core.turn(1, 0)
    core.rank(Number.POSITIVE_INFINITY)
    const safe = fault === 'commits what is not in the log' ? core.input.positions : undefined
    for (const [stream, position] of safe ?? core.safeToCommit()) {
      if (assigned.has(stream)) outside.committed.set(stream, position)
    }
  }

  function readUser(user: string): void {
    if (met.has(user)) return
    met.add(user)
    const added = [...(outside.sets.get(user) ?? [])]
    core.take(snapshotBatch([{ user, added, removed: [] }], users, items), 0)
  }

  function store({ user, item, time }: SimulatedEvent): Interaction {
    if (!outside.sets.has(user)) outside.sets.set(user, new Map())
    outside.sets.get(user)!.set(item, time)
    return { user, item, timestamp: time, action: 'ADD' }
  }

  function take(stream: string, cursor: number, some: readonly SimulatedEvent[]): void {
    const nextOffset = cursor + some.length
    for (const { user } of some) readUser(user)
    const segment = {
      events: some.map(store),
      offsets: some.map((_, k) => cursor + k),
      forgotten: [],
    }
    const facts = { stream, nextOffset, dead: {}, skipped: {} }
    core.take(trainerBatch(segment, facts, users, items).batch, 0)
    cursors.set(stream, nextOffset)
  }

  /** Claims what was assigned and is not learned, and learns what is owned from where it was committed. */
  function settle(): void {
    const owned = new Set(state.owned.map(([stream]) => stream))
    for (const stream of cursors.keys()) if (!owned.has(stream)) cursors.delete(stream)
    for (const stream of owned) {
      if (!assigned.has(stream) || cursors.has(stream)) continue
      cursors.set(stream, outside.committed.get(stream) ?? 0)
    }
    const wanted = [...assigned].filter((one) => !owned.has(one) && !claimed.has(one))
    if (wanted.length === 0) return
    for (const stream of wanted) claimed.add(stream)
    underWay.push(decodeUpdate(group.claim(wanted)))
  }

  function append(releases = false): void {
    work()
    underWay.push(...group.take(releases).map((bytes) => decodeUpdate(bytes)))
  }

  return {
    ...{ author, underWay },
    counted: undefined,
    get read() {
      return read
    },
    positionOf: (stream) => state.streams.find(([name]) => name === stream)?.[1] ?? 0,
    isDone(log) {
      const all = [...assigned].every((one) => cursors.get(one) === streams.get(one)!.length)
      return read === log.length && all && underWay.length === 0 && state.pending === 0
    },
    assign(next) {
      if ([...assigned].some((one) => !next.has(one))) {
        append(true)
        state = { ...state, owned: [] }
        cursors.clear()
      }
      if ([...next].some((one) => !assigned.has(one))) met.clear()
      assigned = next
      settle()
    },
    learn(events) {
      for (const [stream, cursor] of [...cursors]) {
        const some = streams.get(stream)!.slice(cursor, cursor + events)
        if (some.length > 0) take(stream, cursor, some)
      }
      work()
    },
    append: () => append(),
    readNext(log, records) {
      const next = log.slice(read, read + records)
      const given = next.map((record, k) => {
        const ids = Int32Array.from(record.names, (name) => items.stored(name))
        return { offset: read + k, bytes: encodeUpdate(record), ids }
      })
      read += next.length
      const newItems = items.takeNew()
      core.nameItems(newItems)
      state = group.read({ newItems, records: given })
      next.forEach(({ author: by, names, claims }, k) => {
        const { passedOver } = state.verdicts[k]!
        if (passedOver === undefined) for (const name of names) named.add(name)
        if (by !== author || passedOver === 'repeated') return
        for (const { stream } of claims) claimed.delete(stream)
      })
      work()
      settle()
    },
    save() {
      work()
      const checkpoint = structuredClone(core.snapshot(generation++))
      outside.saved.set(place, { checkpoint, named: new Set(named) })
    },
    base: () => baseOf(core.view(1), named),
    distance() {
      const { tensors } = core.view(1)
      let largest = 0
      for (const { name, pieces } of tables) {
        const { data, shape } = tensors.get(`updates/${name}`)!
        for (let row = 0; row < shape[0]!; row++) {
          let at = row * shape[1]!
          for (const { values, width } of pieces()) {
            for (let d = 0; d < width; d++, at++) {
              const off = Math.abs(values[row * width + d]! - data[at]!)
              largest = Math.max(largest, off / (1 + Math.abs(data[at]!)))
            }
          }
        }
      }
      return largest
    },
  }
}
