// What comparisons add to a learner: another plan, baselines, a stopwatch. A worker adds nothing.

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
  /** The time that each part takes is added here by name. */
  readonly stopwatch?: Stopwatch
}
