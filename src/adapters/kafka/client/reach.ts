// Whether the brokers can be reached, told once when one cannot, every minute while that lasts, and once when it
// answers again. kafkajs says so at every try, from every client.

import type { Logger } from '../../../ports/logger.ts'
import { addressOf } from './addresses.ts'

/** How kafkajs begins its lines of connections that come to nothing. */
const failed = /^(Connection error|Connection timeout|Failed to connect)/
const retoldMs = 60_000

export interface Reach {
  /** A line of the library about this broker. Returns whether it only says that the broker cannot be reached. */
  hears(message: string, broker: string): boolean
  /** A connection to the broker was made. */
  connected(broker: string): void
}

/** `nowMs`: monotonic. */
export function createReach(
  logger: Pick<Logger, 'info' | 'repeated'>,
  nowMs: () => number = () => performance.now(),
): Reach {
  const away = new Map<string, { readonly sinceMs: number; toldMs: number; tries: number }>()
  const secondsSince = (ms: number): number => Math.round((nowMs() - ms) / 1000)

  return {
    hears(message, broker) {
      if (!failed.test(message)) return false
      const known = away.get(broker) ?? {
        sinceMs: nowMs(),
        toldMs: Number.NEGATIVE_INFINITY,
        tries: 0,
      }
      known.tries++
      away.set(broker, known)
      if (nowMs() - known.toldMs < retoldMs) return true
      known.toldMs = nowMs()
      const shown = addressOf(broker)
      logger.repeated(
        'broker_away',
        `the Kafka broker ${shown} cannot be reached; it is tried again until it answers. ` +
          'If it stays away, see whether it runs and whether KAFKA_BROKERS names it',
        {
          ...{ broker: shown, error: message },
          ...(known.tries > 1 && { tries: known.tries, seconds: secondsSince(known.sinceMs) }),
        },
      )
      return true
    },
    connected(broker) {
      const known = away.get(broker)
      if (known === undefined) return
      away.delete(broker)
      const shown = addressOf(broker)
      logger.info(`the Kafka broker ${shown} answers again`, {
        ...{ broker: shown, tries: known.tries, seconds: secondsSince(known.sinceMs) },
      })
    },
  }
}
