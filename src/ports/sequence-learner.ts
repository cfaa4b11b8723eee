// Learns the parameters of a network from windows: runs of one user's consecutive positives, each a target whose
// history is what stands before it. All targets of a batch meet the same negatives, so that scores and gradients are
// products of matrices. Only for networks over histories with one number per item (`users: history`, `output: ones`,
// not joint).
//
// Called by the offline trainer for every step. Synchronous; RangeError for ids and arrays that do not fit.

import type { Tensor } from './checkpoint-store.ts'
import type { NetworkSpec } from './engine.ts'

export interface WindowBatch {
  /** Window w has items[start[w] … start[w+1]), oldest first; the last targets[w] of them are targets. */
  readonly start: Int32Array
  readonly targets: Int32Array
  readonly items: Int32Array
  /** Seconds, not falling within a window; only blocks of kind `time` read them. */
  readonly times: Float64Array
  /** Positives the user had before the first given item of the window. */
  readonly before: Int32Array
  readonly negatives: Int32Array
  /** windows × negatives: 1 where the negative may stand against the window's targets. */
  readonly allowed: Uint8Array
  /** Fixes what is dropped out. */
  readonly key: number
}

export interface SequenceOptions {
  /** Shares dropped while learning: items of a history, columns of the query, columns of the tower's input. */
  readonly dropItems: number
  readonly dropQuery: number
  readonly dropTower: number
}

export interface SequenceLearner {
  /**
   * The mean over all targets of -log(e^s_i / (e^s_i + Σ_j e^s_j)), j the negatives allowed; its gradient is added to
   * what is there.
   */
  gradient(batch: WindowBatch): number
  /** One update by Adam (β .9/.999, ε 1e-8) on all parameters; decay·rate·w is taken off; then gradients are zero. */
  update(rate: number, decay: number): void
  /** mean += share·(values - mean) */
  average(share: number): void
  /** Views by the names of Network.tensors(): parameters, their gradients, or their running mean. */
  tensors(what: 'values' | 'gradients' | 'mean'): ReadonlyMap<string, Tensor>
}

export interface SequenceEngine {
  readonly name: string
  /** For `items` items; all parameters begin at 0: the caller sets them. */
  create(spec: NetworkSpec, items: number, options: SequenceOptions): SequenceLearner
}
