// What the main side is put together from, and what it says of each batch.

import type { Decoder } from '../consume/decode.ts'
import type { StoreMark } from '../messages.ts'
import type { EventSource } from '../ports/event-source.ts'
import type { PositiveStore } from '../ports/positive-store.ts'
import type { DeadLetterSink } from '../ports/sinks.ts'
import type { Trainer } from '../ports/trainer.ts'
import type { Publisher } from '../publish/publish.ts'
import type { Ids } from '../remember/ids.ts'
import type { Decoded, SourceRecord } from '../types.ts'
import type { OwedKeeper } from './owed-lists.ts'
import type { Rebalance } from './rebalance.ts'
import type { Retrying } from './retry.ts'
import type { Beside } from './store-reading.ts'
import type { Exchange } from './updates/exchange.ts'

/** A batch that was read and is now in hand. */
export interface BatchRead {
  readonly stream: string
  readonly records: number
  readonly lastOffset: number
  /** Monotonic ms. */
  readonly readMs: number
  /** Records of a history that come after these; undefined: they are live. */
  readonly historyLeft: number | undefined
}

/** What happened to the records of a batch; the counts add up to `consumed`. */
export interface BatchOutcome {
  readonly stream: string
  /** The newest event time of the batch, in ms since the epoch; undefined: no event. */
  readonly newestEvent: number | undefined
  readonly consumed: number
  readonly applied: number
  /** Of the applied: records some of whose elements could not be used; they are dead letters as well. */
  readonly partlyApplied: number
  readonly forgotten: number
  /** Of the forgotten: users that nobody knew. */
  readonly unknown: number
  /** Applied to the store, but not learned: the bounds of the model are smaller than what is in work at once. */
  readonly overCapacity: number
  /** Users and items that were idle for longest and have made room for new ones. */
  readonly evictedUsers: number
  readonly evictedItems: number
  readonly dead: Readonly<Record<string, number>>
  readonly skipped: Readonly<Record<string, number>>
  /** Interactions of the applied records by the names of their actions, where actions are named. */
  readonly kinds: Readonly<Record<string, number>>
}

export interface AppParts {
  readonly source: EventSource
  readonly decoder: Decoder
  readonly deadLetters: DeadLetterSink
  readonly store: PositiveStore
  readonly trainer: Trainer
  readonly publisher: Publisher
  readonly users: Ids
  readonly items: Ids
  readonly retrying: Retrying
  readonly rebalance: Rebalance
  /** What goes on beside the work until the signal ends it, such as a reading of the whole store. */
  readonly beside?: Beside | undefined
  /** Who is owed a list for what was committed before it was out; absent: nobody keeps it. */
  readonly owed?: Pick<OwedKeeper, 'loaded' | 'flush' | 'failed'> | undefined
  /** Absent: what is learned is not shared. */
  readonly exchange?: Pick<Exchange, 'finish' | 'failed'> | undefined
  /** False where nothing is learned and the store needs no second memory: the trainer is told of progress only. */
  readonly mirrorsStore: boolean
  /** How to recognise the store again. */
  readonly storeMark?: (() => StoreMark | undefined) | undefined
  /** Batches of different streams in work at once. */
  readonly batchesInFlightMax: number
  /** Wait for the lists of a batch before the next one is read: the order of all output is then fixed. */
  readonly inStep: boolean
  /** Monotonic ms. */
  readonly nowMs: () => number
  readonly onTaken: (batch: BatchRead) => void
  /** What became of records, before anything is done with them. */
  readonly onDecoded?: (records: readonly SourceRecord[], decoded: readonly Decoded[]) => void
  /** The store holds the events of a batch that was read at `readMs`. */
  readonly onStored: (readMs: number) => void
  readonly onBatch: (outcome: BatchOutcome) => void
  /** Everything read is stored and queued; what is left is to learn, to rank and to publish. */
  readonly onRead: () => void
}
