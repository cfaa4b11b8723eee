// Batches that the trainer's thread has and has not worked on yet: their number of events is bounded, and each batch is
// reported when its last event is done.

import type { TrainerBatch } from '../../messages.ts'

export interface Backlog {
  /** Resolves once there is room for a batch, or release() was called. `onWait` is called after each wait. */
  room(onWait?: () => void): Promise<void>
  add(batch: TrainerBatch): void
  /** The thread has worked on so many more events, in the order of the batches. */
  done(events: number): void
  /** There will be no more progress: nobody waits for room any longer. */
  release(): void
}

/** `onLearned` is called for each batch whose events are all done and that was read at a known time. */
export function createBacklog(
  eventsMax: number,
  onLearned: ((readMs: number) => void) | undefined,
): Backlog {
  const batches: { left: number; readonly readMs: number | undefined }[] = []
  const waiting: (() => void)[] = []
  let events = 0
  let isReleased = false

  function wake(): void {
    for (const go of waiting.splice(0)) go()
  }

  return {
    async room(onWait) {
      while (events >= eventsMax && !isReleased) {
        await new Promise<void>((go) => {
          waiting.push(go)
        })
        onWait?.()
      }
    },
    add({ users, readMs }) {
      events += users.length
      if (users.length > 0) batches.push({ left: users.length, readMs })
    },
    done(count) {
      events -= count
      let left = count
      for (let first = batches[0]; first !== undefined && left > 0; first = batches[0]) {
        const own = Math.min(left, first.left)
        first.left -= own
        left -= own
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
