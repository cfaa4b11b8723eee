// Keeps what a worker that joins without a checkpoint starts from: one worker of the group, the one that has the first
// stream of the input, writes it now and then.

import { Failure } from '../../errors.ts'
import type { Checkpoint } from '../../ports/checkpoint-store.ts'
import type { Logger } from '../../ports/logger.ts'
import type { BaseStore } from '../../ports/update-log.ts'

export interface BaseKeeperParts {
  readonly store: BaseStore
  /** Whether this worker is the one that writes it now. */
  readonly isOurs: () => boolean
  /** What a newcomer needs of the newest checkpoint; undefined: there is none. */
  readonly newest: () => Promise<Checkpoint | undefined>
  readonly everyMs: number
  /** Rejects when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly logger: Logger
  readonly onWritten: () => void
}

/** Runs until the signal is aborted. */
export async function keepBase(parts: BaseKeeperParts, signal: AbortSignal): Promise<void> {
  const { store, logger } = parts
  let written = 0
  for (;;) {
    await parts.pause(parts.everyMs, signal).catch(() => undefined)
    if (signal.aborted) return
    if (!parts.isOurs()) continue
    try {
      const base = await parts.newest()
      if (base === undefined || base.generation === written) continue
      const bytes = await store.write(base)
      written = base.generation
      parts.onWritten()
      logger.info('the base for new workers of the group was written', { bytes })
    } catch (cause) {
      // The group goes on without: a newcomer then needs a checkpoint, or the log from its beginning.
      if (!(cause instanceof Failure)) throw cause
      const message = `the base for new workers of the group could not be written: ${cause.message}`
      logger.repeated('base', message, { reason: cause.code })
    }
  }
}
