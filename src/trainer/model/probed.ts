// The forgetting probe for reports: ranking the probes costs as much as a hundred events, so it is not done for each.

import type { TrainerStats } from '../../messages.ts'
import type { Learner } from './learner.ts'

/** `exact`: ranked now; else it may be as old as a twentieth of the stream. */
export function createProbed(learner: Learner): (exact: boolean) => TrainerStats['forgetting'] {
  let last: TrainerStats['forgetting'] = { before: 0, after: 0, users: 0 }
  let due = 0
  return (exact) => {
    const { events } = learner.counts
    if (exact || events >= due) {
      last = learner.forgetting.report(events, learner.scorer)
      due = 1.05 * events + 1_000
    }
    return last
  }
}
