// The joint tower over [p ; V_a ; -V_b] for many pairs at once, in planes of lanes.
//
// Symbols: z(u,a,b) the logit of «u prefers a to b», h the tower's features, wD their output weights.

import {
  blockCount, denseKind, itemsD, layerCount, outputBias, outputWeights, pairA, pairB, pairDz, pairInput, pairInputDelta,
  pairUser, pairZ, query,
} from './memory'
import { layerOf } from './dense'
import { addProduct, sumOf } from './lanes'
import { gradientOf, padded, slopes, sumLanes, tanhAll, toLanes } from './planes'
import { multiply, multiplyBack, sumProducts } from './products'

/** Columns of the user's vector. */
// @ts-ignore: decorator
@inline
export function userWidth(): i32 {
  return blockCount * itemsD.width
}

/** Addresses of pairs up to the next eight repeat the first. */
export function fillPairs(count: i32): void {
  for (let n = count; n < padded(count); n++) {
    store<usize>(pairUser + (n << 2), load<usize>(pairUser))
    store<usize>(pairA + (n << 2), load<usize>(pairA))
    store<usize>(pairB + (n << 2), load<usize>(pairB))
  }
}

/**
 * pairZ[n] = wD·h + bias for pairs n < count: the user's vector and DNCR's item rows stand at the addresses pairUser[n],
 * pairA[n] and pairB[n].
 */
export function runPairs(count: i32): void {
  fillPairs(count)
  const total = padded(count)
  const users = userWidth()
  const width = itemsD.width
  const rowBytes = total << 2
  for (let n = 0; n < total; n += 4) {
    const to = pairInput + (n << 2)
    lanesOf(to, rowBytes, users, pairUser + (n << 2), 1)
    lanesOf(to + users * rowBytes, rowBytes, width, pairA + (n << 2), 1)
    lanesOf(to + (users + width) * rowBytes, rowBytes, width, pairB + (n << 2), -1)
  }
  runUpper(0, total)
}

/** The vectors at four addresses, in lanes. */
// @ts-ignore: decorator
@inline
export function lanesOf(to: usize, rowBytes: i32, width: i32, at: usize, sign: f32): void {
  const a = load<usize>(at)
  toLanes(to, rowBytes, width, a, load<usize>(at, 4), load<usize>(at, 8), load<usize>(at, 12), sign)
}

/** Layers from `first` on, then pairZ, for `total` lanes. */
export function runUpper(first: i32, total: i32): void {
  let from = first == 0 ? pairInput : layerOf(first - 1).plane
  for (let l = first; l < layerCount; l++) {
    const layer = layerOf(l)
    multiply(layer.plane, layer.weights, layer.inputs << 2, layer.biases, layer.outputs, layer.inputs, from, total)
    tanhAll(layer.plane, layer.outputs * total)
    from = layer.plane
  }
  const units = topUnits()
  const rowBytes = total << 2
  const wD = outputWeights + (query << 3)
  const bias = v128.load32_splat(outputBias)
  for (let n = 0; n < rowBytes; n += 16) {
    let z = bias
    for (let d = 0; d < units; d++) {
      z = addProduct(z, v128.load32_splat(wD + (d << 2)), v128.load(from + d * rowBytes + n))
    }
    v128.store(pairZ + n, z)
  }
}

function topUnits(): i32 {
  return layerCount > 0 ? layerOf(layerCount - 1).outputs : userWidth() + 2 * itemsD.width
}

/**
 * From pairDz[n] (zero for pairs that do not learn) back through what runPairs left behind: sums the dense gradients, and
 * leaves dloss by the tower's input in the plane pairInputDelta.
 */
export function backPairs(count: i32): void {
  const total = padded(count)
  for (let n = count; n < total; n++) store<f32>(pairDz + (n << 2), 0)
  backUpper(0, total)
}

/** From pairDz down to dloss by the input of layer `first`: pairInputDelta, or the layer below's planeDelta. */
export function backUpper(first: i32, total: i32): void {
  const rowBytes = total << 2
  const wD = outputWeights + (query << 3)
  const top = layerCount > 0 ? layerOf(layerCount - 1).plane : pairInput
  const topDelta = layerCount > 0 ? layerOf(layerCount - 1).planeDelta : pairInputDelta
  const units = topUnits()
  for (let d = 0; d < units; d++) {
    const w = v128.load32_splat(wD + (d << 2))
    let sum = f32x4.splat(0)
    for (let n = 0; n < rowBytes; n += 16) {
      const dz = v128.load(pairDz + n)
      v128.store(topDelta + d * rowBytes + n, f32x4.mul(w, dz))
      sum = addProduct(sum, dz, v128.load(top + d * rowBytes + n))
    }
    if (denseKind < 0) continue
    const at = gradientOf(wD + (d << 2))
    store<f32>(at, load<f32>(at) + sumOf(sum))
  }
  if (denseKind >= 0) sumLanes(gradientOf(outputBias), pairDz, 1, total)
  for (let l = layerCount - 1; l >= first; l--) {
    const layer = layerOf(l)
    const inputs = layer.inputs
    const outputs = layer.outputs
    const planeDelta = layer.planeDelta
    slopes(planeDelta, layer.plane, outputs * total)
    if (denseKind >= 0) {
      const from = l == 0 ? pairInput : layerOf(l - 1).plane
      sumProducts(gradientOf(layer.weights), inputs << 2, planeDelta, outputs, from, inputs, total)
      sumLanes(gradientOf(layer.biases), planeDelta, outputs, total)
    }
    const below = l == 0 ? pairInputDelta : layerOf(l - 1).planeDelta
    multiplyBack(below, layer.weights, inputs << 2, inputs, outputs, planeDelta, total)
  }
}
