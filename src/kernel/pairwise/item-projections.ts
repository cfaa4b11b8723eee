// What one version of a joint tower makes of every item, before any user is known: the first layer is linear in
// [p ; V_a ; -V_b], so its share of an item is computed once, as the first of a pair and as the second.
//
// A card is (A, B, v) in whole lanes: A = W_a·V, B = W_b·V (units each), and the item's row of NBPR.

import { layerCount, outputWeights, query } from '../globals'
import { itemsD, itemsN } from '../records'
import { layerOf } from '../dense/layers'
import { currentRow } from '../rows/adam-catch-up'
import { addProduct, firstLanes } from '../simd/lanes'
import { tanh } from '../simd/tanh'
import { userWidth } from './tower'

/** Items whose projections are made at once. */
const ITEMS_AT_ONCE = 8

let projections: usize = 0
let transposed: usize = 0

// @ts-ignore: decorator
@inline
export function wholeLanes(n: i32): i32 {
  return (n + 3) & ~3
}

/** Outputs of the first layer; without layers the tower is one linear output. */
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
  return (2 * wholeLanes(firstUnits()) + wholeLanes(query)) << 2
}

// @ts-ignore: decorator
@inline
export function projectionOf(item: i32): usize {
  return projections + <usize>item * <usize>projectionBytes()
}

/** Scratch of projectItems: the rows of some items transposed, and what becomes of them. */
export function projectionScratch(): i32 {
  return ((wholeLanes(itemsD.width) + wholeLanes(firstUnits())) * ITEMS_AT_ONCE) << 2
}

/** Makes the projections of items 0 … count-1 at `at`. Rows that have missed updates are rowCopies at upToDate. */
export function projectItems(at: usize, scratch: usize, count: i32): void {
  projections = at
  transposed = scratch
  const units = firstUnits()
  const width = itemsD.width
  const stride = firstInputs() << 2
  const made = transposed + ((wholeLanes(width) * ITEMS_AT_ONCE) << 2)
  const first = firstWeights() + (userWidth() << 2)
  const step = wholeLanes(units) << 2
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
    storeTransposed(transposed + ((d * ITEMS_AT_ONCE + n) << 2), ITEMS_AT_ONCE << 2, v128.load(a + at), v128.load(b + at), v128.load(c + at),
      v128.load(e + at))
  }
}

/** Four vectors of four become four rows: row k holds lane k of each. */
// @ts-ignore: decorator
@inline
export function storeTransposed(to: usize, rowBytes: i32, a: v128, b: v128, c: v128, e: v128): void {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  const ce0 = v128.shuffle<f32>(c, e, 0, 4, 1, 5)
  const ce1 = v128.shuffle<f32>(c, e, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<f32>(ab0, ce0, 0, 1, 4, 5))
  v128.store(to + rowBytes, v128.shuffle<f32>(ab0, ce0, 2, 3, 6, 7))
  v128.store(to + 2 * rowBytes, v128.shuffle<f32>(ab1, ce1, 0, 1, 4, 5))
  v128.store(to + 3 * rowBytes, v128.shuffle<f32>(ab1, ce1, 2, 3, 6, 7))
}

/** Lanes n … n+3 of a plane go into the projections of items from … from+3 that exist, `offset` bytes into each. */
function storeRows(plane: usize, from: i32, count: i32, n: i32, offset: usize): void {
  const units = wholeLanes(firstUnits())
  for (let d = 0; d < units; d += 4) {
    const at = plane + ((d * ITEMS_AT_ONCE + n) << 2)
    const a = v128.load(at)
    const b = v128.load(at, ITEMS_AT_ONCE << 2)
    const c = v128.load(at, ITEMS_AT_ONCE << 3)
    const e = v128.load(at, 3 * ITEMS_AT_ONCE << 2)
    const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
    const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
    const ce0 = v128.shuffle<f32>(c, e, 0, 4, 1, 5)
    const ce1 = v128.shuffle<f32>(c, e, 2, 6, 3, 7)
    const to = offset + (d << 2)
    if (from < count) v128.store(projectionOf(from) + to, v128.shuffle<f32>(ab0, ce0, 0, 1, 4, 5))
    if (from + 1 < count) v128.store(projectionOf(from + 1) + to, v128.shuffle<f32>(ab0, ce0, 2, 3, 6, 7))
    if (from + 2 < count) v128.store(projectionOf(from + 2) + to, v128.shuffle<f32>(ab1, ce1, 0, 1, 4, 5))
    if (from + 3 < count) v128.store(projectionOf(from + 3) + to, v128.shuffle<f32>(ab1, ce1, 2, 3, 6, 7))
  }
}

/** A row of `width` columns into whole lanes; what pads it is zero. */
function copyRow(to: usize, row: usize, width: i32): void {
  const whole = <usize>(width & ~3) << 2
  for (let d: usize = 0; d < whole; d += 16) v128.store(to + d, v128.load(row + d))
  if ((width & 3) != 0) v128.store(to + whole, v128.and(v128.load(row + whole), firstLanes(width & 3)))
}

/**
 * out (m, lanes) = f(M·from (n, lanes) + b), f tanh where `bends`; row o of M begins at weights + o·stride. Tiles of four
 * outputs and eight lanes; rows of `out` up to whole fours are written. Without biases b is zero. Lanes are whole eights.
 */
export function runLayer(
  out: usize, weights: usize, stride: i32, biases: usize, m: i32, n: i32, from: usize, lanes: i32, bends: bool,
): void {
  const rowBytes = lanes << 2
  const zero = f32x4.splat(0)
  for (let o = 0; o < m; o += 4) {
    const left = m - o
    const w0 = weights + o * stride
    const w1 = left > 1 ? w0 + stride : w0
    const w2 = left > 2 ? w1 + stride : w0
    const w3 = left > 3 ? w2 + stride : w0
    const b0 = biases == 0 ? zero : v128.load32_splat(biases + (o << 2))
    const b1 = biases == 0 || left < 2 ? zero : v128.load32_splat(biases + (o << 2), 4)
    const b2 = biases == 0 || left < 3 ? zero : v128.load32_splat(biases + (o << 2), 8)
    const b3 = biases == 0 || left < 4 ? zero : v128.load32_splat(biases + (o << 2), 12)
    for (let p = 0; p < rowBytes; p += 32) {
      let s0 = b0
      let s1 = b1
      let s2 = b2
      let s3 = b3
      let t0 = b0
      let t1 = b1
      let t2 = b2
      let t3 = b3
      let at = from + p
      for (let d = 0, end = n << 2; d < end; d += 4) {
        const lower = v128.load(at)
        const upper = v128.load(at, 16)
        const k0 = v128.load32_splat(w0 + d)
        const k1 = v128.load32_splat(w1 + d)
        const k2 = v128.load32_splat(w2 + d)
        const k3 = v128.load32_splat(w3 + d)
        s0 = addProduct(s0, k0, lower)
        t0 = addProduct(t0, k0, upper)
        s1 = addProduct(s1, k1, lower)
        t1 = addProduct(t1, k1, upper)
        s2 = addProduct(s2, k2, lower)
        t2 = addProduct(t2, k2, upper)
        s3 = addProduct(s3, k3, lower)
        t3 = addProduct(t3, k3, upper)
        at += rowBytes
      }
      let to = out + o * rowBytes + p
      v128.store(to, bends ? tanh(s0) : s0)
      v128.store(to, bends ? tanh(t0) : t0, 16)
      to += rowBytes
      v128.store(to, bends ? tanh(s1) : s1)
      v128.store(to, bends ? tanh(t1) : t1, 16)
      to += rowBytes
      v128.store(to, bends ? tanh(s2) : s2)
      v128.store(to, bends ? tanh(t2) : t2, 16)
      to += rowBytes
      v128.store(to, bends ? tanh(s3) : s3)
      v128.store(to, bends ? tanh(t3) : t3, 16)
    }
  }
}
