// The units of the hidden layer in plain loops, for engines that have no others; the compiled ones are compared with
// them. Symbols: see HiddenUnits.

import type { HiddenShape, HiddenUnits } from '../../ports/scoring.ts'
import { createPlainSums } from './fused-scores.ts'

/** Added to a variance: what has hardly been anything but one number must not become large when it changes. */
const floor = 1e-6
const [least, most] = [-5, 8]
const [keepFirst, keepSecond] = [0.9, 0.999]

export function createPlainUnits({ features, contexts, units }: HiddenShape): HiddenUnits {
  const sums = createPlainSums(features)
  let given: Float32Array = new Float32Array(0)
  let n = 0
  const width = features + contexts + 2
  const [biasAt, outputAt] = [width - 2, width - 1]
  const weights = new Float32Array(units * width)
  const moments = [new Float32Array(units * width), new Float32Array(units * width)] as const
  const gradient = new Float64Array(units * width)
  const spread = new Float64Array(2 * features)
  const places = new Float32Array(features)
  let slopes = new Float64Array(0)
  let z = new Float32Array(0)
  let y = new Float32Array(0)

  /** Fills z (F, n) and y (H, n). */
  function forward(context: Float32Array): void {
    if (z.length < features * n) z = new Float32Array(features * n)
    if (y.length < units * n) y = new Float32Array(units * n)
    for (let f = 0; f < features; f++) {
      const [mean, scale] = [spread[f]!, 1 / Math.sqrt(spread[features + f]! + floor)]
      for (let at = f * n; at < (f + 1) * n; at++) {
        z[at] = Math.max(least, Math.min(most, (given[at]! - mean) * scale))
      }
    }
    for (let h = 0; h < units; h++) {
      const row = h * width
      let bias = weights[row + biasAt]!
      for (let k = 0; k < contexts; k++) bias += weights[row + features + k]! * context[k]!
      for (let x = 0; x < n; x++) {
        let sum = bias
        for (let f = 0; f < features; f++) sum += weights[row + f]! * z[f * n + x]!
        y[h * n + x] = Math.max(0, sum)
      }
    }
  }

  function addedTo(x: number): number {
    let sum = 0
    for (let h = 0; h < units; h++) sum += weights[h * width + outputAt]! * y[h * n + x]!
    return sum
  }

  function followSpread(rate: number): void {
    for (let f = 0; f < features; f++) {
      const own = given.subarray(f * n, (f + 1) * n)
      const off = own.reduce((sum, value) => sum + value - spread[f]!, 0) / n
      spread[f]! += rate * off
      const square = own.reduce((sum, value) => sum + (value - spread[f]!) ** 2, 0) / n
      spread[features + f]! += rate * (square - spread[features + f]!)
      const below = own.reduce((sum, value) => sum + (value < own[0]! ? 1 : 0), 0)
      const equal = own.reduce((sum, value) => sum + (value === own[0]! ? 1 : 0), 0)
      places[f] = (below + (equal - 1) / 2) / (n - 1)
    }
  }

  /** dloss/dweights, with slopes[x] = dloss/du(x). */
  function backward(context: Float32Array): void {
    gradient.fill(0)
    for (let h = 0; h < units; h++) {
      const row = h * width
      for (let x = 0; x < n; x++) {
        const hidden = y[h * n + x]!
        if (hidden <= 0) continue
        gradient[row + outputAt]! += slopes[x]! * hidden
        const slope = slopes[x]! * weights[row + outputAt]!
        gradient[row + biasAt]! += slope
        for (let f = 0; f < features; f++) gradient[row + f]! += slope * z[f * n + x]!
      }
      const ofBias = gradient[row + biasAt]!
      for (let k = 0; k < contexts; k++) gradient[row + features + k] = ofBias * context[k]!
    }
  }

  return {
    ...{ weights, moments, spread, places },
    get slopes() {
      return Float32Array.from(slopes)
    },
    sums: {
      ...sums,
      put(features, count) {
        ;[given, n] = [features, count]
        sums.put(features, count)
      },
    },
    score(context, out) {
      forward(context)
      for (let x = 0; x < n; x++) out[x] = addedTo(x)
    },
    learn(context, s, { follow, pull, epsilon }) {
      followSpread(follow)
      forward(context)
      const totals = Float64Array.from({ length: n }, (_, x) => s[x]! + addedTo(x))
      const peak = totals.reduce((a, b) => Math.max(a, b))
      slopes = totals.map((sum) => Math.exp(sum - peak))
      const total = slopes.reduce((a, b) => a + b, 0)
      for (let x = 0; x < n; x++) slopes[x]! /= total
      slopes[0]!--
      backward(context)
      adamStep(weights, moments, gradient, pull, epsilon)
      return Math.log(total) + peak - totals[0]!
    },
  }
}

function adamStep(
  weights: Float32Array,
  [first, second]: readonly [Float32Array, Float32Array],
  gradient: Float64Array,
  pull: number,
  epsilon: number,
): void {
  for (let at = 0; at < weights.length; at++) {
    const g = gradient[at]!
    first[at] = keepFirst * first[at]! + (1 - keepFirst) * g
    second[at] = keepSecond * second[at]! + (1 - keepSecond) * g * g
    weights[at]! -= (pull * first[at]!) / (Math.sqrt(second[at]!) + epsilon)
  }
}
