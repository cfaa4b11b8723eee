// The batches that wait for the learning side, worked on event by event in the order in which they came.

import type { TrainerBatch } from '../../messages.ts'
import type { BatchApplier, QueuedBatch } from './apply-batch.ts'

export interface WorkQueue {
  /** Events that wait. */
  readonly events: number
  /** Whether events of a history wait. */
  readonly hasHistory: boolean
  /** No batch is half done. */
  readonly atBatchEnd: boolean
  /** Monotonic ms when the first waiting batch came; undefined where none waits. */
  readonly oldestMs: number | undefined
  add(batch: TrainerBatch, atMs: number): void
  /** Applies up to `eventsMax` events with that effort and returns how many it did. */
  work(eventsMax: number, effort: number): number
}

/** `queue`: the batches that wait already; it is worked on in place. */
export function createWorkQueue(queue: QueuedBatch[], applier: BatchApplier): WorkQueue {
  let events = queue.reduce((sum, { batch }) => sum + batch.users.length, 0)
  let historyBatches = queue.filter(({ batch }) => batch.history !== undefined).length
  /** Events of the first batch that are done. */
  let at = 0

  return {
    get events() {
      return events
    },
    get hasHistory() {
      return historyBatches > 0
    },
    get atBatchEnd() {
      return at === 0
    },
    get oldestMs() {
      return queue[0]?.atMs
    },
    add(batch, atMs) {
      queue.push({ batch, atMs })
      if (batch.history !== undefined) historyBatches++
      events += batch.users.length
    },
    work(eventsMax, effort) {
      let done = 0
      for (let next = queue[0]; next !== undefined && done < eventsMax; next = queue[0]) {
        const { batch } = next
        if (at === 0) applier.startBatch(batch)
        for (; at < batch.users.length && done < eventsMax; done++, events--) {
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
