// The hidden layer in compiled loops (src/kernel/hidden), in a memory of its own: parameters, then what a call works
// with. Units are padded to a multiple of four with weights of 0, which stay 0.

import { growTo, type Memory, PAGE } from '../../arrays.ts'
import type { HiddenShape, HiddenUnits } from '../../ports/catalogue.ts'
import { createMemory, join, moduleOf } from './kernel/module.ts'

type Numbers = readonly number[]

/** Described in src/kernel/hidden, under the same names. Addresses are in bytes. */
interface Functions {
  follow(...rawNFeaturesMeansVariancesRate: Numbers): void
  standardise(...rawNFeaturesMeansVariancesZPitch: Numbers): void
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
  const call = createCall(memory, shape, at.call)
  const numbers = units * (stride / 4)
  /** Items of the last learn(). */
  let learned = 0

  /** u of the items of the call; leaves y and z. Returns the bytes of a row of items. */
  function compute(n: number): number {
    const pitch = 4 * rowOf(n)
    kernel.standardise(call.raw, n, features, at.means, at.variances, call.z, pitch)
    kernel.forward(
      ...[call.z, pitch, features, at.weights, stride, padded, at.biases, call.y, call.u],
    )
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
    weights: own(at.weights, numbers),
    moments: [own(at.first, numbers), own(at.second, numbers)],
    spread: new Float64Array(buffer, at.means, 2 * features),
    places: own(at.places, features),
    get slopes() {
      return call.floats.subarray(call.g / 4, call.g / 4 + learned)
    },
    score(given, n, context, out) {
      call.reserve(Math.min(n, itemsAtOnce))
      setContext(context)
      for (let from = 0; from < n; from += itemsAtOnce) {
        const count = Math.min(itemsAtOnce, n - from)
        call.take(given, n, from, count)
        compute(count)
        out.set(call.floats.subarray(call.u / 4, call.u / 4 + count), from)
      }
    },
    learn(given, n, context, s, { follow, pull, epsilon }) {
      call.reserve(n)
      learned = n
      setContext(context)
      call.take(given, n, 0, n)
      kernel.follow(call.raw, n, features, at.means, at.variances, follow)
      kernel.placesOf(call.raw, n, features, at.places)
      const pitch = compute(n)
      call.floats.fill(Number.NEGATIVE_INFINITY, call.s / 4 + n, (call.s + pitch) / 4)
      call.floats.set(s.length === n ? s : s.subarray(0, n), call.s / 4)
      const loss = kernel.softmaxLoss(call.s, call.u, pitch, call.g)
      kernel.backward(
        ...[call.z, pitch, features, at.weights, stride, padded, contexts, at.context],
        ...[call.y, call.g, at.gradient],
      )
      const { weights, gradient, first, second } = at
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

/** What a call works with, from `start` on, for as many items as were ever reserved. */
function createCall(memory: Memory, { features, units }: HiddenShape, start: number) {
  let room = 0
  const call = {
    ...{ raw: 0, z: 0, y: 0, u: 0, s: 0, g: 0 },
    floats: new Float32Array(0) as Float32Array,
    /** Room for n items. */
    reserve(n: number): void {
      if (n <= room) return
      room = Math.max(n, 128)
      const place = createPlaces(start)
      const row = 4 * rowOf(room)
      call.raw = place(4 * features * room)
      call.z = place(features * row)
      call.y = place(4 * Math.ceil(units / 4) * row)
      for (const name of ['u', 's', 'g'] as const) call[name] = place(row)
      growTo(memory, place(0))
      call.floats = new Float32Array(memory.buffer)
    },
    /** Items from … from+count-1 of n become those of the call. */
    take(given: Float32Array, n: number, from: number, count: number): void {
      const all = features * n
      if (given.length < all) {
        throw new RangeError(`${given.length} numbers: ${features} features of ${n} items wanted`)
      }
      if (count === n) {
        call.floats.set(given.length === all ? given : given.subarray(0, all), call.raw / 4)
        return
      }
      for (let f = 0; f < features; f++) {
        const first = f * n + from
        call.floats.set(given.subarray(first, first + count), call.raw / 4 + f * count)
      }
    },
  }
  call.reserve(1)
  return call
}

/** n rounded up to whole groups of eight items. */
function rowOf(n: number): number {
  return 8 * Math.ceil(n / 8)
}

/** One place after the other, each aligned to 16 bytes; returns the address. */
function createPlaces(from: number): (bytes: number) => number {
  let next = from
  return (bytes) => {
    const address = next
    next = (next + bytes + 15) & ~15
    return address
  }
}
