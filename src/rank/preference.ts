// What the learner and the lists ask of a model: which items a user prefers. It has two implementations: the fused
// parts, which score every item (trainer/model/fused-preference.ts), and the paper's network alone, which may only be
// able to compare pairs (paper/single-network-model.ts).

import type { FusedScores } from '../learn/fusion/fused-scores.ts'
import type { Moment, ScoreItems } from '../learn/part.ts'
import type { Tensor } from '../ports/checkpoint-store.ts'
import type { LiveRows } from '../ports/live-state.ts'

/** The longest list that can be asked for. */
export const listMax = 1_000

/** Which items may not be listed. */
export interface Excluded {
  (item: number): boolean
  /** The items of 0…n-1 that are not excluded, ascending, into `out`; how many. Faster than to ask for each. */
  listable?(n: number, out: Int32Array): number
  /** Some of the excluded items, where they can be told without asking for all: most that would be near the top. */
  readonly own?: Int32Array
  /** More of them: those that nobody may be shown. */
  readonly unlisted?: Int32Array
}

export interface Preferred {
  readonly items: Int32Array
  /** P(preferred to the best item that is not listed): falls down the list. */
  readonly scores: Float32Array
  /** P(preferred to the next item); of the last one, to the best that is not listed. */
  readonly beatsNext: Float32Array
}

/** How the model, and what it is made of, score some items at a moment. Valid until the next call of measure(). */
export interface Measured {
  /** For each of the names the scores of the items, in their order. Valid until the model scores others. */
  readonly columns: readonly Float32Array[]
  /** Of a fused model: what its output weights learn from. */
  readonly fused?: FusedScores
}

/**
 * Called amid a list that takes long: others may be answered meanwhile, by lists of their own, too. Returns whether
 * any were; then the moment has been filled in again, and what was begun for it has to be begun again.
 */
export type Pause = () => boolean

export interface Preference {
  /** What is measured on the stream: `model` first, then what it is made of where that can be told apart. */
  readonly names: readonly string[]
  measure(moment: Moment, items: Int32Array): Measured
  /**
   * The scores of the model. Without a total order out[x] is by how much items[x] is preferred to items[0], so only
   * comparisons with items[0] mean something.
   */
  readonly score: ScoreItems
  /**
   * Learns how to weigh the parts from an arriving item that no part has learned yet. `measured`: the scores of that
   * item, first, and of others at this moment, if it was measured. `weight`: of the step, 1 for a whole one.
   */
  learn(moment: Moment, item: number, measured: Measured | undefined, weight?: number): void
  /** The best of items 0…n-1, at most k and at most `longest`. */
  best(moment: Moment, n: number, k: number, excluded: Excluded, pause?: Pause): Preferred
  readonly longest: number
  /** Bytes that it keeps for lists, beside its parts and networks. */
  readonly bytes?: number
  /** Some ms of work that later lists over n items are spared; returns whether there was any. */
  prepare?(n: number): boolean
  /** Whether a list over n items takes longer than the trainer may be silent for, until more was prepared. */
  mustPrepare?(n: number): boolean
  /** What was learned of these users themselves begins anew; left out: nothing is, beside networks. */
  forgetUsers?(users: Int32Array): void
  /** What each part and the hidden layer gave to the score of each item; empty where the score is no such sum. */
  contributions(moment: Moment, items: Int32Array): Readonly<Record<string, number>>[]
  /** The output weight of each feature, averaged over the events learned. */
  weights(): Record<string, number>
  /** Views of what it learns itself: what is written there holds. Left out: it learns nothing but its networks. */
  tensors?(): ReadonlyMap<string, Tensor>
  /** Its own state by user, beside save(). */
  readonly live?: readonly LiveRows[]
  /** Its own state; parts and networks save theirs themselves. */
  save(): ReadonlyMap<string, Tensor>
  restore(tensors: ReadonlyMap<string, Tensor>): void
}
