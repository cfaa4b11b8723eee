// The main side of the worker on memory adapters, with a trainer that only takes notes: everything that happens is
// one line of a diary, in order.

import { memoryPositiveStore } from '../../src/adapters/memory/positive-store.ts'
import type { AppParts, BatchOutcome } from '../../src/app/parts.ts'
import { createRebalance } from '../../src/app/rebalance.ts'
import { createRetrying } from '../../src/app/retry.ts'
import { runApp } from '../../src/app.ts'
import { createDecoder } from '../../src/consume/decode.ts'
import type { Failure } from '../../src/errors.ts'
import type { TrainerBatch } from '../../src/messages.ts'
import type { EventBatch, EventSource } from '../../src/ports/event-source.ts'
import type { Trainer } from '../../src/ports/trainer.ts'
import { createOwnership } from '../../src/publish/ownership.ts'
import { createPublisher } from '../../src/publish/publish.ts'
import { createIds } from '../../src/remember/ids.ts'
import type { SourceRecord } from '../../src/types.ts'
import { createMemoryDeadLetterSink } from '../adapters/memory/memory-dead-letter-sink.ts'
import { createMemoryEventSource } from '../adapters/memory/memory-event-source.ts'
import { createMemoryListSink } from '../adapters/memory/memory-list-sink.ts'

const limits = { recordBytesMax: 1_000, idBytesMax: 100, futureMsMax: 0 }
const many = 1_000_000

/** The text of an event, of user and item, `k` seconds after the start. */
export function eventText(user: string, item: string, k: number): string {
  return JSON.stringify({ user, item, timestamp: 1_700_000_000_000 + 1_000 * k })
}

export function recordOf(stream: string, offset: number, text: string): SourceRecord {
  return { position: { stream, offset }, key: null, value: Buffer.from(text) }
}

export interface RigOptions {
  readonly records: readonly SourceRecord[]
  readonly batchRecordsMax?: number
  readonly batchesInFlightMax?: number
  readonly mirrorsStore?: boolean
  /** After the last record the source waits for more, until the signal. */
  readonly endless?: boolean
  /** Called at every step with its line of the diary; may throw, or take its time. */
  readonly at?: (line: string) => Promise<void> | void
}

export interface Rig {
  readonly diary: string[]
  readonly outcomes: BatchOutcome[]
  readonly taken: TrainerBatch[]
  /** Batches as they were begun. */
  readonly read: readonly string[]
  readonly letters: ReturnType<typeof createMemoryDeadLetterSink>['letters']
  readonly source: ReturnType<typeof createMemoryEventSource>
  readonly store: AppParts['store']
  readonly outages: (Failure | undefined)[]
  readonly stop: AbortController
  /** The trainer fails, with nobody calling it. */
  failTrainer(failure: Failure): void
  /** A list of the user comes from the trainer. */
  publish(user: string): void
  run(): Promise<void>
}

const sharesNothing: Trainer['group'] = {
  read: () => Promise.reject(new Error('nobody shares here')),
  take: async () => [],
  claim: () => Promise.reject(new Error('nobody shares here')),
}

export function rigOf(options: RigOptions): Rig {
  const { records, batchRecordsMax = 2, batchesInFlightMax = 4 } = options
  const diary: string[] = []
  const stop = new AbortController()
  const outages: (Failure | undefined)[] = []
  const outcomes: BatchOutcome[] = []
  const taken: TrainerBatch[] = []
  const read: string[] = []

  async function note(line: string): Promise<void> {
    await options.at?.(line)
    diary.push(line)
  }

  const retrying = createRetrying({
    signal: stop.signal,
    unit: () => 0,
    pause: async (_, signal) => signal.throwIfAborted(),
    onOutage: (_, failure) => outages.push(failure),
  })
  const source = createMemoryEventSource({ records, batchRecordsMax })
  const memory = memoryPositiveStore({ added: many, removed: many })
  const letters = createMemoryDeadLetterSink()
  const users = createIds(many)
  const items = createIds(many)
  let tellFailed: (failure: Failure) => void = () => undefined
  const trainer: Trainer = {
    failed: new Promise((resolve) => {
      tellFailed = resolve
    }),
    async offer(batch) {
      await note(`queued ${batch.stream} to ${batch.nextOffset}`)
      taken.push(batch)
    },
    waiting: () => ({ events: 0, snapshots: 0 }),
    drain: () => note('drained'),
    async checkpoint() {
      await note('checkpoint')
      return 1
    },
    ask: () => Promise.reject(new Error('nobody asks here')),
    rollBack: async () => undefined,
    relist: async () => undefined,
    group: sharesNothing,
    items: async () => 0,
    freeze: async () => undefined,
    close: async () => undefined,
  }
  const store: AppParts['store'] = {
    ...memory,
    async apply(events) {
      await note(`stored ${events.map(({ item }) => item).join(' ')}`)
      await memory.apply(events)
    },
    async forget(gone) {
      await note(`forgot ${gone.join(' ')}`)
      await memory.forget(gone)
    },
  }
  const ownership = createOwnership({ now: () => 0 })
  const lists = createMemoryListSink()
  const publisher = createPublisher({
    sink: {
      ...lists,
      async write(some) {
        await note(`wrote ${some.map(({ key }) => key).join(' ')}`)
        await lists.write(some)
      },
    },
    encode: ({ user }) => ({ key: user, value: Buffer.from(user) }),
    userName: users.name,
    itemName: items.name,
    generatedAt: () => 0,
    waitingMax: 10,
    ...{ retrying, ownership },
    onWritten: () => undefined,
  })
  const parts: AppParts = {
    ...{ store, trainer, retrying, users, items, batchesInFlightMax },
    source: noting(source, note, options.endless === true),
    decoder: createDecoder({ form: 'json', now: () => 1_800_000_000_000, limits }),
    deadLetters: {
      ...letters,
      async write(some) {
        await note(`dead ${some.map(({ position }) => position.offset).join(' ')}`)
        await letters.write(some)
      },
    },
    publisher: { ...publisher, flush: () => publisher.flush().then(() => note('flushed')) },
    rebalance: createRebalance({
      ...{ trainer, users, items, retrying, ownership },
      claimVersions: async (kept) => ({ versionBase: 1, kept }),
    }),
    mirrorsStore: options.mirrorsStore ?? true,
    storeMark: () => undefined,
    nowMs: () => 0,
    onTaken: ({ stream, lastOffset }) => void read.push(`${stream} to ${lastOffset + 1}`),
    onStored: () => undefined,
    inStep: false,
    onBatch: (outcome) => outcomes.push(outcome),
    onRead: () => diary.push('all read'),
  }
  const seen = {
    diary,
    read,
    outcomes,
    taken,
    letters: letters.letters,
    source,
    store,
    outages,
    stop,
  }
  return {
    ...seen,
    failTrainer: (failure) => tellFailed(failure),
    publish: (user) => publisher.forgotten(Int32Array.of(users.of(user)), 1),
    run: () => runApp(parts, stop.signal),
  }
}

type Note = (line: string) => Promise<void>

function noting(source: EventSource, note: Note, endless: boolean): EventSource {
  return {
    ...source,
    async readBatch(signal) {
      const batch = await source.readBatch(signal)
      if (batch !== undefined) return noted(batch, note)
      if (endless && !signal.aborted) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      }
      return undefined
    },
  }
}

function noted(batch: EventBatch, note: Note): EventBatch {
  const { stream, offset } = batch.records.at(-1)!.position
  return {
    records: batch.records,
    async ack() {
      await note(`acked ${stream} to ${offset + 1}`)
      await batch.ack()
    },
    waiting: () => void note(`waiting ${stream} to ${offset + 1}`),
  }
}
