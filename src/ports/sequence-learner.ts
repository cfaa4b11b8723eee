// Learns the parameters of a network from windows: runs of consecutive positives of one user. Each target in a window
// has the items before it as its history. All targets of a batch meet the same negatives, so scores and gradients are
// matrix products. Only for networks over histories whose items have a score (`users: history`, `output: ones`, not
// joint).
//
// The offline trainer calls it for every step. It is synchronous, and throws a RangeError for ids and arrays that do
// not fit.

import type { Tensor } from './checkpoint-store.ts'
import type { NetworkSpec } from './engine.ts'

export interface WindowBatch {
  /** Window w has items[start[w] … start[w+1]), oldest first; the last targets[w] of them are targets. */
  readonly start: Int32Array
  readonly targets: Int32Array
  readonly items: Int32Array
  /** Seconds, not falling within a window. Only blocks of kind `time` read them. */
  readonly times: Float64Array
  /** How many positives the user had before the first given item of the window. */
  readonly before: Int32Array
  readonly negatives: Int32Array
  /** (windows, negatives): 1 if the negative counts for the targets of the window. */
  readonly allowed: Uint8Array
  /** Determines what is dropped out. */
  readonly key: number
}

export interface SequenceOptions {
  /** Shares that are dropped while learning: items of a history, columns of the query, columns of the tower's input. */
  readonly dropItems: number
  readonly dropQuery: number
  readonly dropTower: number
}

export interface SequenceLearner {
  /**
   * The mean over all targets of -log(e^s_i / (e^s_i + Σ_j e^s_j)), where j are the allowed negatives. Its gradient is
   * added to what is there.
   */
  gradient(batch: WindowBatch): number
  /**
   * One update by Adam (β .9/.999, ε 1e-8) on all parameters, with decay·rate·w subtracted. Then the gradients are
   * zero.
   */
  update(rate: number, decay: number): void
  /** mean += share·(values - mean) */
  average(share: number): void
  /** Views by the names of Network.tensors(): parameters, their gradients, or their running mean. */
  tensors(what: 'values' | 'gradients' | 'mean'): ReadonlyMap<string, Tensor>
}

export interface SequenceEngine {
  readonly name: string
  /** For `items` items. All parameters begin at 0; the caller sets them. */
  create(spec: NetworkSpec, items: number, options: SequenceOptions): SequenceLearner
}
