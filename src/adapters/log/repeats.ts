// Lines that come again and again: one a second and reason, with the number of those held back. Counts by
// reason belong into the metrics; this only keeps a log readable and its cost bounded.

import type { Facts } from '../../ports/logger.ts'

const everyMs = 1_000
const reasonsMax = 100

type Write = (facts: Facts, message: string) => void

export function createRepeats(now: () => number) {
  const held = new Map<string, { shownAt: number; suppressed: number; message: string }>()

  function take(reason: string, message: string, facts: Facts, write: Write): void {
    const known = held.has(reason) || held.size < reasonsMax
    const key = known ? reason : 'other'
    const before = held.get(key)
    const at = now()
    // A clock that went back is no reason to fall silent.
    if (before !== undefined && at >= before.shownAt && at - before.shownAt < everyMs) {
      before.suppressed += 1
      return
    }
    const suppressed = before?.suppressed ?? 0
    held.set(key, { shownAt: at, suppressed: 0, message })
    write({ reason: key, ...facts, ...(suppressed > 0 ? { suppressed } : {}) }, message)
  }

  /** Writes the numbers still held back, for the end of the process. */
  function flush(write: Write): void {
    for (const [reason, one] of held) {
      if (one.suppressed > 0) write({ reason, suppressed: one.suppressed }, one.message)
    }
    held.clear()
  }
  return { take, flush }
}
