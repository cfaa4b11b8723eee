// What a trainer does in its time. While events wait: how many it learns before it looks for lists that are due. While
// none waits: first it pays the debt of what overload has shed, then it prepares what lists over a large catalogue are
// ranked from, then, a few times a second, it replays earlier positives.

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

/** A turn takes about this time: lists wait no longer for learning than learning does for lists. */
const turnMs = 25
/** The mean cost of an event forgets over about this many turns. */
const memory = 0.2

export interface Turns {
  /** How many of `most` events the next turn has. */
  events(most: number): number
  /** A turn of that many events has taken so long. */
  took(events: number, ms: number): void
}

/** The first turn has all of its events, as each one has where turns are not to depend on time. */
export function createTurns(isTimeless: boolean): Turns {
  let eventMs = 0
  return {
    events(most) {
      if (isTimeless || eventMs * most <= turnMs) return most
      return Math.max(1, Math.floor(turnMs / eventMs))
    },
    took(events, ms) {
      if (events > 0) eventMs += (eventMs === 0 ? 1 : memory) * (ms / events - eventMs)
    },
  }
}
