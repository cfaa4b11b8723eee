// How much of the processor this thread has had: other load of the machine takes none of it, as it does of the time on
// the clock.

import { existsSync, openSync, readSync } from 'node:fs'

const told = '/proc/thread-self/schedstat'

/** Of this thread alone, in ms, good to some of them, where the system tells that; else of all of the process. */
export function createProcessorClock(): () => number {
  if (!existsSync(told)) {
    return () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1_000
    }
  }
  const file = openSync(told, 'r')
  const text = Buffer.alloc(64)
  return () => Number.parseInt(text.toString('latin1', 0, readSync(file, text, 0, 64, 0)), 10) / 1e6
}
