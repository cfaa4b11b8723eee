// Tries work until it succeeds: for what is out of reach now and may come back. The pause grows and has jitter; it
// ends at once when the worker stops. What only a person can mend is passed on.

import { Failure } from '../errors.ts'

const pauseFirstMs = 100
/** What is back is found within a second, however long it was away. */
const pauseMaxMs = 1_000

export interface RetryOptions {
  /** Aborted when the worker must not wait any longer. */
  readonly signal: AbortSignal
  /** A number in [0, 1) for the jitter. */
  readonly unit: () => number
  /** Resolves after `ms` milliseconds, or rejects when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** Called at every failure that will be retried, and with undefined when the work has come through again. */
  readonly onOutage: (what: string, failure: Failure | undefined) => void
}

/** `onWait` is called before every new try: the work is alive, and held up by something outside. */
export type Retrying = <T>(what: string, work: () => Promise<T>, onWait?: () => void) => Promise<T>

export function createRetrying(options: RetryOptions): Retrying {
  return async (what, work, onWait) => {
    for (let tries = 0; ; tries++) {
      try {
        const result = await work()
        if (tries > 0) options.onOutage(what, undefined)
        return result
      } catch (cause) {
        if (!(cause instanceof Failure) || cause.fate === 'stop' || options.signal.aborted)
          throw cause
        options.onOutage(what, cause)
        const pauseMs = Math.min(pauseMaxMs, pauseFirstMs * 2 ** tries)
        await options.pause(pauseMs * (0.5 + 0.5 * options.unit()), options.signal).catch((end) => {
          // Told to stop meanwhile: what is to be told is what it waited for.
          throw options.signal.aborted ? cause : end
        })
        onWait?.()
      }
    }
  }
}
