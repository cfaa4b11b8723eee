// Watches that the update log still has the records that this worker would need to go on from its newest checkpoint.
// What was deleted does no harm while the worker runs, but after a restart it cannot go on from there.

import { Failure } from '../../errors.ts'
import type { Logger } from '../../ports/logger.ts'
import type { UpdateLog } from '../../ports/update-log.ts'

export interface RetentionParts {
  readonly log: Pick<UpdateLog, 'bounds'>
  /** Offset from which the newest own checkpoint goes on; undefined: there is none. */
  readonly saved: number | undefined
  readonly everyMs: number
  /** Rejects when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly logger: Logger
  /** Records from the beginning of the log to where the checkpoint goes on; below 0: so many were deleted. */
  readonly onLook: (records: number) => void
}

export interface RetentionWatch {
  /** A checkpoint was written that goes on from this offset. */
  saved(next: number): void
  /** Looks every so often, until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>
}

export function createRetentionWatch(parts: RetentionParts): RetentionWatch {
  const { log, logger } = parts
  let saved = parts.saved
  let begin: number | undefined
  /** The checkpoint of which it was said that the log has lost what comes after it. */
  let told: number | undefined

  function look(): void {
    if (saved === undefined || begin === undefined) return
    parts.onLook(saved - begin)
    if (saved >= begin || told === saved) return
    told = saved
    logger.warn(
      'records of the update log were deleted that the newest checkpoint of this worker has not read: after a ' +
        'restart it cannot go on from there. See why no newer checkpoint was written, and give the log a longer ' +
        'retention.ms',
      { checkpoint: saved, begin },
    )
  }

  async function askBegin(): Promise<void> {
    try {
      ;({ begin } = await log.bounds())
    } catch (cause) {
      // Whoever reads the log waits for it, or ends the worker.
      if (!(cause instanceof Failure)) throw cause
      const message = `the beginning of the update log is not known: ${cause.message}`
      logger.repeated('updates_begin', message, { reason: cause.code })
    }
  }

  return {
    saved(next) {
      saved = next
      look()
    },
    async run(signal) {
      while (!signal.aborted) {
        await askBegin()
        look()
        await parts.pause(parts.everyMs, signal).catch(() => undefined)
      }
    },
  }
}
