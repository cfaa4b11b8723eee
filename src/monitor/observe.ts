// What the worker reports while it works, as metrics: batches of events, checkpoints, lists, and the time from a
// record's arrival to each of them.

import type { BatchOutcome, BatchRead } from '../app.ts'
import type { Config } from '../config.ts'
import type { CheckpointWritten } from '../messages.ts'
import type { Metrics } from '../metrics.ts'
import type { Written } from '../publish/publish.ts'
import type { Spread } from '../publish/spread.ts'
import type { Io } from '../worker/io.ts'
import type { Conditions } from './conditions.ts'
import { createFreshness } from './freshness.ts'
import type { Workload } from './workload.ts'

export interface Observers {
  onTaken(batch: BatchRead): void
  onStored(readMs: number): void
  onBatch(outcome: BatchOutcome): void
  onLearned(readMs: number): void
  onWritten(written: Written): void
  onCheckpoint(written: CheckpointWritten): void
  onCheckpointFailed(code: string): void
}

export interface ObserverParts {
  readonly config: Config
  readonly io: Io
  readonly metrics: Metrics
  readonly conditions: Conditions
  readonly workload: Workload
  readonly spread: Spread
}

export function createObservers(parts: ObserverParts): Observers {
  const { config, io, metrics, conditions, workload, spread } = parts
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
    onBatch({ applied, forgotten, overCapacity, dead, skipped, newestEvent, ...evicted }) {
      metrics.overCapacity.add(overCapacity)
      metrics.evictedUsers.add(evicted.evictedUsers)
      metrics.evictedItems.add(evicted.evictedItems)
      metrics.applied.add(applied)
      metrics.forgotten.add(forgotten)
      for (const [reason, count] of Object.entries(dead))
        metrics.deadLettered.from(reason).add(count)
      for (const [reason, count] of Object.entries(skipped)) metrics.skipped.from(reason).add(count)
      if (live && newestEvent !== undefined) {
        metrics.lagSeconds.set(Math.max(0, io.nowMs() - newestEvent) / 1000)
      }
    },
    onLearned: (readMs) => metrics.toLearned.observe(secondsSince(readMs)),
    onWritten({ lists, fresh, forgotten }) {
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
    onCheckpoint({ generation, bytes, ms }) {
      conditions.checkpointed()
      metrics.checkpointTime.set(io.nowMs() / 1000)
      metrics.checkpointGeneration.set(generation)
      metrics.checkpointBytes.set(bytes)
      metrics.checkpointSeconds.set(ms / 1000)
    },
    onCheckpointFailed(code) {
      conditions.checkpointed(code)
      metrics.checkpointFailures.add()
    },
  }
}
