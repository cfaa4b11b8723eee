// The scores of some items at a moment, with all that they are made of: sums over features, each times its weight.
// features[f·n + x] is feature f of the x-th of n items.

import type { FeatureSums } from '../../ports/scoring.ts'
import type { Moment, Part } from '../part.ts'

export interface FusedScores {
  /** (n) */
  items: Int32Array
  /** (n) Σ_f direct[f] · features[f·n + x], and what the hidden units add. */
  scores: Float32Array
  /** (n) Σ_f weights[f] · features[f·n + x]; the same array where there is no hidden layer. */
  linear: Float32Array
  /** features[f·n + x] = x_f(items[x]) */
  features: Float32Array
  /** a_f, with b_f for a returning user. */
  weights: Float32Array
  /** c_f, with b_f for a returning user; the same array where there is no hidden layer. */
  direct: Float32Array
  isReturning: boolean
}

/** `hasLayer`: there is a hidden layer. */
export function emptyScores(width: number, hasLayer: boolean): FusedScores {
  const scores = new Float32Array(0)
  const weights = new Float32Array(width)
  return {
    items: new Int32Array(0),
    ...{ scores, linear: scores },
    features: new Float32Array(0),
    ...{ weights, direct: hasLayer ? new Float32Array(width) : weights },
    isReturning: false,
  }
}

/** Makes room for n items. */
export function makeRoom(scores: FusedScores, n: number): void {
  if (scores.scores.length === n) return
  const hasLayer = scores.direct !== scores.weights
  scores.items = new Int32Array(n)
  scores.scores = new Float32Array(n)
  scores.linear = hasLayer ? new Float32Array(n) : scores.scores
  scores.features = new Float32Array(scores.weights.length * n)
}

/** Sums in plain loops, for engines that have nothing faster. */
export function createPlainSums(width: number): FeatureSums {
  let features: Float32Array = new Float32Array(0)
  let n = 0
  let columns: Float32Array[] = []
  const totals = { sums: new Float64Array(width), squares: new Float64Array(width) }

  function byFeature(sumOf: (from: number) => number, out: Float32Array | Float64Array): void {
    for (let f = 0; f < width; f++) out[f] = sumOf(f * n)
  }

  return {
    put(given, count) {
      ;[features, n] = [given, count]
    },
    weigh: (weights, out) => weighFeatures(features, n, weights, 0, width, out),
    weighParts(ends, weights, all) {
      if (columns.length !== 2 * ends.length || columns[0]?.length !== n) {
        columns = Array.from({ length: 2 * ends.length }, () => new Float32Array(n))
      }
      ends.forEach((end, p) => {
        const [own, others] = [columns[2 * p]!, columns[2 * p + 1]!]
        weighFeatures(features, n, weights, ends[p - 1] ?? 0, end, own)
        for (let k = 0; k < n; k++) others[k] = all[k]! - own[k]!
      })
      return columns
    },
    totals() {
      byFeature((from) => {
        let sum = 0
        for (let k = 0; k < n; k++) sum += features[from + k]!
        return sum
      }, totals.sums)
      byFeature((from) => {
        let sum = 0
        for (let k = 0; k < n; k++) sum += features[from + k]! * features[from + k]!
        return sum
      }, totals.squares)
      return totals
    },
    slopes(slopes, out) {
      byFeature((from) => {
        let sum = 0
        for (let k = 0; k < n; k++) sum += slopes[k]! * features[from + k]!
        return -sum
      }, out)
    },
    pulls(js, pulls, count, out) {
      byFeature((from) => {
        let sum = 0
        for (let q = 0; q < count; q++) {
          sum += pulls[q]! * (features[from]! - features[from + js[q]!]!)
        }
        return sum
      }, out)
    },
  }
}

/** out[k] = Σ weights[f] · features[f·n + k] over features first … end-1, for n items. */
export function weighFeatures(
  features: Float32Array,
  n: number,
  weights: Float32Array,
  first: number,
  end: number,
  out: Float32Array,
): void {
  out.fill(0, 0, n)
  for (let f = first; f < end; f++) {
    const weight = weights[f]!
    if (weight === 0) continue
    const from = f * n
    for (let k = 0; k < n; k++) out[k]! += weight * features[from + k]!
  }
}

/** How many features there are up to each part, and with it. */
export function endsOf(parts: readonly Part[]): Int32Array {
  let end = 0
  return Int32Array.from(parts, (part) => (end += part.features.length))
}

/** sums[i] += Σ_f weights[f] · feature f of item i, for items i < n. */
export function addAllOf(
  part: Part,
  moment: Moment,
  n: number,
  weights: Float32Array,
  sums: Float32Array,
): void {
  if (part.addAll !== undefined) {
    part.addAll(moment, n, weights, sums)
    return
  }
  const items = Int32Array.from({ length: n }, (_, item) => item)
  const scores = new Float32Array(n * weights.length)
  part.score(moment, items, scores, 0)
  weights.forEach((weight, f) => {
    for (let i = 0; i < n; i++) sums[i]! += weight * scores[f * n + i]!
  })
}
