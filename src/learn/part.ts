// One part of the fused score. A part has its own tables, loss and settings and knows nothing of the others;
// the fusion gives each of its features a weight. To add a part, write a file like parts/neighbours.ts and add it to
// the list in trainer/model/model.ts.

import type { ColumnTerm, ItemRows } from '../ports/catalogue.ts'
import type { Tensor } from '../ports/checkpoint-store.ts'
import type { UserBatch } from '../ports/engine.ts'
import type { LiveState } from '../ports/live-state.ts'

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
  /** Its features are counts or sums of any size: their weights are learned in units of their deviations. */
  readonly isScaled?: boolean
  /** Added to the learned weight of each feature where items are ranked for a user who returns after a while. */
  readonly returningUserBias?: readonly number[]
  /** Added to it for such a user with a long history. */
  readonly returningLongBias?: readonly number[]
  /** Writes feature f of items[x] to out[(offset + f) · items.length + x]. */
  score(moment: Moment, items: Int32Array, out: Float32Array, offset: number): void
  /**
   * sums[i] += Σ_f weights[f] · feature f of item i, for items i < n: the whole catalogue at once, without a value for
   * every feature. Where it is left out, score() is used.
   */
  addAll?(moment: Moment, n: number, weights: Float32Array, sums: Float32Array): void
  /** For catalogues of which only the items that may be among the best are scored; left out: there is no such way. */
  readonly staged?: StagedPart | undefined
  /** Counts an arrived event as `weight` events, after the fusion and the immediate draws have learned from it. */
  observe(moment: Moment, item: number, weight?: number): void
  /**
   * Nothing that was counted of items with a 1 remains, since their ids are to stand for others; what was counted of
   * other items and tells of these goes by sweepItems().
   */
  dropItems?(gone: Uint8Array): void
  /** What was counted of items from … to-1 tells nothing of items with a 1 any more: a pass in pieces. */
  sweepItems?(gone: Uint8Array, from: number, to: number): void
  /** The memory that the part takes. */
  readonly bytes: number
  readonly state: LiveState
  /** `restored` may be told of pieces of the state that are large. */
  restore(tensors: ReadonlyMap<string, Tensor>, restored?: (state: LiveState) => void): void
}

/** What a part adds to the score of a few items, and what it can add to the others at most. */
export interface StagedPart {
  /** What it adds is a product with rows of a network; */
  readonly rows?: ItemRows
  /** or follows from levels of popularity, one for each weight. */
  readonly popularity?: Popularity
  /** A step of what the next list would be long for; whether there was any. */
  prepare?(): boolean
  /** Whether there is, as after some events. */
  lacks?(): boolean
  /** Comes first at each moment. The query of its rows goes into `query`. */
  begin(moment: Moment, weights: Float32Array, query: Float32Array): void
  /** sums[x] += what addAll() of n items adds for items[x], x < count, to the last bit. */
  addSome(items: Int32Array, count: number, sums: Float32Array, n: number): void
  /** What it adds for every item, where that follows from columns. Valid until the next event. */
  terms?(): readonly ColumnTerm[]
  /** bounds[i] += no less than what it adds for item i, where that is none of the above. */
  raise?(bounds: Float32Array): void
}

/** Counts by item that halve with every half-life. */
export interface Popularity {
  /** In events. */
  readonly halfLives: readonly number[]
  /** Events counted so far. */
  readonly events: number
  /** ln(1 + n_i^(k)) as it is when the next event is predicted. */
  level(item: number, kind: number): number
  /** `observed` is told every item that is counted, and undefined where all counts are others. */
  watch(observed: (item: number | undefined) => void): void
}
