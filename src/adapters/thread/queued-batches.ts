// Batches that the trainer's thread has and has not worked on yet: their number of events is bounded, and each batch is
// reported when its last event is done. Entries of snapshots are no events: they are bounded by themselves, so that a
// reading of the store never stands in the way of events.

import type { TrainerBatch } from '../../messages.ts'

export interface QueuedBatches {
  /** Entries that wait, and of those of snapshots. */
  waiting(): { readonly events: number; readonly snapshots: number }
  /** Resolves once there is room for a batch, or release() was called. `onWait` is called after each wait. */
  room(batch: TrainerBatch, onWait?: () => void): Promise<void>
  add(batch: TrainerBatch): void
  /** The thread has worked on `entries` more entries, in the order of the batches. */
  done(entries: number): void
  /** There will be no more progress: nobody waits for room any longer. */
  release(): void
}

type Kind = 'events' | 'snapshots'

const kindOf = ({ snapshot }: TrainerBatch): Kind => (snapshot ? 'snapshots' : 'events')

/** `onLearned` is called for each batch whose events are all done and that was read at a known time. */
export function createQueuedBatches(
  eventsMax: number,
  onLearned: ((readMs: number) => void) | undefined,
): QueuedBatches {
  const batches: { left: number; readonly kind: Kind; readonly readMs: number | undefined }[] = []
  const waiting: (() => void)[] = []
  const sizes = { events: 0, snapshots: 0 }
  let isReleased = false

  function wake(): void {
    for (const go of waiting.splice(0)) go()
  }

  return {
    waiting: () => ({ ...sizes }),
    async room(batch, onWait) {
      while (sizes[kindOf(batch)] >= eventsMax && !isReleased) {
        await new Promise<void>((go) => {
          waiting.push(go)
        })
        onWait?.()
      }
    },
    add(batch) {
      const { users, readMs } = batch
      const kind = kindOf(batch)
      sizes[kind] += users.length
      if (users.length > 0) batches.push({ left: users.length, kind, readMs })
    },
    done(count) {
      let left = count
      for (let first = batches[0]; first !== undefined && left > 0; first = batches[0]) {
        const own = Math.min(left, first.left)
        first.left -= own
        left -= own
        sizes[first.kind] -= own
        if (first.left > 0) break
        batches.shift()
        if (first.readMs !== undefined) onLearned?.(first.readMs)
      }
      wake()
    },
    release() {
      isReleased = true
      wake()
    },
  }
}
