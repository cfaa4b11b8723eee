// Hears of a consumer that stands still: kafkajs can stop for good without a word. A consumer at work ends a fetch
// every `maxWaitTimeInMs` at the latest, but while what it has fetched is in hand.

import type { Consumer } from 'kafkajs'

export interface FetchWatchOptions {
  /** Longest time without the end of a fetch, in ms. */
  readonly silentMsMax: number
  /** Called once. */
  readonly onSilent: () => void
}

export interface FetchWatch {
  /** While this is under way nothing need be fetched. */
  inHand<T>(work: Promise<T>): Promise<T>
  close(): void
}

/** Looks this often in the longest time. */
const looksPerSilence = 4

/** From now on. */
export function watchFetches(
  consumer: Pick<Consumer, 'on' | 'events'>,
  { silentMsMax, onSilent }: FetchWatchOptions,
): FetchWatch {
  let inHand = 0
  let aliveAtMs = performance.now()
  const markAlive = (): void => {
    aliveAtMs = performance.now()
  }
  consumer.on(consumer.events.FETCH, markAlive)

  const timer = setInterval(() => {
    if (inHand > 0 || performance.now() - aliveAtMs <= silentMsMax) return
    clearInterval(timer)
    onSilent()
  }, silentMsMax / looksPerSilence)
  timer.unref()

  return {
    async inHand(work) {
      inHand++
      try {
        return await work
      } finally {
        inHand--
        markAlive()
      }
    },
    close: () => clearInterval(timer),
  }
}
