// Appends to the update log, in the order in which the trainer gives its records: what was learned, every so often, and
// claims of streams.

import type { GroupLearning } from '../../ports/trainer.ts'
import type { UpdateLog } from '../../ports/update-log.ts'
import { headOf } from '../../updates/encode.ts'
import type { Retrying } from '../retry.ts'

export interface AppenderParts {
  readonly log: Pick<UpdateLog, 'append'>
  readonly group: Pick<GroupLearning, 'take' | 'claim'>
  readonly retrying: Retrying
  readonly rest: Rest
  /** What is learned is appended after `everyMs`, or after `everyEvents()` events as of now, whichever is first. */
  readonly everyMs: number
  readonly everyEvents: () => number
  readonly onAppended: (bytes: number) => void
}

export interface Appender {
  /** Resolve with the number of the newest own record in the log. */
  claim(streams: readonly string[]): Promise<number>
  learned(releases?: boolean): Promise<number>
  /** Appends what was learned, again and again until the signal is aborted. */
  often(signal: AbortSignal): Promise<void>
  /** `events` more events are on their way to the trainer. */
  counted(events: number): void
}

/** What the retrying is told it does: the condition `updates` goes by it. */
export const appendingUpdates = 'appending to the update log'

export function createAppender(parts: AppenderParts): Appender {
  const { log, group, retrying, rest } = parts
  let line: Promise<unknown> = Promise.resolve()
  let underWay = 0
  let newest = 0
  let events = 0
  let wake = (): void => undefined

  /** After one that could not be appended none is: it would stand where nothing fits to it. */
  function append(records: readonly Uint8Array[]): Promise<number> {
    underWay++
    const appended = line.then(async () => {
      for (const record of records) {
        await retrying(appendingUpdates, () => log.append(record))
        newest = headOf(record).sequence
        parts.onAppended(record.length)
      }
      underWay--
      return newest
    })
    line = appended
    return appended
  }

  async function learned(releases = false): Promise<number> {
    events = 0
    return append(await group.take(releases))
  }

  return {
    claim: async (streams) => append([await group.claim(streams)]),
    learned,
    async often(signal) {
      while (!signal.aborted) {
        const enough = new Promise<void>((resolve) => {
          wake = resolve
        })
        await rest(parts.everyMs, enough)
        // A log that is slow to take records is given fewer and larger ones.
        if (!signal.aborted && underWay === 0) await learned()
      }
    },
    counted(some) {
      events += some
      if (events >= parts.everyEvents()) wake()
    },
  }
}

/** Resolves after `ms` milliseconds, or with `sooner`, or when the work ends. */
export type Rest = (ms: number, sooner: Promise<void>) => Promise<void>

/** Pauses that end sooner where something comes, and all together at the end. `pause` rejects when aborted. */
export function createRest(
  pause: (ms: number, signal: AbortSignal) => Promise<void>,
  end: AbortSignal,
): Rest {
  const under = new Set<AbortController>()
  end.addEventListener('abort', () => {
    for (const one of under) one.abort()
  })
  return async (ms, sooner) => {
    if (end.aborted) return
    const own = new AbortController()
    under.add(own)
    await Promise.race([sooner, pause(ms, own.signal).catch(() => undefined)])
    under.delete(own)
    own.abort()
  }
}
