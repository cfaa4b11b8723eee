// What fails outside of a single call: a failure that stops the worker, and the process in time whatever hangs; and
// outages, which are waited out and told when they begin and when they are over.

import type { Failure } from '../errors.ts'
import type { Io } from '../io.ts'
import type { Logger } from '../ports/logger.ts'

export type Failing = ReturnType<typeof failingOf>

/** A source may fail for good while nobody waits for it: then everything stops, and in time. */
export function failingOf(io: Io) {
  const stop = new AbortController()
  let failed: Failure | undefined
  return {
    signal: stop.signal,
    onFailed(failure: Failure) {
      failed = failure
      stop.abort()
      io.exitAfterGrace?.(failure.exitCode)
    },
    check() {
      if (failed !== undefined) throw failed
    },
  }
}

/** An outage that lasts is told again after this long. */
const retoldMs = 60_000

/** To be called at every failure that will be retried, and without one when the work has come through again. */
export type TellOutage = (what: string, failure: Failure | undefined) => void

/** `nowMs`: monotonic. */
export function createOutageTelling(
  logger: Pick<Logger, 'info' | 'warn'>,
  nowMs: () => number,
): TellOutage {
  const outages = new Map<string, { readonly sinceMs: number; toldMs: number }>()

  return (what, failure) => {
    const now = nowMs()
    const known = outages.get(what)
    const seconds = known === undefined ? 0 : Math.round((now - known.sinceMs) / 1000)
    if (failure === undefined) {
      outages.delete(what)
      logger.info(`${what} works again`, { what, seconds })
    } else if (known === undefined) {
      outages.set(what, { sinceMs: now, toldMs: now })
      const advice = 'it is tried again until it works; `neupr-worker doctor` says what is wrong'
      logger.warn(`${failure.message}; ${advice}`, { reason: failure.code, what })
    } else if (now - known.toldMs >= retoldMs) {
      known.toldMs = now
      logger.warn(`${what} still fails: ${failure.message}`, {
        ...{ reason: failure.code, what, seconds },
      })
    }
  }
}
