// Reports the trainer's counters a few times a second, with the share of the time that it spends on learning, and the
// positions that are safe to commit.

import type { TrainerReport, TrainerStats } from '../../messages.ts'
import type { Core } from './core.ts'

const reportEveryMs = 500

export interface StatsReporter {
  /** Does a turn of work and counts the time that it takes. */
  timed(turn: () => number): number
  /** Counts the time that the work takes. */
  busy<T>(work: () => T): T
  /** Counts time that was spent on learning outside of turns. */
  addLearning(ms: number): void
  /** Monotonic ms when the last turn ended that had an event. */
  readonly workedAtMs: number
  of(core: Core, exact: boolean): TrainerStats
  reportIfDue(core: Core): void
  /** Reports now. */
  tell(core: Core): void
  /** The same, with exact figures. */
  report(core: Core): void
}

export interface StatsReporterOptions {
  /** Monotonic ms. */
  readonly nowMs: () => number
  readonly report: (report: TrainerReport) => void
}

export function createStatsReporter({ nowMs, report }: StatsReporterOptions): StatsReporter {
  let dueMs = Number.NEGATIVE_INFINITY
  let reportedAtMs = nowMs()
  /** Spent on learning since the last report, and in all. */
  let busyMs = 0
  let learningMs = 0
  let learningShare = 0
  let workedAtMs = nowMs()

  function addLearning(ms: number): void {
    busyMs += ms
    learningMs += ms
  }

  function of(core: Core, exact: boolean): TrainerStats {
    return { ...core.stats(exact), learningShare, learningSeconds: learningMs / 1000 }
  }

  function send(core: Core, exact: boolean): void {
    const now = nowMs()
    if (now > reportedAtMs) learningShare = Math.min(1, busyMs / (now - reportedAtMs))
    reportedAtMs = now
    busyMs = 0
    report({ kind: 'stats', stats: of(core, exact) })
    // Never beyond a user who waits for a list, even where a checkpoint knows of that user: the checkpoint stays behind
    // when a stream goes to another worker, and only its records tell that worker who is still owed a list.
    const owed = core.takeOwed()
    const positions = core.safeToCommit()
    const evictions = core.input.evictions.users
    const more = owed.length > 0 ? { owed, evictions } : {}
    report({ kind: 'safeToCommit', positions, modelVersion: core.lists.version, ...more })
  }

  return {
    timed(turn) {
      const startedMs = nowMs()
      const events = turn()
      const endedMs = nowMs()
      if (events > 0) workedAtMs = endedMs
      addLearning(endedMs - startedMs)
      return events
    },
    busy(work) {
      const startedMs = nowMs()
      try {
        return work()
      } finally {
        addLearning(nowMs() - startedMs)
      }
    },
    addLearning,
    get workedAtMs() {
      return workedAtMs
    },
    of,
    reportIfDue(core) {
      const now = nowMs()
      if (now < dueMs) return
      dueMs = now + reportEveryMs
      send(core, false)
    },
    tell: (core) => send(core, false),
    report: (core) => send(core, true),
  }
}
