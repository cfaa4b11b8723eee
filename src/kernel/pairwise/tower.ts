// The joint tower over [p ; V_a ; -V_b] for many pairs at once, in planes (planes.ts).
//
// Symbols: z(u,a,b) the logit of «u prefers a to b», h the features of the tower, wD their output weights.

import {
  blockCount, denseKind, layerCount, outputBias, outputWeights, pairA, pairB, pairDz, pairInput, pairInputDelta,
  pairUser, pairZ, query,
} from '../globals'
import { itemsD } from '../records'
import { gradientOf } from '../dense/gradient-shards'
import { layerOf } from '../dense/layers'
import { addProduct, sumOf } from '../simd/lanes'
import { multiply, multiplyBack, sumProducts } from './plane-products'
import { blockOf, padded, slopes, sumLanes, tanhAll, toLanes } from './planes'

/** Columns of the user's vector. */
// @ts-ignore: decorator
@inline
export function userWidth(): i32 {
  return blockCount * itemsD.width
}

/** Where NBPR's query of the user is whose vector for the tower is at `user`. */
// @ts-ignore: decorator
@inline
export function queryOf(user: usize): usize {
  return user + ((userWidth() + 4) << 2)
}

/** Repeats the addresses of the first pair up to a multiple of eight. */
export function padPairs(count: i32): void {
  for (let n = count; n < padded(count); n++) {
    store<usize>(pairUser + (n << 2), load<usize>(pairUser))
    store<usize>(pairA + (n << 2), load<usize>(pairA))
    store<usize>(pairB + (n << 2), load<usize>(pairB))
  }
}

/**
 * pairZ[n] = wD·h + bias for pairs n < count, whose user vectors and DNCR item rows are at pairUser[n], pairA[n] and
 * pairB[n].
 */
export function runPairs(count: i32): void {
  padPairs(count)
  const users = userWidth() << 4
  const width = itemsD.width << 4
  const block = blockOf(inputUnits())
  const blocks = padded(count) >> 2
  let to = pairInput
  for (let n: usize = 0; n < <usize>blocks << 4; n += 16) {
    loadLanes(to, userWidth(), pairUser + n, 1)
    loadLanes(to + users, itemsD.width, pairA + n, 1)
    loadLanes(to + users + width, itemsD.width, pairB + n, -1)
    to += block
  }
  runUpper(0, blocks)
}

/** The vectors at four addresses, as lanes. */
// @ts-ignore: decorator
@inline
export function loadLanes(to: usize, width: i32, at: usize, sign: f32): void {
  toLanes(to, width, load<usize>(at), load<usize>(at, 4), load<usize>(at, 8), load<usize>(at, 12), sign)
}

/** Runs the layers from `first` on and then pairZ, for all pairs of `blocks` blocks. */
export function runUpper(first: i32, blocks: i32): void {
  let from = first == 0 ? pairInput : layerOf(first - 1).plane
  for (let l = first; l < layerCount; l++) {
    const layer = layerOf(l)
    const inputs = layer.inputs
    const outputs = layer.outputs
    const to = layer.plane
    multiply(
      to, blockOf(outputs), layer.weights, inputs << 2, layer.biases, outputs, inputs, from, blockOf(inputs), blocks,
    )
    tanhAll(to, outputs, blocks)
    from = to
  }
  const units = topUnits() << 4
  const wD = outputWeights + (query << 3)
  const bias = v128.load32_splat(outputBias)
  for (let n: usize = 0; n < <usize>blocks << 4; n += 16) {
    let z = bias
    let w = wD
    for (const end = from + units; from != end; from += 16) {
      z = addProduct(z, v128.load32_splat(w), v128.load(from))
      w += 4
    }
    v128.store(pairZ + n, z)
    from += blockOf(0)
  }
}

/** Columns of the tower's input. */
// @ts-ignore: decorator
@inline
export function inputUnits(): i32 {
  return userWidth() + 2 * itemsD.width
}

function topUnits(): i32 {
  return layerCount > 0 ? layerOf(layerCount - 1).outputs : inputUnits()
}

/**
 * The backward pass from pairDz[n], which is zero in the padding, through what runPairs() has left. Sums the dense
 * gradients, and leaves the gradient by the tower's input in the plane pairInputDelta.
 */
export function backPairs(count: i32): void {
  backUpper(0, padded(count) >> 2)
}

/** From pairDz down to the gradient by the input of layer `first`: pairInputDelta, or planeDelta of the layer below. */
export function backUpper(first: i32, blocks: i32): void {
  const wD = outputWeights + (query << 3)
  const top = layerCount > 0 ? layerOf(layerCount - 1).plane : pairInput
  const topDelta = layerCount > 0 ? layerOf(layerCount - 1).planeDelta : pairInputDelta
  const units = topUnits()
  const topBlock = blockOf(units)
  for (let d = 0; d < units; d++) {
    const w = v128.load32_splat(wD + (d << 2))
    let sum = f32x4.splat(0)
    let at = <usize>d << 4
    for (let n: usize = 0; n < <usize>blocks << 4; n += 16) {
      const dz = v128.load(pairDz + n)
      v128.store(topDelta + at, f32x4.mul(w, dz))
      sum = addProduct(sum, dz, v128.load(top + at))
      at += topBlock
    }
    if (denseKind < 0) continue
    const gradient = gradientOf(wD + (d << 2))
    store<f32>(gradient, load<f32>(gradient) + sumOf(sum))
  }
  if (denseKind >= 0) sumLanes(gradientOf(outputBias), pairDz, 1, 16, blocks)
  for (let l = layerCount - 1; l >= first; l--) {
    const layer = layerOf(l)
    const inputs = layer.inputs
    const outputs = layer.outputs
    const delta = layer.planeDelta
    const block = blockOf(outputs)
    const inputBlock = blockOf(inputs)
    slopes(delta, layer.plane, outputs, blocks)
    if (denseKind >= 0) {
      const from = l == 0 ? pairInput : layerOf(l - 1).plane
      sumProducts(gradientOf(layer.weights), inputs << 2, delta, block, outputs, from, inputBlock, inputs, blocks)
      sumLanes(gradientOf(layer.biases), delta, outputs, block, blocks)
    }
    const below = l == 0 ? pairInputDelta : layerOf(l - 1).planeDelta
    multiplyBack(below, inputBlock, layer.weights, inputs << 2, inputs, outputs, delta, block, blocks)
  }
}
