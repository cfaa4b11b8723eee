// What comparisons add to a learner: other numbers, opponents, clocks. A worker adds nothing.

import type { MakeOpponent } from '../../measure/opponent.ts'
import type { OnRanks } from '../../measure/prequential.ts'
import type { LearnerPlan } from './plan.ts'
import type { Stopwatch } from './stopwatch.ts'

export interface LearnerExtras {
  /** Other numbers than the settings lead to. */
  readonly plan?: LearnerPlan
  /** Ranked on the same draws. */
  readonly opponents?: readonly MakeOpponent[]
  readonly onRanks?: OnRanks
  readonly hidesEqualTimes?: boolean
  /** What each part costs, in µs, is added here by name. */
  readonly stopwatch?: Stopwatch
}
