// Turns what happens to batches of events, lists and checkpoints into metrics, and measures the time from the reading
// of a record to the list that follows from it.

import type { ItemCounts } from '../app/item-feed.ts'
import type { BatchOutcome, BatchRead } from '../app/parts.ts'
import type { ReadCounts } from '../app/updates/read-counts.ts'
import type { Config } from '../config.ts'
import type { Io } from '../io.ts'
import type { CheckpointWritten } from '../messages.ts'
import type { Metrics } from '../metrics.ts'
import type { Written } from '../publish/publish.ts'
import type { Spread } from '../publish/spread.ts'
import type { Position } from '../types.ts'
import type { Conditions } from './conditions.ts'
import type { GroupWatch } from './group.ts'
import type { Workload } from './workload.ts'

export interface Observers {
  onTaken(batch: BatchRead): void
  onStored(readMs: number): void
  onBatch(outcome: BatchOutcome): void
  onLearned(readMs: number): void
  onWritten(written: Written): void
  onItems(counts: ItemCounts): void
  onUpdatesRead(counts: ReadCounts): void
  onUpdatesAppended(bytes: number): void
  onBaseWritten(): void
  onRetentionLook(records: number): void
  onCheckpoint(written: CheckpointWritten): void
  /** The newest one still holds everything. */
  onCheckpointCurrent(): void
  onCheckpointFailed(code: string): void
}

export interface ObserverParts {
  readonly config: Config
  readonly io: Io
  readonly metrics: Metrics
  readonly conditions: Conditions
  readonly workload: Workload
  readonly group: GroupWatch
  readonly spread: Spread
}

export function createObservers(parts: ObserverParts): Observers {
  const { config, io, metrics, workload, group, spread } = parts
  const freshness = createFreshness()
  const live = config.source.startsWith('kafka:')

  const secondsSince = (ms: number) => Math.max(0, io.elapsedMs() - ms) / 1000

  return {
    onTaken({ stream, records, lastOffset, readMs, historyLeft }) {
      metrics.consumed.add(records)
      workload.read(stream, records, historyLeft)
      freshness.read(stream, lastOffset, readMs)
    },
    onStored: (readMs) => metrics.toApplied.observe(secondsSince(readMs)),
    onBatch({ applied, forgotten, overCapacity, dead, skipped, kinds, newestEvent, ...evicted }) {
      metrics.overCapacity.add(overCapacity)
      metrics.evictedUsers.add(evicted.evictedUsers)
      metrics.evictedItems.add(evicted.evictedItems)
      metrics.applied.add(applied)
      metrics.forgotten.add(forgotten)
      for (const [reason, count] of Object.entries(dead))
        metrics.deadLettered.from(reason).add(count)
      for (const [reason, count] of Object.entries(skipped)) metrics.skipped.from(reason).add(count)
      for (const [name, count] of Object.entries(kinds)) metrics.kinds.from(name).add(count)
      if (live && newestEvent !== undefined) {
        metrics.lagSeconds.set(Math.max(0, io.nowMs() - newestEvent) / 1000)
      }
    },
    onLearned: (readMs) => metrics.toLearned.observe(secondsSince(readMs)),
    onWritten({ lists, fresh, forgotten, everybodys }) {
      metrics.listsEverybody.add(everybodys)
      for (const { user, items, generatedAt, source } of lists) {
        metrics.listsPublished.of(source).add()
        spread.add(
          user,
          items.map(({ item }) => item),
          generatedAt,
        )
      }
      for (const { position } of fresh) {
        const readMs = freshness.readMsOf(position)
        if (readMs !== undefined) metrics.toPublished.observe(secondsSince(readMs))
      }
      metrics.listsForgotten.add(forgotten.length)
      for (const user of forgotten) spread.forget(user)
    },
    onItems({ overCapacity, ...counts }) {
      metrics.itemsUnkept.add(overCapacity)
      for (const [says, count] of Object.entries(counts)) metrics.itemRecords.from(says).add(count)
    },
    onUpdatesRead: group.read,
    onUpdatesAppended: group.appended,
    onBaseWritten: () => metrics.updates.baseTime.set(io.nowMs() / 1000),
    onRetentionLook: (records) => metrics.updates.checkpointKept.set(records),
    ...checkpointObservers(parts),
  }
}

function checkpointObservers({
  io,
  metrics,
  conditions,
}: ObserverParts): Pick<Observers, 'onCheckpoint' | 'onCheckpointCurrent' | 'onCheckpointFailed'> {
  return {
    onCheckpoint({ generation, bytes, size, ms, pauseMs }) {
      conditions.checkpointed()
      metrics.checkpointTime.set(io.nowMs() / 1000)
      metrics.checkpointGeneration.set(generation)
      metrics.checkpointBytes.set(size)
      metrics.checkpointWritten.add(bytes)
      metrics.checkpointSeconds.set(ms / 1000)
      metrics.checkpointPause.set(pauseMs / 1000)
    },
    onCheckpointCurrent() {
      conditions.checkpointed()
      metrics.checkpointTime.set(io.nowMs() / 1000)
    },
    onCheckpointFailed(code) {
      conditions.checkpointed(code)
      metrics.checkpointFailures.add()
    },
  }
}

/** Newest batches of a stream, and streams, that are kept. */
const batchesMax = 1_024
const streamsMax = 10_000

interface Read {
  readonly lastOffset: number
  readonly readMs: number
}

export interface Freshness {
  /** Batches of a stream come in order. */
  read(stream: string, lastOffset: number, readMs: number): void
  /** Monotonic ms, or undefined where it is not known any more. */
  readMsOf(position: Position): number | undefined
}

export function createFreshness(): Freshness {
  const streams = new Map<string, Read[]>()

  return {
    read(stream, lastOffset, readMs) {
      const batches = streams.get(stream) ?? []
      // Given again after a rebalance: what was known from there on is of another life.
      while (batches.length > 0 && batches.at(-1)!.lastOffset >= lastOffset) batches.pop()
      batches.push({ lastOffset, readMs })
      if (batches.length > 2 * batchesMax) batches.splice(0, batchesMax)
      streams.set(stream, batches)
      if (streams.size > streamsMax) streams.delete(streams.keys().next().value!)
    },
    readMsOf({ stream, offset }) {
      const batches = streams.get(stream) ?? []
      let from = 0
      let to = batches.length
      while (from < to) {
        const middle = (from + to) >> 1
        if (batches[middle]!.lastOffset < offset) from = middle + 1
        else to = middle
      }
      // The oldest batch kept may begin anywhere before its end.
      return from === 0 && batches.length >= batchesMax ? undefined : batches[from]?.readMs
    },
  }
}
