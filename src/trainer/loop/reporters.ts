// What the learning side reports to the main side, and when: lists and forgotten users, as many lists in a round as the
// trainer's load allows; and its counters a few times a second, with the positions that are safe to commit.

import type { Config } from '../../config.ts'
import type { TrainerReport, TrainerStats } from '../../messages.ts'
import type { Pause } from '../../rank/preference.ts'
import type { Core } from './core.ts'
import { createRounds } from './pacing.ts'

export interface ReporterOptions {
  /** Monotonic ms. */
  readonly nowMs: () => number
  /** The same, without what is spent on answers. */
  readonly workMs: () => number
  readonly report: (report: TrainerReport) => void
}

/** `between`, here and below, is called after each list of a round, and amid a list that takes long. */
export function createListReporter(config: Config, { nowMs, workMs, report }: ReporterOptions) {
  const rounds = createRounds(workMs)

  function reportForgotten(core: Core): void {
    const forgotten = core.takeForgotten()
    if (forgotten.length === 0) return
    const users = Int32Array.from(forgotten, ({ user }) => user)
    const evictions = Int32Array.from(forgotten, (one) => one.evictions)
    report({ kind: 'forgotten', users, evictions, modelVersion: core.lists.version })
  }

  function publish(
    core: Core,
    now = config.deterministic ? 0 : nowMs(),
    isOver?: () => boolean,
    between?: Pause,
  ): void {
    // The forgotten users first: a list that is due now belongs to a user who has come back since.
    reportForgotten(core)
    const lists = core.rank(now, isOver, between)
    if (lists.length > 0) report({ kind: 'lists', lists, evictions: { ...core.input.evictions } })
  }

  /** False where the round ends before lists take no longer than it. */
  function prepareLists(
    { learner: { preference, positives } }: Core,
    isOver: () => boolean,
  ): boolean {
    while (preference.mustPrepare?.(positives.items) ?? false) {
      if (isOver()) return false
      preference.prepare?.(positives.items)
    }
    return true
  }

  function publishRound(core: Core, effort: number, between?: Pause): void {
    rounds.run(effort, between, (isOver) => {
      if (!prepareLists(core, isOver)) return 0
      const before = core.lists.ranked
      publish(core, nowMs(), isOver, between)
      return core.lists.ranked - before
    })
  }

  return {
    reportForgotten,
    publish,
    /** While nothing else is to be done. */
    unasked(core: Core, between?: Pause): void {
      if (config.deterministic) return
      rounds.run(1, between, (isOver) => {
        const ranked = core.rankUnasked(isOver, between)
        if (ranked.length > 0) report({ kind: 'lists', lists: ranked })
        return ranked.length
      })
    },
    /** `isTurnEnd`: the number of events has reached a multiple of turnEvents. */
    round(core: Core, isTurnEnd: boolean, between?: Pause): void {
      if (!config.deterministic) publishRound(core, core.effort.lists, between)
      else if (isTurnEnd) publish(core)
    },
    /** While no event waits. */
    rest(core: Core, between?: Pause): void {
      if (config.deterministic) publish(core)
      else publishRound(core, 1, between)
    },
  }
}

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
  /** `between` is called now and then. */
  reportIfDue(core: Core, between?: () => void): void
  /** Reports the positions that are safe to commit, now. */
  tellPositions(core: Core): void
  /** Reports everything now, with exact figures. */
  report(core: Core): void
}

export function createStatsReporter({ nowMs, workMs, report }: ReporterOptions): StatsReporter {
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

  function of(core: Core, exact: boolean, between?: () => void): TrainerStats {
    return { ...core.stats(exact, between), learningShare, learningSeconds: learningMs / 1000 }
  }

  function send(core: Core, exact: boolean, between?: () => void): void {
    const now = nowMs()
    if (now > reportedAtMs) learningShare = Math.min(1, busyMs / (now - reportedAtMs))
    reportedAtMs = now
    busyMs = 0
    report({ kind: 'stats', stats: of(core, exact, between) })
    tellPositions(core)
  }

  function tellPositions(core: Core): void {
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
      const startedMs = workMs()
      const events = turn()
      if (events > 0) workedAtMs = nowMs()
      addLearning(workMs() - startedMs)
      return events
    },
    busy(work) {
      const startedMs = workMs()
      try {
        return work()
      } finally {
        addLearning(workMs() - startedMs)
      }
    },
    addLearning,
    get workedAtMs() {
      return workedAtMs
    },
    of,
    reportIfDue(core, between) {
      const now = nowMs()
      if (now < dueMs) return
      dueMs = now + reportEveryMs
      send(core, false, between)
    },
    tellPositions,
    report: (core) => send(core, true),
  }
}
