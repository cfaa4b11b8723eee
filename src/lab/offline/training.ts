// Trains a model epoch by epoch and keeps the epoch that is best on the validation items: the authors' stop rule
// with patience. The rule «stop when the loss falls by less than 0.1 %» stops towers on their first plateau.

import type { OfflineScorer } from './judge.ts'

/** A model that is learned in passes over the training log. */
export interface Trainable {
  /** One pass; returns its mean loss. */
  epoch(): number
  /** Scores with the present parameters. `withValidation`: fold-in models may know the validation item. */
  scorer(withValidation: boolean): OfflineScorer
  /** Copies the parameters; the returned function restores them. */
  snapshot(): () => void
}

export interface TrainingOptions {
  readonly epochs: number
  /** Stop after this many epochs in a row without a better judgement; Infinity: never. */
  readonly patience: number
  /** The start is evaluated, too, as epoch 0: for a model that was trained before. */
  readonly judgesStart?: boolean
  /** Called after every epoch, for progress; learning goes on when it resolves, and ends when it rejects. */
  readonly onEpoch?: (
    epoch: number,
    loss: number,
    judged: number | undefined,
  ) => void | Promise<void>
}

/**
 * Leaves the model at its best epoch by `judge` (higher is better) and returns that epoch, counted from 1.
 * Without a judge it learns all epochs and keeps the last.
 */
export async function trainToBest(
  model: Pick<Trainable, 'epoch' | 'snapshot'>,
  judge: (() => number) | undefined,
  options: TrainingOptions,
): Promise<number> {
  let best = Number.NEGATIVE_INFINITY
  let bestEpoch = 0
  let restore: () => void = () => undefined
  if (options.judgesStart && judge !== undefined) {
    best = judge()
    restore = model.snapshot()
    await options.onEpoch?.(0, Number.NaN, best)
  }
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    const loss = model.epoch()
    const judged = judge?.()
    await options.onEpoch?.(epoch, loss, judged)
    if (judged === undefined) bestEpoch = epoch
    else if (judged > best) {
      best = judged
      bestEpoch = epoch
      restore = model.snapshot()
    } else if (epoch - bestEpoch >= options.patience) break
  }
  restore()
  return bestEpoch
}

/** The snapshot of a model whose parameters are these arrays. */
export function snapshotOf(arrays: readonly (Float32Array | Float64Array)[]): () => () => void {
  return () => {
    const copies = arrays.map((array) => array.slice())
    return () => {
      arrays.forEach((array, at) => {
        array.set(copies[at]!)
      })
    }
  }
}
