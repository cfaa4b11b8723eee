// kafkajs's own log lines, tamed: one level down (what it calls an error is often a retry that works), never its
// debug level (which prints requests), only facts from a fixed list, and never more than the logger's pace.

import { type LogEntry, logLevel } from 'kafkajs'
import type { Facts, Logger } from '../../../ports/logger.ts'
import { addressOf } from './addresses.ts'
import type { Reach } from './reach.ts'

export interface LibraryLine {
  readonly message: string
  readonly topic: string | undefined
  readonly partition: number | undefined
}

const kept = [
  'broker',
  'groupId',
  'topic',
  'partition',
  'retryCount',
  'retryTime',
  'error',
] as const
const textMax = 300
const missingTopic = 'This server does not host this topic-partition'

/**
 * A log creator for kafkajs. `watch` sees every line first, whatever its level; once `isOver` says so, nothing is
 * logged. That a broker cannot be reached is told by `reach`.
 */
export function libraryLog(
  logger: Logger,
  reach: Reach,
  watch?: (line: LibraryLine) => void,
  isOver: () => boolean = () => false,
) {
  return () =>
    ({ level, log }: LogEntry): void => {
      if (level > logLevel.INFO || isOver()) return
      const message = log.message.slice(0, textMax)
      const { topic, partition, broker } = log as {
        topic?: string
        partition?: number
        broker?: unknown
      }
      watch?.({ message, topic, partition })
      if (typeof broker === 'string' && reach.hears(message, broker)) return
      const facts = { library: message, ...factsOf(log as unknown as Facts) }
      // Said once more for the broker that it goes to next; and a topic that is missing is told by whoever asks for it.
      const isTold =
        message.startsWith('Failed to connect to seed broker') || facts.error === missingTopic
      if (level === logLevel.INFO || isTold) logger.debug('kafkajs says', facts)
      else logger.repeated('kafkajs', 'kafkajs says', facts)
    }
}

function factsOf(log: Facts): Facts & { readonly error?: unknown } {
  const facts: Record<string, unknown> = {}
  for (const name of kept) {
    const value = log[name]
    if (typeof value === 'number') facts[name] = value
    else if (value instanceof Error) facts[name] = value.message.slice(0, textMax)
    else if (typeof value === 'string') facts[name] = addressOf(value).slice(0, textMax)
  }
  return facts
}
