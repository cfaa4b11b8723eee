// A failure that belongs to no call: heard once, it stops the worker, and the process ends in time whatever hangs.

import type { Failure } from '../errors.ts'
import type { Io } from './io.ts'

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
