// Sums over features, each times its weight. features[f·n + x] is feature f of the x-th of n items.

import type { Moment, Part } from '../part.ts'

/** out[x] = Σ_f weights[f] · features[f·n + x], n = out.length. */
export function weighedSum(features: Float32Array, weights: Float32Array, out: Float32Array): void {
  const n = out.length
  out.fill(0)
  for (let f = 0; f < weights.length; f++) {
    if (weights[f] !== 0) addFeature(features, f, n, weights[f]!, out)
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
