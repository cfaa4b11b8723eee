// The output weights themselves: three sets, of which a moment has one each, and their Adagrad.
//
// Symbols: a_f = w_f[length] + g_f[gap] + c_f[length, gap] the weight of feature f, b_f the lean of its part.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { Moment } from '../part.ts'

export interface WeightOptions {
  /** Adagrad. */
  readonly rate: number
  /** Where the accumulators start. */
  readonly accumulator: number
  /** Users whose newest positive is at least so old are ranked with the lean of the parts. */
  readonly awaySeconds: number
}

/** Histories of 0, 1, 2-4, 5-9, 10-19, 20-49 and 50 or more positives have weights of their own. */
const lengthEnds = [1, 2, 5, 10, 20, 50]
/** No positive yet; or the newest under a minute, ten minutes, a day, ten days ago, or longer. In seconds. */
const gapEnds = [60, 600, 86_400, 864_000]

export interface WeightSets {
  /** What weigh() has filled: a_f, with b_f where leans are asked for. */
  readonly weights: Float32Array
  /** Whether the user is ranked with the leans. */
  isAway(moment: Moment): boolean
  /** `leans`: as items are ranked; without them as the weights learn. */
  weigh(moment: Moment, leans: boolean): Float32Array
  /** A step along `gradient`, upwards, of the three sets of the moment weighed last. */
  adapt(gradient: Float32Array): void
  save(): [string, Tensor][]
  restore(tensors: ReadonlyMap<string, Tensor>): void
}

/** By feature, `start`: w at every length; g and c start at 0. */
export function createWeightSets(
  start: readonly number[],
  lean: readonly number[],
  options: WeightOptions,
): WeightSets {
  const width = start.length
  const lengths = lengthEnds.length + 1
  const gaps = gapEnds.length + 2
  const sets = lengths + gaps + lengths * gaps
  // The sets of w, then those of g, then those of c.
  const table = new Float32Array(sets * width)
  const accumulators = new Float32Array(sets * width).fill(options.accumulator)
  for (let b = 0; b < lengths; b++) table.set(start, b * width)
  const weights = new Float32Array(width)
  /** The sets that a moment weighs by. */
  const of = { length: 0, gap: 0, both: 0 }

  function place({ users }: Moment): void {
    const length = countUpTo(lengthEnds, users.historyLength[0]!)
    const gap = users.historyStart[1] === 0 ? 0 : 1 + countUpTo(gapEnds, users.historyAges[0]!)
    of.length = length
    of.gap = lengths + gap
    of.both = lengths + gaps + length * gaps + gap
  }

  function isAway({ users }: Moment): boolean {
    return users.historyStart[1]! > 0 && users.historyAges[0]! >= options.awaySeconds
  }

  function adapt(set: number, gradient: Float32Array): void {
    for (let f = 0; f < width; f++) {
      const at = set * width + f
      const g = gradient[f]!
      accumulators[at]! += g * g
      table[at]! += (options.rate / Math.sqrt(accumulators[at]!)) * g
    }
  }

  return {
    weights,
    isAway,
    weigh(moment, leans) {
      place(moment)
      const [w, g, c] = [of.length * width, of.gap * width, of.both * width]
      for (let f = 0; f < width; f++) weights[f] = table[w + f]! + table[g + f]! + table[c + f]!
      if (leans && isAway(moment)) for (let f = 0; f < width; f++) weights[f]! += lean[f]!
      return weights
    },
    adapt(gradient) {
      adapt(of.length, gradient)
      adapt(of.gap, gradient)
      adapt(of.both, gradient)
    },
    save: () => [
      ['fusion.weights', { shape: [sets, width], data: table.slice() }],
      ['fusion.accumulators', { shape: [sets, width], data: accumulators.slice() }],
    ],
    restore(tensors) {
      table.set(tensors.get('fusion.weights')?.data ?? [])
      accumulators.set(tensors.get('fusion.accumulators')?.data ?? [])
    },
  }
}

/** How many of the ascending ends the value has reached. */
function countUpTo(ends: readonly number[], value: number): number {
  let b = 0
  while (b < ends.length && value >= ends[b]!) b++
  return b
}
