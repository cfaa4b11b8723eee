// The output weights themselves: three tables, of which each moment reads one row each, and their Adagrad; and the
// units that they are learned in, the running standard deviations of the features.
//
// Symbols: α_f = w_f[length] + g_f[gap] + c_f[length, gap] the weight of feature f in units of its deviation d_f, a_f =
// α_f / d_f that of the feature itself, b_f the bias that its part adds for returning users.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { FeatureSums } from '../../ports/scoring.ts'
import type { Moment, Part } from '../part.ts'

export interface WeightOptions {
  /** Adagrad. */
  readonly rate: number
  /** Where the accumulators start. */
  readonly accumulator: number
  /** Users whose newest positive is at least so old are returning users. */
  readonly awaySeconds: number
}

/** Histories of 0, 1, 2-4, 5-9, 10-19, 20-49 and 50 or more positives have weights of their own. */
const lengthEnds = [1, 2, 5, 10, 20, 50]
/** No positive yet; or the newest under a minute, ten minutes, a day, ten days ago, or longer. In seconds. */
const gapEnds = [60, 600, 86_400, 864_000]

export interface WeightSets {
  isReturning(moment: Moment): boolean
  /** a_f for every feature; `withBias`: plus b_f for a returning user. Valid until the next call. */
  weigh(moment: Moment, withBias: boolean): Float32Array
  /** A step up along `gradient`, the slopes by a_f, of the three rows that the moment reads. */
  adapt(moment: Moment, gradient: Float32Array, share?: number): void
  /** Views of the tables: what is written there is weighed with. */
  tensors(): [string, Tensor][]
  save(): [string, Tensor][]
  /** `columns`: by feature its column in the tensors, -1 for none; `from`: the name that they were saved under. */
  restore(tensors: ReadonlyMap<string, Tensor>, columns: readonly number[], from?: string): void
}

/** b_f of every feature, and what is added to it for a long history. */
export interface Biases {
  readonly bias: readonly number[]
  readonly longBias: readonly number[]
}

export function biasesOf(parts: readonly Part[]): Biases {
  const given = (of: 'returningUserBias' | 'returningLongBias') =>
    parts.flatMap((part) => part[of] ?? part.start.map(() => 0))
  return { bias: given('returningUserBias'), longBias: given('returningLongBias') }
}

/**
 * `name`: its tensors begin with it. `start`: w of each feature at every length; g and c start at 0. `bias`: b_f of
 * each feature, `longBias` what is added to it at the greatest lengths. `deviations`: d_f, read at every call.
 */
export function createWeightSets(
  name: string,
  start: readonly number[],
  { bias, longBias }: Biases,
  deviations: Float32Array,
  options: WeightOptions,
): WeightSets {
  const width = start.length
  const lengths = lengthEnds.length + 1
  const gaps = gapEnds.length + 2
  const height = lengths + gaps + lengths * gaps
  // The rows of w, then those of g, then those of c.
  const table = new Float32Array(height * width)
  const accumulators = new Float32Array(height * width).fill(options.accumulator)
  for (let b = 0; b < lengths; b++) table.set(start, b * width)
  const weights = new Float32Array(width)
  /** The rows that a moment reads: of w, of g and of c. */
  const rows = { length: 0, gap: 0, both: 0 }

  function findRows({ users }: Moment): void {
    const length = countUpTo(lengthEnds, users.historyLength[0]!)
    const gap = users.historyStart[1] === 0 ? 0 : 1 + countUpTo(gapEnds, users.historyAges[0]!)
    rows.length = length
    rows.gap = lengths + gap
    rows.both = lengths + gaps + length * gaps + gap
  }

  function isReturning({ users }: Moment): boolean {
    return users.historyStart[1]! > 0 && users.historyAges[0]! >= options.awaySeconds
  }

  function adaptRow(row: number, gradient: Float32Array, share: number): void {
    for (let f = 0; f < width; f++) {
      const at = row * width + f
      const g = (share * gradient[f]!) / deviations[f]!
      accumulators[at]! += g * g
      table[at]! += (options.rate / Math.sqrt(accumulators[at]!)) * g
    }
  }

  function tensors(): [string, Tensor][] {
    return [
      [`${name}.weights`, { shape: [height, width], data: table }],
      [`${name}.accumulators`, { shape: [height, width], data: accumulators }],
    ]
  }

  return {
    isReturning,
    tensors,
    save: () => tensors().map(([of, { shape, data }]) => [of, { shape, data: data.slice() }]),
    weigh(moment, withBias) {
      findRows(moment)
      const [w, g, c] = [rows.length * width, rows.gap * width, rows.both * width]
      for (let f = 0; f < width; f++) {
        weights[f] = (table[w + f]! + table[g + f]! + table[c + f]!) / deviations[f]!
      }
      if (withBias && isReturning(moment)) {
        const isLong = rows.length === lengths - 1
        for (let f = 0; f < width; f++) weights[f]! += bias[f]! + (isLong ? longBias[f]! : 0)
      }
      return weights
    },
    adapt(moment, gradient, share = 1) {
      findRows(moment)
      adaptRow(rows.length, gradient, share)
      adaptRow(rows.gap, gradient, share)
      adaptRow(rows.both, gradient, share)
    },
    restore(tensors, columns, from = name) {
      takeColumns(tensors.get(`${from}.weights`), columns, table)
      takeColumns(tensors.get(`${from}.accumulators`), columns, accumulators)
    },
  }
}

/** Column f of `into` = the column that belongs to it, where there is one. */
function takeColumns(
  saved: Tensor | undefined,
  columns: readonly number[],
  into: Float32Array,
): void {
  if (saved === undefined) return
  const [height = 0, width = 0] = saved.shape
  columns.forEach((column, f) => {
    if (column < 0) return
    for (let row = 0; row < height; row++) {
      into[row * columns.length + f] = saved.data[row * width + column]!
    }
  })
}

/** How many of the ascending ends the value has reached. */
function countUpTo(ends: readonly number[], value: number): number {
  let b = 0
  while (b < ends.length && value >= ends[b]!) b++
  return b
}

/** Events over which means and variances forget. */
const eventsRemembered = 20_000
/** The least deviation: a feature that has hardly been anything but 0 must not become large when it first is. */
const deviationMin = 0.001

/**
 * How far each feature strays over the items that are scored together. Features that are counts or sums are of any
 * size; in units of their deviations one rate suits all of them. The mean is needed for the deviation only: what is
 * added to the scores of all items changes no order and no loss.
 *
 * Symbols: m_f mean and v_f variance of feature f, d_f = √(v_f + deviationMin²).
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

/** Of the features of parts that are scaled. */
export function createDeviations(
  parts: readonly Pick<Part, 'features' | 'isScaled'>[],
): Deviations {
  const scaled = parts.flatMap(({ features, isScaled = false }) => features.map(() => isScaled))
  const width = scaled.length
  const units = new Float32Array(width).fill(1)
  /** Rows: events, m_f, v_f. */
  const state = new Float64Array(3 * width)

  function set(f: number): void {
    units[f] = state[f] === 0 ? 1 : Math.sqrt(state[2 * width + f]! + deviationMin * deviationMin)
  }

  return {
    all: units,
    learn(of, n) {
      const { sums, squares: all } = of.totals()
      for (let f = 0; f < width; f++) {
        if (!scaled[f]) continue
        const [sum, squares] = [sums[f]!, all[f]!]
        const events = state[f]!
        const rate = 1 / Math.min(events + 1, eventsRemembered)
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
