// Who is ranked beside the model on the same draws: a recommender of its own that takes no part in the score.

import type { Moment } from '../learn/part.ts'
import type { Positives } from '../remember/positives.ts'

export interface Opponent {
  readonly name: string
  /** out[x] = score of items[x] for the user at that moment, from what was observed before. */
  score(moment: Moment, items: Int32Array, out: Float32Array): void
  /** An event that has been ranked and is in the user's set by now. */
  observe(moment: Moment, item: number): void
}

export type MakeOpponent = (positives: Positives) => Opponent
