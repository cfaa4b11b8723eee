// Draws with one question that is asked both ways: each one is a single mirrored pair, so nothing has to be collected
// by draw. NBPR's share of both logits needs one pass over three rows, and so does its backward pass.
//
// Symbols: u, i, j the query of the user and the NBPR rows of the items, [w1 w2] their output weights (eq. 20),
// z(u,a,b) = w1·(u ⊙ a) - w2·(u ⊙ b); d and d' the gradients by z(u,i,j) and by z(u,j,i).

import {
  denseKind, dx, e1, e2, outputWeights, pairDraw, pairDz, pairUser, pickedNegatives, positives, query,
} from '../globals'
import { ONE, itemsD, itemsN } from '../records'
import { threadCount } from '../thread-pool'
import { gradientOf } from '../dense/gradient-shards'
import { sumGradients } from '../rows/row-gradients'
import { addProduct, sumOf } from '../simd/lanes'
import { readSources } from '../user/history'
import { drawGradientAt, sumBlocks, sumUser, writeSingle } from './draw-gradients'
import { firstItemAt, pairVectors, secondItemAt } from './mirrored-pairs'
import { padded } from './planes'
import { queryOf } from './tower'

// @ts-ignore: decorator
@inline
function itemRow(item: i32): usize {
  return itemsN.values + ((item * itemsN.columns) << 2)
}

/**
 * Writes z(u,i,j) to `base` and z(u,j,i) to `mirror`. The padding of u is zero, so what follows the items' rows adds
 * nothing.
 */
export function scoreBoth(u: usize, positive: i32, negative: i32, base: usize, mirror: usize): void {
  let z = f32x4.splat(0)
  let y = z
  let w = outputWeights
  const toSecond = <usize>query << 2
  const i = itemRow(positive)
  const j = itemRow(negative)
  for (let d: usize = 0; d < toSecond; d += 16) {
    const x = v128.load(u + d)
    const a = f32x4.mul(x, v128.load(i + d))
    const b = f32x4.mul(x, v128.load(j + d))
    const w1 = v128.load(w)
    const w2 = f32x4.neg(v128.load(w + toSecond))
    z = addProduct(addProduct(z, w1, a), w2, b)
    y = addProduct(addProduct(y, w1, b), w2, a)
    w += 16
  }
  store<f32>(base, sumOf(z))
  store<f32>(mirror, sumOf(y))
}

/** Gradients by u, i and j into dx, e1 and e2, and by the output weights into their sums. */
function backBoth(u: usize, i: usize, j: usize, direct: f32, mirror: f32): void {
  const d1 = f32x4.splat(direct)
  const d2 = f32x4.splat(mirror)
  const toSecond = <usize>query << 2
  const gradient = gradientOf(outputWeights)
  for (let d: usize = 0; d < toSecond; d += 16) {
    const x = v128.load(u + d)
    const a = v128.load(i + d)
    const b = v128.load(j + d)
    const w1 = v128.load(outputWeights + d)
    const w2 = v128.load(outputWeights + toSecond + d)
    const towards = addProduct(f32x4.mul(d1, a), d2, b)
    const away = addProduct(f32x4.mul(d1, b), d2, a)
    v128.store(dx + d, f32x4.sub(f32x4.mul(w1, towards), f32x4.mul(w2, away)))
    v128.store(e1 + d, f32x4.mul(x, f32x4.sub(f32x4.mul(d1, w1), f32x4.mul(d2, w2))))
    v128.store(e2 + d, f32x4.mul(x, f32x4.sub(f32x4.mul(d2, w1), f32x4.mul(d1, w2))))
    if (denseKind < 0) continue
    const first = gradient + d
    const second = first + toSecond
    v128.store(first, addProduct(v128.load(first), x, towards))
    v128.store(second, f32x4.sub(v128.load(second), f32x4.mul(x, away)))
  }
}

/**
 * Gives the rows of pair n, of `pairs` in the chunk, their gradients. One thread alone sums them; threads of a pool
 * write them to the draw gradient, of which the first in memory belongs to draw `from`.
 */
export function emitSingle(from: i32, n: i32, pairs: i32): void {
  const at = n << 2
  const k = load<i32>(pairDraw + at)
  const i = positives + (k << 2)
  const j = pickedNegatives + (k << 2)
  if (query > 0) {
    const mirror = load<f32>(pairDz + ((padded(pairs) + n) << 2))
    const u = queryOf(load<usize>(pairUser + at))
    backBoth(u, itemRow(load<i32>(i)), itemRow(load<i32>(j)), load<f32>(pairDz + at), mirror)
  }
  const vector = pairVectors(n)
  if (threadCount > 1) {
    writeSingle(drawGradientAt(k - from), load<i32>(i), load<i32>(j), vector)
    return
  }
  readSources(k)
  sumUser(dx, vector)
  sumItem(i, vector + firstItemAt(), e1)
  sumItem(j, vector + secondItemAt(), e2)
}

function sumItem(item: usize, row: usize, queryRow: usize): void {
  sumGradients(itemsD, 0, item, ONE, 1, row)
  if (query > 0) sumBlocks(item, queryRow)
}
