// What the learner and the lists ask of a model: who is preferred. Two answer it: the fused parts, which score every
// item (fused.ts), and the paper's network alone, which may only compare pairs (alone.ts).

import type { Moment, ScoreItems } from '../learn/part.ts'
import type { Tensor } from '../ports/checkpoint-store.ts'
import type { Excluded } from './top-k.ts'

export interface Preferred {
  readonly items: Int32Array
  /** P(preferred to the next); of the last, to the runner-up. */
  readonly scores: Float32Array
}

export interface Preference {
  /** What is measured on the stream: `model` first, then what it is made of where that can be told apart. */
  readonly names: readonly string[]
  /**
   * One scorer per name, for the moment that stands in `moment` when it is called. The model's own is called
   * first; the others read what it left behind.
   */
  scorers(moment: Moment): readonly ScoreItems[]
  /**
   * The model at a moment. Without a total order out[x] is by how much items[x] is preferred to items[0], so only
   * comparisons with items[0] mean something.
   */
  scorer(moment: Moment): ScoreItems
  /** Learns how to weigh the parts from an arriving item that no part has learned yet. */
  learn(moment: Moment, item: number): void
  /** The best of items 0…n-1, at most k and at most `longest`. */
  best(moment: Moment, n: number, k: number, excluded: Excluded): Preferred
  readonly longest: number
  /** What each part gave to each item; empty where there is no sum of parts. */
  gave(moment: Moment, items: Int32Array): Readonly<Record<string, number>>[]
  /** The output weight of each feature, meaned over the events learned. */
  weights(): Record<string, number>
  /** Its own state; that of parts and networks is saved by themselves. */
  save(): ReadonlyMap<string, Tensor>
  restore(tensors: ReadonlyMap<string, Tensor>): void
}
