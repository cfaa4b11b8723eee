// The joint tower over couples: a pair and its mirror, (u,i,j) and (u,j,i). With W = [Wp W2 W3] the first layer over
// [p ; V_i ; -V_j] is even + odd, that over [p ; V_j ; -V_i] even - odd:
//   even = Wp·p + A·(V_i + V_j),  A = (W2 - W3) / 2
//   odd  = B·(V_i - V_j),         B = (W2 + W3) / 2
// so both together cost what one did; on the way back δ + δ' goes through [Wp A] and δ - δ' through B. The layers above
// see twice the lanes: the pairs first, then their mirrors.
//
// Symbols as in pairs.ts; m lanes hold couples, in whole eights.

import {
  chunkCouples, coupleWeights, denseKind, itemsD, pairA, pairB, pairDz, pairInput, pairInputDelta, pairUser,
} from './memory'
import { layerOf } from './dense'
import { tanh } from './tanh'
import { backUpper, fillPairs, lanesOf, runUpper, userWidth } from './pairs'
import { gradientOf, padded, slopes, sumLanes, toVectors } from './planes'
import { multiply, multiplyBack, sumProducts } from './products'

/** Fewer couples than this in one update fill no more lanes than their pairs would, and weights must be folded. */
export const couplesLeast = 5

/** Columns of the first layer's input, and bytes of a folded row: a line of cache more, so that rows do not collide. */
// @ts-ignore: decorator
@inline
function inputs(): i32 {
  return userWidth() + 2 * itemsD.width
}

// @ts-ignore: decorator
@inline
function pitch(): i32 {
  return (inputs() << 2) + 64
}

/** [Wp A B] from the weights as they are: once in an update. */
export function foldWeights(): void {
  const layer = layerOf(0)
  const users = userWidth()
  const width = itemsD.width
  const half = f32x4.splat(0.5)
  for (let o = 0; o < layer.outputs; o++) {
    const from = layer.weights + ((o * layer.inputs) << 2)
    const to = coupleWeights + o * pitch()
    memory.copy(to, from, users << 2)
    // A row's last lanes are written over by what follows it: B after A, and room after B.
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

/** Before a strand's first chunk. */
export function clearCouples(): void {
  memory.fill(chunkCouples, 0, layerOf(0).outputs * pitch())
}

/** Adds a strand's gradient of [Wp A B] to that of the weights, after its last chunk. Widths are whole lanes (4f). */
export function unfoldGradient(): void {
  if (denseKind < 0) return
  const layer = layerOf(0)
  const users = userWidth()
  const width = itemsD.width
  const half = f32x4.splat(0.5)
  for (let o = 0; o < layer.outputs; o++) {
    const from = chunkCouples + o * pitch()
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

/** pairZ[n] and pairZ[m + n] of couple n < count and its mirror, whose vectors stand at pairUser, pairA and pairB. */
export function runCouples(count: i32): void {
  fillPairs(count)
  const m = padded(count)
  const rowBytes = m << 2
  const users = userWidth()
  const width = itemsD.width
  const first = pairInput + users * rowBytes
  const second = first + width * rowBytes
  for (let n = 0; n < m; n += 4) {
    const at = n << 2
    lanesOf(pairInput + at, rowBytes, users, pairUser + at, 1)
    lanesOf(first + at, rowBytes, width, pairA + at, 1)
    lanesOf(second + at, rowBytes, width, pairB + at, 1)
  }
  addAndSubtract(first, second, width * m)
  const layer = layerOf(0)
  const outputs = layer.outputs
  const even = layer.planeDelta
  const odd = even + outputs * rowBytes
  multiply(even, coupleWeights, pitch(), layer.biases, outputs, users + width, pairInput, m)
  multiply(odd, coupleWeights + ((users + width) << 2), pitch(), 0, outputs, width, second, m)
  for (let o = 0; o < outputs; o++) {
    const row = o * rowBytes
    const to = layer.plane + 2 * row
    for (let n = 0; n < rowBytes; n += 16) {
      const e = v128.load(even + row + n)
      const d = v128.load(odd + row + n)
      v128.store(to + n, tanh(f32x4.add(e, d)))
      v128.store(to + rowBytes + n, tanh(f32x4.sub(e, d)))
    }
  }
  runUpper(1, 2 * m)
}

/** Two planes become their sum and their difference. */
function addAndSubtract(a: usize, b: usize, floats: i32): void {
  for (let n: usize = 0; n < <usize>floats << 2; n += 16) {
    const x = v128.load(a + n)
    const y = v128.load(b + n)
    v128.store(a + n, f32x4.add(x, y))
    v128.store(b + n, f32x4.sub(x, y))
  }
}

/**
 * From pairDz of couples (n < count) and mirrors (from m on) back: sums the gradients, and leaves in vectors (vectorOf)
 * dloss by p, V_i and V_j, each in whole lanes.
 */
export function backCouples(count: i32): void {
  const m = padded(count)
  const rowBytes = m << 2
  for (let n = count; n < m; n++) {
    store<f32>(pairDz + (n << 2), 0)
    store<f32>(pairDz + ((m + n) << 2), 0)
  }
  backUpper(1, 2 * m)
  const layer = layerOf(0)
  const outputs = layer.outputs
  slopes(layer.planeDelta, layer.plane, outputs * 2 * m)
  const even = layer.plane
  const odd = even + outputs * rowBytes
  for (let o = 0; o < outputs; o++) {
    const row = o * rowBytes
    const from = layer.planeDelta + 2 * row
    // The even half's row o is written after the rows of `plane` were read by slopes: nothing is needed there any more.
    for (let n = 0; n < rowBytes; n += 16) {
      const direct = v128.load(from + n)
      const mirror = v128.load(from + rowBytes + n)
      v128.store(even + row + n, f32x4.add(direct, mirror))
      v128.store(odd + row + n, f32x4.sub(direct, mirror))
    }
  }
  const users = userWidth()
  const width = itemsD.width
  const split = (users + width) << 2
  const second = (users + width) * rowBytes
  if (denseKind >= 0) {
    sumProducts(chunkCouples, pitch(), even, outputs, pairInput, users + width, m)
    sumProducts(chunkCouples + split, pitch(), odd, outputs, pairInput + second, width, m)
    sumLanes(gradientOf(layer.biases), even, outputs, m)
  }
  multiplyBack(pairInputDelta, coupleWeights, pitch(), users + width, outputs, even, m)
  multiplyBack(pairInputDelta + second, coupleWeights + split, pitch(), width, outputs, odd, m)
  addAndSubtract(pairInputDelta + users * rowBytes, pairInputDelta + second, width * m)
  // The input is not needed any more: its place takes the vectors.
  const bytes = vectorBytes()
  toVectors(pairInput, bytes, pairInputDelta, rowBytes, users, m)
  toVectors(pairInput + firstAt(), bytes, pairInputDelta + users * rowBytes, rowBytes, width, m)
  toVectors(pairInput + secondAt(), bytes, pairInputDelta + second, rowBytes, width, m)
}

// @ts-ignore: decorator
@inline
function lanes(width: i32): i32 {
  return (width + 3) & ~3
}

/** Bytes of a couple's vectors, and where in them V_i and V_j begin. */
function vectorBytes(): i32 {
  return (lanes(userWidth()) + 2 * lanes(itemsD.width)) << 2
}

export function firstAt(): i32 {
  return lanes(userWidth()) << 2
}

export function secondAt(): i32 {
  return (lanes(userWidth()) + lanes(itemsD.width)) << 2
}

export function vectorOf(couple: i32): usize {
  return pairInput + couple * vectorBytes()
}
