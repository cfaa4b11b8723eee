// What a trainer does while no event waits: first it pays the debt of what overload has shed, then it prepares what
// lists over a large catalogue are ranked from, then, a few times a second, it replays earlier positives.

import type { Core } from './core.ts'

/** How often earlier positives are replayed. */
const idleEveryMs = 100
/** How long debt is paid before the next look for events and lists that wait. */
const payMsMax = 5
const payAtOnce = 2

export interface SpareTime {
  /**
   * Works for some milliseconds while `core` has nothing else to do, and returns how many of them were learning.
   * `between` is called now and then.
   */
  use(core: Core, between?: () => void): { readonly learnedMs: number; readonly more: boolean }
}

/** `nowMs`: monotonic. */
export function createSpareTime(nowMs: () => number): SpareTime {
  let idleAtMs = nowMs()

  function payDebt(core: Core, between?: () => void): number {
    const startedMs = nowMs()
    let tookMs = 0
    while (tookMs < payMsMax && core.learner.shedding.debt.events > 0) {
      for (let paid = 0; paid < payAtOnce && core.learner.shedding.pay(); paid++);
      between?.()
      tookMs = nowMs() - startedMs
    }
    return tookMs
  }

  const prepare = ({ learner: { preference, positives } }: Core): boolean =>
    preference.prepare?.(positives.items) ?? false

  return {
    use(core, between) {
      // What is learned now would be given up.
      if (core.group?.mayLearn === false) return { learnedMs: 0, more: prepare(core) }
      if (core.learner.shedding.debt.events > 0)
        return { learnedMs: payDebt(core, between), more: true }
      const now = nowMs()
      if (now - idleAtMs >= idleEveryMs) {
        idleAtMs = now
        core.replay()
      }
      return { learnedMs: 0, more: prepare(core) }
    },
  }
}
