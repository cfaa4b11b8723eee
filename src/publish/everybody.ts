// The list for everybody who has none: what is popular, under a key of the output that no user has. It is looked at
// every few seconds and written when it has changed, by the worker that reads the first partition of the input.

import type { Logger } from '../ports/logger.ts'
import type { ServedList } from '../requests.ts'
import type { TopList } from '../types.ts'
import type { Ownership } from './ownership.ts'
import type { Publisher } from './publish.ts'

export interface EverybodyParts {
  readonly key: string
  /** The stream whose reader writes it; '': there is one reader. */
  readonly stream: string
  readonly popular: () => Promise<ServedList>
  readonly publisher: Pick<Publisher, 'everybody'>
  readonly ownership: Pick<Ownership, 'mayPublish' | 'paused'>
  readonly isUser: (name: string) => boolean
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number
  /** Rejects when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly logger: Logger
}

export interface EverybodysList {
  /** Gives the list to the publisher, if it is this worker's to write and has changed. */
  write(): Promise<void>
  /** Does so again and again until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>
}

const everyMs = 2_000

export function createEverybodysList(parts: EverybodyParts): EverybodysList {
  const { key, stream, publisher, ownership, logger } = parts
  let written = ''
  let isUnderWay = false
  let isTaken = false

  async function write(): Promise<void> {
    if (parts.isUser(key)) {
      if (!isTaken) {
        logger.warn(
          'the list for everybody is not written, because a user has its key: choose another --everybody-key',
        )
      }
      isTaken = true
      return
    }
    const { items, modelVersion } = await parts.popular()
    const now = items.map(({ item }) => item).join('\n')
    const isOwn = ownership.mayPublish(modelVersion, stream || undefined) === true
    if (!isOwn || ownership.paused) {
      // Whoever may write it later writes it anew.
      written = ''
      return
    }
    if (isUnderWay || now === written || items.length === 0) return
    isUnderWay = true
    const list: TopList = {
      user: key,
      items,
      modelVersion,
      generatedAt: parts.nowMs(),
      newestEvent: 0,
      position: { stream, offset: -1 },
      source: 'POPULAR',
      beatsNext: [],
    }
    publisher.everybody(list, (isWritten) => {
      isUnderWay = false
      // What was withdrawn on the way is given anew.
      if (isWritten) written = now
    })
  }

  return {
    write,
    async run(signal) {
      while (!signal.aborted) {
        await write()
        await parts.pause(everyMs, signal).catch((cause: unknown) => {
          if (!signal.aborted) throw cause
        })
      }
    },
  }
}
