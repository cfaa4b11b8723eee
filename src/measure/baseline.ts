// A recommender that is ranked beside the model on the same draws and takes no part in the model's score.

import type { Moment, ScoreItems } from '../learn/part.ts'
import type { Positives } from '../remember/positives.ts'

export interface Baseline {
  readonly name: string
  /** Scores from what was observed before that moment. */
  readonly score: ScoreItems
  /** Takes note of an event that has been ranked and is in the user's positive set by now. */
  observe(moment: Moment, item: number): void
}

export type MakeBaseline = (positives: Positives) => Baseline
