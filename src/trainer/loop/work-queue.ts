// The batches that wait for the learning side, worked on event by event in the order in which they came.

import type { TrainerBatch } from '../../messages.ts'
import type { BatchApplier, QueuedBatch } from './apply-batch.ts'

export interface WorkQueue {
  /** Events that wait. */
  readonly events: number
  /** Entries of snapshots that wait: no events, and no sign of overload. */
  readonly silent: number
  /** Whether events of a history wait. */
  readonly hasHistory: boolean
  /** No batch is half done. */
  readonly atBatchEnd: boolean
  /** Monotonic ms when the first waiting batch of events came; undefined where none waits. */
  readonly oldestMs: number | undefined
  add(batch: TrainerBatch, atMs: number): void
  /** Applies up to `eventsMax` events with that effort and returns how many it did. */
  work(eventsMax: number, effort: number): number
}

/** `queue`: the batches that wait already; it is worked on in place. */
export function createWorkQueue(queue: QueuedBatch[], applier: BatchApplier): WorkQueue {
  const waiting = { events: 0, silent: 0 }
  const kindOf = ({ snapshot }: TrainerBatch) => (snapshot ? 'silent' : 'events')
  for (const { batch } of queue) waiting[kindOf(batch)] += batch.users.length
  let historyBatches = queue.filter(({ batch }) => batch.history !== undefined).length
  /** Events of the first batch that are done. */
  let at = 0

  return {
    get events() {
      return waiting.events
    },
    get silent() {
      return waiting.silent
    },
    get hasHistory() {
      return historyBatches > 0
    },
    get atBatchEnd() {
      return at === 0
    },
    get oldestMs() {
      return queue.find(({ batch }) => !batch.snapshot)?.atMs
    },
    add(batch, atMs) {
      queue.push({ batch, atMs })
      if (batch.history !== undefined) historyBatches++
      waiting[kindOf(batch)] += batch.users.length
    },
    work(eventsMax, effort) {
      let done = 0
      for (let next = queue[0]; next !== undefined && done < eventsMax; next = queue[0]) {
        const { batch } = next
        const kind = kindOf(batch)
        if (at === 0) applier.startBatch(batch)
        for (; at < batch.users.length && done < eventsMax; done++, waiting[kind]--) {
          applier.applyEvent(next, at++, effort)
        }
        if (at < batch.users.length) break
        applier.endBatch(batch)
        if (batch.history !== undefined) historyBatches--
        queue.shift()
        at = 0
      }
      return done
    },
  }
}
