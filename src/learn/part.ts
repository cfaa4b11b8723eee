// One part of the fused score. A part has its own tables, loss and settings and knows nothing of the others;
// the fusion gives each of its features a weight. To add a part, write a file like parts/neighbours.ts and add it to
// the list in trainer/model/model.ts.

import type { Tensor } from '../ports/checkpoint-store.ts'
import type { UserBatch } from '../ports/engine.ts'

/** A user at a point of event time, before anything of that moment is learned. `users` holds that one user. */
export interface Moment {
  readonly user: number
  /** ms. */
  readonly time: number
  readonly users: UserBatch
}

/** Writes the score of items[x] for the user at that moment to out[x]. */
export type ScoreItems = (moment: Moment, items: Int32Array, out: Float32Array) => void

export interface Part {
  readonly name: string
  /** Names of its features, each with a learned output weight. */
  readonly features: readonly string[]
  /** Starting output weight of each feature. */
  readonly start: readonly number[]
  /** Added to the learned weight of each feature where items are ranked for a user who returns after a while. */
  readonly returningUserBias?: readonly number[]
  /** Writes feature f of items[x] to out[(offset + f) · items.length + x]. */
  score(moment: Moment, items: Int32Array, out: Float32Array, offset: number): void
  /**
   * sums[i] += Σ_f weights[f] · feature f of item i, for items i < n: the whole catalogue at once, without a value for
   * every feature. Where it is left out, score() is used.
   */
  addAll?(moment: Moment, n: number, weights: Float32Array, sums: Float32Array): void
  /** Counts an arrived event, after the fusion and the immediate draws have learned from it. */
  observe(moment: Moment, item: number): void
  /** The memory that the part takes. */
  readonly bytes: number
  save(): ReadonlyMap<string, Tensor>
  restore(tensors: ReadonlyMap<string, Tensor>): void
}
