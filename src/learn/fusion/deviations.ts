// The units that the output weights are learned in: the running standard deviations of the features.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { FeatureSums } from '../../ports/scoring.ts'
import type { Part } from '../part.ts'

/** Events over which means and variances forget. */
const memory = 20_000
/** The least deviation: a feature that has hardly been anything but 0 must not become large when it first is. */
const floor = 0.001

/**
 * How far each feature strays over the items that are scored together. Features that are counts or sums are of any
 * size; in units of their deviations one rate suits all of them. The mean is needed for the deviation only: what is
 * added to the scores of all items changes no order and no loss.
 *
 * Symbols: m_f mean and v_f variance of feature f, d_f = √(v_f + floor²).
 */
export interface Deviations {
  /** d_f; 1 for features that are taken as they are, and before the first event. */
  readonly all: Float32Array
  /** Takes the features of n items that the sums are over. */
  learn(of: FeatureSums, n: number): void
  save(): Tensor
  /** Takes over what feature f had in column `column` of a saved tensor. */
  restore(saved: Tensor, f: number, column: number): void
}

/** `scaled`: by feature whether its deviation is followed. */
export function createDeviations(scaled: readonly boolean[]): Deviations {
  const width = scaled.length
  const units = new Float32Array(width).fill(1)
  /** Rows: events, m_f, v_f. */
  const state = new Float64Array(3 * width)

  function set(f: number): void {
    units[f] = state[f] === 0 ? 1 : Math.sqrt(state[2 * width + f]! + floor * floor)
  }

  return {
    all: units,
    learn(of, n) {
      const { sums, squares: all } = of.totals()
      for (let f = 0; f < width; f++) {
        if (!scaled[f]) continue
        const [sum, squares] = [sums[f]!, all[f]!]
        const events = state[f]!
        const rate = 1 / Math.min(events + 1, memory)
        const mean = state[width + f]! + rate * (sum / n - state[width + f]!)
        const square = Math.max(0, squares / n - (2 * mean * sum) / n + mean * mean)
        state[f] = events + 1
        state[width + f] = mean
        state[2 * width + f]! += rate * (square - state[2 * width + f]!)
        set(f)
      }
    },
    save: () => ({ shape: [3, width], data: state.slice() }),
    restore({ shape, data }, f, column) {
      for (let row = 0; row < 3; row++) state[row * width + f] = data[row * shape[1]! + column]!
      set(f)
    },
  }
}

/** By feature whether its deviation is followed. */
export function areScaled({ features, isScaled = false }: Part): boolean[] {
  return features.map(() => isScaled)
}
