// How long the process stood still for garbage collection, between any two moments.

import { type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'

export function watchCollections() {
  const pauses: { readonly from: number; readonly to: number }[] = []
  const note = (entries: readonly PerformanceEntry[]): void => {
    for (const { startTime, duration } of entries) {
      pauses.push({ from: startTime, to: startTime + duration })
    }
  }
  const observer = new PerformanceObserver((seen) => note(seen.getEntries()))
  observer.observe({ entryTypes: ['gc'] })

  return {
    /** Returns the ms of it between two moments. */
    async end() {
      await setImmediate()
      note(observer.takeRecords())
      observer.disconnect()
      return (from: number, to: number) =>
        pauses.reduce((sum, pause) => {
          return sum + Math.max(0, Math.min(to, pause.to) - Math.max(from, pause.from))
        }, 0)
    },
  }
}
