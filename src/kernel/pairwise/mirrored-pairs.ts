// The joint tower over pairs with their mirrors, (u,i,j) and (u,j,i). With W = [Wp W2 W3], the first layer gives even +
// odd over [p ; V_i ; -V_j] and even - odd over [p ; V_j ; -V_i]:
//   even = Wp·p + A·(V_i + V_j),  A = (W2 - W3) / 2
//   odd  = B·(V_i - V_j),         B = (W2 + W3) / 2
// Both together therefore cost what one did. In the backward pass δ + δ' goes through [Wp A] and δ - δ' through B. The
// layers above have twice the lanes: first the pairs, then their mirrors.
//
// Symbols as in tower.ts; m is the number of pairs, padded to a multiple of eight.

import { foldedGap } from '../constants'
import { denseKind, foldedWeights, pairA, pairB, pairInput, pairInputDelta, pairUser } from '../globals'
import { itemsD } from '../records'
import { foldedGradient, gradientOf } from '../dense/gradient-shards'
import { layerOf } from '../dense/layers'
import { padded4 } from '../simd/lanes'
import { tanh } from '../simd/tanh'
import { multiply, multiplyBack, sumProducts } from './plane-products'
import { blockOf, padded, slopes, sumLanes, toVectors } from './planes'
import { backUpper, inputUnits, loadLanes, padPairs, runUpper, userWidth } from './tower'

/** With fewer questions in an update the padded lanes are no fewer than without folding, which itself costs time. */
export const mirroredPairsMin = 5

/**
 * Bytes from one folded row to the next: a cache line more than its columns, so that rows do not collide in the cache.
 */
// @ts-ignore: decorator
@inline
function pitch(): i32 {
  return (inputUnits() << 2) + foldedGap
}

/** Computes [Wp A B] from the current weights, once in an update. */
export function foldWeights(): void {
  const layer = layerOf(0)
  const users = userWidth()
  const width = itemsD.width
  const half = f32x4.splat(0.5)
  for (let o = 0; o < layer.outputs; o++) {
    const from = layer.weights + ((o * layer.inputs) << 2)
    const to = foldedWeights + o * pitch()
    memory.copy(to, from, users << 2)
    // Lanes written after the end of a part are overwritten by the next one: B follows A, and padding follows B.
    for (let d = 0; d < width; d += 4) {
      const at = (users + d) << 2
      const difference = f32x4.sub(v128.load(from + at), v128.load(from + at + (width << 2)))
      v128.store(to + at, f32x4.mul(half, difference))
    }
    for (let d = 0; d < width; d += 4) {
      const at = (users + d) << 2
      const sum = f32x4.add(v128.load(from + at), v128.load(from + at + (width << 2)))
      v128.store(to + at + (width << 2), f32x4.mul(half, sum))
    }
  }
}

/** To be called before the first chunk of a shard. */
export function clearFoldedGradient(): void {
  memory.fill(foldedGradient, 0, layerOf(0).outputs * pitch())
}

/**
 * Adds a shard's gradient by [Wp A B] to that of the weights, after its last chunk. Widths are multiples of four (4f).
 */
export function unfoldGradient(): void {
  if (denseKind < 0) return
  const layer = layerOf(0)
  const users = userWidth()
  const width = itemsD.width
  const half = f32x4.splat(0.5)
  for (let o = 0; o < layer.outputs; o++) {
    const from = foldedGradient + o * pitch()
    const to = gradientOf(layer.weights + ((o * layer.inputs) << 2))
    for (let d = 0; d < users << 2; d += 16) add(to + d, v128.load(from + d))
    for (let d = users << 2; d < (users + width) << 2; d += 16) {
      const even = v128.load(from + d)
      const odd = v128.load(from + d + (width << 2))
      add(to + d, f32x4.mul(half, f32x4.add(odd, even)))
      add(to + d + (width << 2), f32x4.mul(half, f32x4.sub(odd, even)))
    }
  }
}

// @ts-ignore: decorator
@inline
function add(at: usize, more: v128): void {
  v128.store(at, f32x4.add(v128.load(at), more))
}

/**
 * Computes pairZ[n] and pairZ[m + n] for pair n < count and its mirror, whose vectors are at pairUser, pairA and pairB.
 */
export function runMirroredPairs(count: i32): void {
  padPairs(count)
  const blocks = padded(count) >> 2
  const users = userWidth()
  const width = itemsD.width
  const inputBlock = blockOf(inputUnits())
  const first = pairInput + (users << 4)
  const second = first + (width << 4)
  for (let n = 0, at: usize = 0; n < blocks; n++, at += inputBlock) {
    const four = n << 4
    loadLanes(pairInput + at, users, pairUser + four, 1)
    loadLanes(first + at, width, pairA + four, 1)
    loadLanes(second + at, width, pairB + four, 1)
    addAndSubtract(first + at, second + at, width)
  }
  const layer = layerOf(0)
  const outputs = layer.outputs
  const block = blockOf(outputs)
  const half = blocks * block
  const even = layer.planeDelta
  const odd = even + half
  multiply(
    even, block, foldedWeights, pitch(), layer.biases, outputs, users + width, pairInput, inputBlock, blocks,
  )
  multiply(
    odd, block, foldedWeights + ((users + width) << 2), pitch(), 0, outputs, width, second, inputBlock, blocks,
  )
  let at = layer.plane
  for (let n = 0; n < blocks; n++) {
    const toHalf = even - layer.plane
    for (const end = at + (outputs << 4); at != end; at += 16) {
      const e = v128.load(at + toHalf)
      const d = v128.load(at + toHalf + half)
      v128.store(at, tanh(f32x4.add(e, d)))
      v128.store(at + half, tanh(f32x4.sub(e, d)))
    }
    at += blockOf(0)
  }
  runUpper(1, 2 * blocks)
}

/** Replaces two parts of a block by their sum and their difference. */
// @ts-ignore: decorator
@inline
function addAndSubtract(a: usize, b: usize, units: i32): void {
  for (const end = a + (units << 4); a != end; ) {
    const p = v128.load(a)
    const q = v128.load(b)
    v128.store(a, f32x4.add(p, q))
    v128.store(b, f32x4.sub(p, q))
    a += 16
    b += 16
  }
}

/**
 * The backward pass from pairDz of pairs (n < count) and mirrors (from m on), which is zero in the padding. Sums the
 * gradients, and leaves the gradients by p, V_i and V_j in vectors (pairVectors), each padded to a multiple of four.
 */
export function backMirroredPairs(count: i32): void {
  const blocks = padded(count) >> 2
  backUpper(1, 2 * blocks)
  const layer = layerOf(0)
  const outputs = layer.outputs
  const block = blockOf(outputs)
  const half = blocks * block
  slopes(layer.planeDelta, layer.plane, outputs, 2 * blocks)
  const even = layer.planeDelta
  const odd = even + half
  for (let n = 0, at: usize = 0; n < blocks; n++, at += block) addAndSubtract(even + at, odd + at, outputs)
  const users = userWidth()
  const width = itemsD.width
  const inputBlock = blockOf(inputUnits())
  const split = (users + width) << 2
  const second = (users + width) << 4
  if (denseKind >= 0) {
    sumProducts(foldedGradient, pitch(), even, block, outputs, pairInput, inputBlock, users + width, blocks)
    sumProducts(foldedGradient + split, pitch(), odd, block, outputs, pairInput + second, inputBlock, width, blocks)
    sumLanes(gradientOf(layer.biases), even, outputs, block, blocks)
  }
  const down = pairInputDelta
  multiplyBack(down, inputBlock, foldedWeights, pitch(), users + width, outputs, even, block, blocks)
  multiplyBack(down + second, inputBlock, foldedWeights + split, pitch(), width, outputs, odd, block, blocks)
  for (let n = 0, from = down; n < blocks; n++, from += inputBlock) {
    addAndSubtract(from + (users << 4), from + second, width)
  }
  // The input is no longer needed: its memory takes the vectors.
  const bytes = vectorBytes()
  toVectors(pairInput, bytes, down, inputBlock, users, blocks)
  toVectors(pairInput + firstItemAt(), bytes, down + (users << 4), inputBlock, width, blocks)
  toVectors(pairInput + secondItemAt(), bytes, down + second, inputBlock, width, blocks)
}

/** Bytes of the three vectors of a pair, and where V_i and V_j begin in them. */
function vectorBytes(): i32 {
  return (padded4(userWidth()) + 2 * padded4(itemsD.width)) << 2
}

export function firstItemAt(): i32 {
  return padded4(userWidth()) << 2
}

export function secondItemAt(): i32 {
  return (padded4(userWidth()) + padded4(itemsD.width)) << 2
}

export function pairVectors(pair: i32): usize {
  return pairInput + pair * vectorBytes()
}
