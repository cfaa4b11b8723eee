// The scores of some items at a moment, with all that they are made of: sums over features, each times its weight.
// features[f·n + x] is feature f of the x-th of n items.

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

/** out[x] = Σ_f weights[f] · features[f·n + x], n = out.length. */
export function weighedSum(features: Float32Array, weights: Float32Array, out: Float32Array): void {
  const n = out.length
  out.fill(0)
  for (let f = 0; f < weights.length; f++) {
    if (weights[f] !== 0) addFeature(features, f, n, weights[f]!, out)
  }
}

/** out[x] = Σ weights[f] · features[f·n + x] over features first … end-1, for n items. */
export function weighedPart(
  { items, features }: FusedScores,
  weights: Float32Array,
  [first, end]: readonly [number, number],
  out: Float32Array,
): void {
  const n = items.length
  out.fill(0, 0, n)
  for (let f = first; f < end; f++) addFeature(features, f, n, weights[f]!, out)
}

/** gradient[f] = -Σ_x slopes[x] · features[f·n + x] over n items. */
export function slopesByFeature(
  features: Float32Array,
  slopes: Float32Array,
  n: number,
  gradient: Float32Array,
): void {
  for (let f = 0; f < gradient.length; f++) {
    const from = f * n
    let sum = 0
    for (let x = 0; x < n; x++) sum += slopes[x]! * features[from + x]!
    gradient[f] = -sum
  }
}

/** out[x] += weight · features[f·n + x] for x < n. */
export function addFeature(
  features: Float32Array,
  f: number,
  n: number,
  weight: number,
  out: Float32Array,
): void {
  const from = f * n
  for (let x = 0; x < n; x++) out[x]! += weight * features[from + x]!
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
