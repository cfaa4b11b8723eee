// Where kafkajs, which pushes, meets the worker, which pulls. Holds little: every delivery in flight has a bounded
// number of batches here, and a delivery that was given up takes its batches back.

import type { Failure } from '../../../errors.ts'
import type { EventBatch } from '../../../ports/event-source.ts'

export interface Offered {
  readonly batch: EventBatch
  /** False once the delivery was given up: the records will come again. */
  wanted(): boolean
  taken(): void
}

export interface BatchQueue {
  offer(one: Offered): void
  /** The oldest batch still wanted; undefined at the end or when aborted. */
  take(signal: AbortSignal): Promise<EventBatch | undefined>
  /** Nothing more will come. */
  end(): void
  /** From now on take() rejects. The first failure stays. */
  fail(failure: Failure): void
}

export function createBatchQueue(): BatchQueue {
  let queue: Offered[] = []
  let ended = false
  let failure: Failure | undefined
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const one of [...waiting]) one()
  }

  function next(): EventBatch | undefined {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      if (!one.wanted()) continue
      one.taken()
      return one.batch
    }
    return undefined
  }

  return {
    offer(one) {
      queue.push(one)
      wake()
    },
    async take(signal) {
      for (;;) {
        if (failure !== undefined) throw failure
        if (signal.aborted) return undefined
        const batch = next()
        if (batch !== undefined || ended) return batch
        await change(signal, waiting)
      }
    },
    end() {
      ended = true
      wake()
    },
    fail(given) {
      failure ??= given
      queue = []
      wake()
    },
  }
}

/** Aborted with the one or the other signal. Made anew only for another one: it takes as long as all of a batch. */
export function eitherOf(one: AbortSignal): (other: AbortSignal) => AbortSignal {
  let known: AbortSignal | undefined
  let either = one
  return (other) => {
    if (known !== other) either = AbortSignal.any([one, other])
    known = other
    return either
  }
}

/** Resolves when something was woken or the signal aborts. */
function change(signal: AbortSignal, waiting: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      waiting.delete(done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    waiting.add(done)
    signal.addEventListener('abort', done)
  })
}
