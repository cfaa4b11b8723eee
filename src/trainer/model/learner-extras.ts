// What comparisons add to a learner: another plan, baselines, a stopwatch. Of these a worker adds nothing; as one of a
// group it hears of every event that is counted.

import type { MakeBaseline } from '../../measure/baseline.ts'
import type { OnRanks } from '../../measure/prequential.ts'
import type { LearnerPlan } from './plan.ts'
import type { Stopwatch } from './stopwatch.ts'

export interface LearnerExtras {
  /** Numbers other than those that the settings lead to. */
  readonly plan?: LearnerPlan
  /** Ranked on the same draws. */
  readonly baselines?: readonly MakeBaseline[]
  readonly onRanks?: OnRanks
  readonly hidesEqualTimes?: boolean
  /** Told of every event that is learned and counted, with the history that it is counted with, newest first. */
  readonly onCounted?: (user: number, history: Int32Array, item: number, weight: number) => void
  /** The time that each part takes is added here by name. */
  readonly stopwatch?: Stopwatch
}
