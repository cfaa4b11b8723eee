// The pause between two fetches of live records. A fetch that is answered as soon as there is one record costs as much
// as one of a hundred, and each of several workers that share a topic would fetch as often as one alone.
//
// The client fetches again once all that it has delivered is done: so a delivery that has reached the end of its
// partition ends no sooner than the next fetch may come. Who reads a backlog never waits.

import type { EachBatchPayload } from 'kafkajs'

export interface Linger {
  /** A fetch was answered. */
  fetched(): void
  /** Resolves when the next fetch may come, or `pause` does, which is given the time until then. */
  after(batch: EachBatchPayload['batch'], pause: (ms: number) => Promise<void>): Promise<void>
}

/** Deliveries that wait here at once; the client has a few more, so that none of its batches waits for the pause. */
export const waitingMax = 16

/** `ms`: the shortest time from the answer of one fetch to the next fetch; `now`: monotonic ms. */
export function createLinger(ms: number, now: () => number): Linger {
  let nextMs = Number.NEGATIVE_INFINITY
  let waiting = 0

  return {
    fetched() {
      nextMs = now() + ms
    },
    async after(batch, pause) {
      const left = nextMs - now()
      const isAtEnd = Number(batch.lastOffset()) + 1 >= Number(batch.highWatermark)
      if (!isAtEnd || left <= 0 || waiting >= waitingMax) return
      waiting++
      await pause(left)
      waiting--
    },
  }
}
