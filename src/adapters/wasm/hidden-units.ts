// The hidden layer in compiled loops (src/kernel/hidden), in a memory of its own: parameters, then what a call works
// with. Units are padded to a multiple of four with weights of 0, which stay 0.

import { PAGE } from '../../arrays.ts'
import type { HiddenShape, HiddenUnits } from '../../ports/scoring.ts'
import {
  createFeatureMemory,
  createFeatureSums,
  createPlaces,
  rowOf,
  type SumFunctions,
} from './feature-sums.ts'
import { createMemory, join, moduleOf } from './kernel/module.ts'

type Numbers = readonly number[]

/** Described in src/kernel/hidden, under the same names. Addresses are in bytes. */
interface Functions extends SumFunctions {
  follow(...rawNFeaturesMeansVariancesRate: Numbers): void
  standardise(...rawNPitchFeaturesMeansVariancesZPitch: Numbers): void
  placesOf(...rawNFeaturesOut: Numbers): void
  addContext(...weightsStrideUnitsFeaturesContextsContextBiases: Numbers): void
  forward(...zPitchFeaturesWeightsStrideUnitsBiasesYOut: Numbers): void
  softmaxLoss(...scoresAddedPitchGradient: Numbers): number
  backward(...zPitchFeaturesWeightsStrideUnitsContextsContextYGGradient: Numbers): void
  adamStep(...weightsGradientFirstSecondNPullEpsilonShrink: Numbers): void
}

/** Items that are computed at once: what a call works with stays in the cache. */
const itemsAtOnce = 512

export function createHiddenUnits(shape: HiddenShape): HiddenUnits {
  const { features, contexts, units } = shape
  const memory = createMemory()
  const kernel = join<Functions>(moduleOf('hidden'), memory)
  const { at, stride, padded } = layOut(shape)
  const call = createFeatureMemory(memory, { features, units: padded }, at.call)
  const numbers = units * (stride / 4)
  /** Items of the last learn(). */
  let learned = 0

  /** u of these items; leaves y and z. Returns the bytes of a row of items. */
  function compute(from: number, count: number): number {
    const { raw, z, y, u } = call.at
    const pitch = 4 * rowOf(count)
    const { means, variances, weights, biases } = at
    kernel.standardise(raw + 4 * from, count, 4 * call.n, features, means, variances, z, pitch)
    kernel.forward(z, pitch, features, weights, stride, padded, biases, y, u)
    return pitch
  }

  function setContext(context: Float32Array): void {
    if (context.length !== contexts) {
      throw new RangeError(`${context.length} numbers of context: ${contexts} wanted`)
    }
    call.floats.set(context, at.context / 4)
    kernel.addContext(at.weights, stride, padded, features, contexts, at.context, at.biases)
  }

  const { buffer } = memory
  const own = (from: number, length: number) => new Float32Array(buffer, from, length)
  return {
    sums: createFeatureSums(call, kernel, features),
    weights: own(at.weights, numbers),
    moments: [own(at.first, numbers), own(at.second, numbers)],
    spread: new Float64Array(buffer, at.means, 2 * features),
    places: own(at.places, features),
    get slopes() {
      const from = call.at.g / 4
      return call.floats.subarray(from, from + learned)
    },
    score(context, out) {
      const { n } = call
      setContext(context)
      for (let from = 0; from < n; from += itemsAtOnce) {
        const count = Math.min(itemsAtOnce, n - from)
        compute(from, count)
        out.set(call.floats.subarray(call.at.u / 4, call.at.u / 4 + count), from)
      }
    },
    learn(context, scores, { follow, pull, epsilon }) {
      const { n, floats } = call
      const { raw, z, y, u, s, g } = call.at
      learned = n
      setContext(context)
      kernel.follow(raw, n, features, at.means, at.variances, follow)
      kernel.placesOf(raw, n, features, at.places)
      const pitch = compute(0, n)
      floats.fill(Number.NEGATIVE_INFINITY, s / 4 + n, (s + pitch) / 4)
      floats.set(scores.length === n ? scores : scores.subarray(0, n), s / 4)
      const loss = kernel.softmaxLoss(s, u, pitch, g)
      const { weights, context: contextAt, gradient, first, second } = at
      kernel.backward(
        ...[z, pitch, features, weights, stride, padded, contexts, contextAt, y, g, gradient],
      )
      kernel.adamStep(weights, gradient, first, second, (padded * stride) / 4, pull, epsilon, 0)
      return loss
    },
  }
}

/** Addresses of the parameters, the bytes of a unit's row of them, and the units with those that pad them. */
function layOut({ features, contexts, units }: HiddenShape) {
  const stride = 4 * (features + contexts + 2)
  const padded = 4 * Math.ceil(units / 4)
  const place = createPlaces(PAGE)
  const means = place(16 * features)
  const at = {
    ...{ means, variances: means + 8 * features },
    weights: place(padded * stride),
    gradient: place(padded * stride),
    first: place(padded * stride),
    second: place(padded * stride),
    biases: place(4 * padded),
    context: place(4 * contexts),
    places: place(4 * features),
    call: place(0),
  }
  return { at, stride, padded }
}
