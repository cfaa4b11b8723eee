// What comparisons add to a learner: another plan, baselines, a stopwatch. A worker adds none of these; one of a group
// is told of every event that is counted.

import type { MakeBaseline } from '../../measure/baseline.ts'
import type { OnRanks } from '../../measure/prequential.ts'
import type { LearnerPlan } from './plan.ts'

export interface LearnerExtras {
  /** Numbers other than those that the settings lead to. */
  readonly plan?: LearnerPlan
  /** Ranked on the same draws. */
  readonly baselines?: readonly MakeBaseline[]
  readonly onRanks?: OnRanks
  readonly hidesEqualTimes?: boolean
  /** Told of every event that is learned and counted, with the history that it is counted with, newest first. */
  readonly onCounted?: (user: number, history: Int32Array, item: number, weight: number) => void
  /** Does each part of the work on an event, to measure its time. */
  readonly timed?: Timed
}

/** Does the work, which has that name, and returns what it returns. */
export type Timed = <T>(name: string, work: () => T) => T
