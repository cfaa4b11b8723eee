// Lines that come again and again: for each reason the first at once, the next after a second, and as long as they keep
// coming, after twice as long each time, up to a minute; each says how many were held back. Counts by reason belong
// into the metrics; this only keeps a log readable and its cost bounded.

import type { Facts } from '../../ports/logger.ts'

const pauseMs = { first: 1_000, most: 60_000 }
const reasonsMax = 100

type Write = (facts: Facts, message: string) => void

interface Held {
  readonly shownAt: number
  /** When the last one came, shown or not: after a minute without any they begin anew. */
  cameAt: number
  /** From shownAt until one may be shown again. */
  readonly pauseMs: number
  suppressed: number
  readonly message: string
}

export function createRepeats(now: () => number) {
  const held = new Map<string, Held>()

  function take(reason: string, message: string, facts: Facts, write: Write): void {
    const known = held.has(reason) || held.size < reasonsMax
    const key = known ? reason : 'other'
    const before = held.get(key)
    const at = now()
    // A clock that went back is no reason to fall silent.
    if (before !== undefined && at >= before.shownAt && at - before.shownAt < before.pauseMs) {
      before.suppressed += 1
      before.cameAt = at
      return
    }
    const suppressed = before?.suppressed ?? 0
    const isOver = before === undefined || at - before.cameAt >= pauseMs.most
    const pause = isOver ? pauseMs.first : Math.min(pauseMs.most, 2 * before.pauseMs)
    held.set(key, { shownAt: at, cameAt: at, pauseMs: pause, suppressed: 0, message })
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
