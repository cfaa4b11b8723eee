// Projections of the items, made once for each version of a joint tower and before any user is known. The first layer
// is linear in [p ; V_a ; -V_b], so an item's share of it can be computed in advance, as the first and as the second of
// a pair.
//
// The projection of an item is (A, B, v): A = W_a·V, B = W_b·V (as many columns as the layer has units), and the item's
// row of NBPR, each padded to a multiple of four.

import { layerCount, outputWeights, query } from '../globals'
import { itemsD, itemsN } from '../records'
import { layerOf } from '../dense/layers'
import { currentRow } from '../rows/adam-catch-up'
import { copyRow, padded4, storeTransposed } from '../simd/lanes'
import { biasOf, multiplyTile } from './plane-products'
import { userWidth } from './tower'

/** Items that are projected at once. */
const ITEMS_AT_ONCE = 8

let projections: usize = 0
let transposed: usize = 0

/** Outputs of the first layer. Without layers the tower is one linear output. */
export function firstUnits(): i32 {
  return layerCount > 0 ? layerOf(0).outputs : 1
}

// @ts-ignore: decorator
@inline
export function firstWeights(): usize {
  return layerCount > 0 ? layerOf(0).weights : outputWeights + (query << 3)
}

// @ts-ignore: decorator
@inline
export function firstInputs(): i32 {
  return userWidth() + 2 * itemsD.width
}

export function projectionBytes(): i32 {
  return (2 * padded4(firstUnits()) + padded4(query)) << 2
}

// @ts-ignore: decorator
@inline
export function projectionOf(item: i32): usize {
  return projections + <usize>item * <usize>projectionBytes()
}

/** Bytes of scratch for projectItems(): the transposed rows of a few items, and their projections. */
export function projectionScratch(): i32 {
  return ((padded4(itemsD.width) + padded4(firstUnits())) * ITEMS_AT_ONCE) << 2
}

/**
 * Writes the projections of items 0 … count-1 to `at`. Rows that have missed updates are read from up-to-date copies.
 */
export function projectItems(at: usize, scratch: usize, count: i32): void {
  projections = at
  transposed = scratch
  const units = firstUnits()
  const width = itemsD.width
  const stride = firstInputs() << 2
  const made = transposed + ((padded4(width) * ITEMS_AT_ONCE) << 2)
  const first = firstWeights() + (userWidth() << 2)
  const step = padded4(units) << 2
  for (let item = 0; item < count; item += ITEMS_AT_ONCE) {
    for (let n = 0; n < ITEMS_AT_ONCE; n += 4) transposeRows(item + n, count - 1, n)
    runLayer(made, first, stride, 0, units, width, transposed, ITEMS_AT_ONCE, false)
    for (let n = 0; n < ITEMS_AT_ONCE; n += 4) storeRows(made, item + n, count, n, 0)
    runLayer(made, first + (width << 2), stride, 0, units, width, transposed, ITEMS_AT_ONCE, false)
    for (let n = 0; n < ITEMS_AT_ONCE; n += 4) storeRows(made, item + n, count, n, step)
  }
  if (query == 0) return
  for (let item = 0; item < count; item++) copyRow(projectionOf(item) + 2 * step, currentRow(itemsN, item, 0), query)
}

/** Rows of items from … from+3 (none beyond `last`) become lanes n … n+3 of `transposed`. */
function transposeRows(from: i32, last: i32, n: i32): void {
  const a = currentRow(itemsD, min(from, last), 0)
  const b = currentRow(itemsD, min(from + 1, last), 1)
  const c = currentRow(itemsD, min(from + 2, last), 2)
  const e = currentRow(itemsD, min(from + 3, last), 3)
  for (let d = 0; d < itemsD.width; d += 4) {
    const at = d << 2
    const to = transposed + ((d * ITEMS_AT_ONCE + n) << 2)
    storeTransposed(
      to, ITEMS_AT_ONCE << 2, 4, v128.load(a + at), v128.load(b + at), v128.load(c + at), v128.load(e + at),
    )
  }
}

/**
 * Lanes n … n+3 of a plane become part of the projections of items from … from+3 that exist, `offset` bytes into each.
 */
function storeRows(plane: usize, from: i32, count: i32, n: i32, offset: usize): void {
  if (from >= count) return
  const units = padded4(firstUnits())
  for (let d = 0; d < units; d += 4) {
    const at = plane + ((d * ITEMS_AT_ONCE + n) << 2)
    const a = v128.load(at)
    const b = v128.load(at, ITEMS_AT_ONCE << 2)
    const c = v128.load(at, ITEMS_AT_ONCE << 3)
    const e = v128.load(at, 3 * ITEMS_AT_ONCE << 2)
    storeTransposed(projectionOf(from) + offset + (d << 2), projectionBytes(), count - from, a, b, c, e)
  }
}

/**
 * out (m, lanes) = f(M·from (n, lanes) + b), where f is tanh if `bends`, else the identity. Row o of M begins at
 * weights + o·stride. Computed in tiles of four outputs and eight lanes; `out` is written up to a multiple of four
 * rows. Without biases b is zero. `lanes` is a multiple of eight.
 */
export function runLayer(
  out: usize, weights: usize, stride: i32, biases: usize, m: i32, n: i32, from: usize, lanes: i32, bends: bool,
): void {
  const rowBytes = lanes << 2
  for (let o = 0; o < m; o += 4) {
    const left = m - o
    const w0 = weights + o * stride
    const w1 = left > 1 ? w0 + stride : w0
    const w2 = left > 2 ? w1 + stride : w0
    const w3 = left > 3 ? w2 + stride : w0
    const b0 = biasOf(biases, o, m)
    const b1 = biasOf(biases, o + 1, m)
    const b2 = biasOf(biases, o + 2, m)
    const b3 = biasOf(biases, o + 3, m)
    for (let p = 0; p < rowBytes; p += 32) {
      const to = out + o * rowBytes + p
      multiplyTile(to, rowBytes, 16, 4, w0, w1, w2, w3, 4, b0, b1, b2, b3, from + p, rowBytes, 16, n, bends)
    }
  }
}
