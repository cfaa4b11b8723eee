// Ends a worker that is not working: kafkajs can stop for good without a word, and a handler can hang. A partition
// that has records waiting must give a sign of life; broker outages and waits for the store are no reason to bite.

import { Failure } from '../../../errors.ts'
import type { Standing } from './check-positions.ts'
import type { Partitions } from './partitions.ts'

export interface WatchdogOptions {
  readonly partitions: Partitions
  /** Longest silence, in ms. */
  readonly stallMsMax: number
  /** Of every partition of the topic, now. Rejects when the brokers are out. */
  readonly standings: () => Promise<ReadonlyMap<number, Standing>>
  /** Records at this offset and later are not wanted. */
  readonly stopBefore: (partition: number) => number
  /** False while the group has not let this member in. */
  readonly joined: () => boolean
  readonly now: () => number
  readonly onStuck: (failure: Failure) => void
}

export interface Watchdog {
  /** One look, which also learns ends and positions; called by its own timer too. */
  look(): Promise<void>
  close(): void
}

export function createWatchdog(options: WatchdogOptions): Watchdog {
  const { partitions, now, stallMsMax } = options
  let looking = false

  async function look(): Promise<void> {
    if (looking) return
    looking = true
    try {
      for (const standing of (await options.standings()).values()) refresh(standing)
      const stuck = whatIsStuck()
      if (stuck !== undefined) options.onStuck(new Failure('SOURCE_STUCK', stuck))
    } catch (error) {
      if (!(error instanceof Error)) throw error
      // Brokers that do not answer are an outage: the clock starts when they are back.
      partitions.markAllAlive(now())
    } finally {
      looking = false
    }
  }

  function refresh({ partition, low, high, committed }: Standing): void {
    const state = partitions.get(partition)
    if (state === undefined) return
    state.end = Math.max(state.end, Math.min(high, options.stopBefore(partition)))
    if (state.taken < 0) state.taken = committed ?? low
    if (state.safe < 0) state.safe = committed ?? low
  }

  function whatIsStuck(): string | undefined {
    const seconds = Math.round(stallMsMax / 1000)
    const quiet = now() - partitions.lastAliveAt() > stallMsMax
    if (!options.joined()) {
      if (!quiet) return undefined
      return `not let into the consumer group for ${seconds} s while the brokers answer: restart the worker`
    }
    for (const [partition, { taken, end, inHand, aliveAt }] of partitions.all()) {
      // A batch in hand that is never acknowledged, or records that nobody fetches.
      const waits = inHand > 0 || (quiet && taken >= 0 && end > taken)
      if (waits && now() - aliveAt > stallMsMax) {
        const what = inHand > 0 ? 'a batch is neither done nor retried' : 'nothing is fetched'
        return `partition ${partition} has stood still for ${seconds} s (${what}): restart the worker`
      }
    }
    return undefined
  }

  const timer = setInterval(() => void look(), Math.max(50, stallMsMax / 6))
  timer.unref()
  return { look, close: () => clearInterval(timer) }
}
