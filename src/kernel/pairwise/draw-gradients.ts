// The gradients of the rows of each draw, which a chunk leaves behind, and their sums by row. In a pool, every thread
// reads the draw gradients of all draws and sums the rows that belong to it; one thread alone does so after each chunk.
//
// A draw gradient: the number of items that learn (0: the draw had no negative), the items, then vectors padded to a
// multiple of four: the gradient of the user's vector (NBPR's blocks, DNCR's blocks), then for each item NBPR's blocks
// and DNCR's row.

import {
  blockCount, chosenAlphas, chosenGammas, chosenItems, chunkSums, drawGradientBytes, drawGradients, dx, e1, e2, factors,
  hasHistory, inputDelta, listCounts, listRows, listStride, listWeights, negatives, queryN, userRows, x1, x2,
} from '../globals'
import { ONE, itemsD, itemsN, sourceD, sourceN } from '../records'
import { ownsRow } from '../thread-pool'
import { sumGradients } from '../rows/row-gradients'
import { padded4 } from '../simd/lanes'
import { readSources } from '../user/history'
import { userWidth } from './tower'

// @ts-ignore: decorator
@inline
export function drawGradientAt(draw: i32): usize {
  return drawGradients + draw * drawGradientBytes
}

// @ts-ignore: decorator
@inline
function vectorsOf(drawGradient: usize): usize {
  return drawGradient + (padded4(2 + negatives) << 2)
}

/** Where the gradient of DNCR's row of item n is. */
// @ts-ignore: decorator
@inline
export function rowOf(drawGradient: usize, n: i32): usize {
  const user = padded4(queryN) + padded4(userWidth())
  return vectorsOf(drawGradient) + ((user + n * (padded4(queryN) + padded4(itemsD.width)) + padded4(queryN)) << 2)
}

export function clearDrawGradient(drawGradient: usize): void {
  store<i32>(drawGradient, 0)
}

/** Sets the gradient of DNCR's row of an item to zero. Items come in the order of their indices. */
export function clearRow(drawGradient: usize, n: i32): void {
  const row = rowOf(drawGradient, n)
  for (let d = 0; d < itemsD.width; d += 4) v128.store(row + (d << 2), f32x4.splat(0))
}

/**
 * Writes everything but the gradients of DNCR's item rows: those of `count` NBPR rows from α and γ, and of the user's
 * vector.
 */
export function writeDrawGradient(drawGradient: usize, count: i32): void {
  store<i32>(drawGradient, count)
  const user = vectorsOf(drawGradient)
  memory.copy(user, dx, queryN << 2)
  memory.copy(user + (padded4(queryN) << 2), inputDelta, userWidth() << 2)
  for (let n = 0; n < count; n++) {
    store<i32>(drawGradient + ((n + 1) << 2), load<i32>(chosenItems + (n << 2)))
    if (queryN == 0) continue
    const alpha = v128.load32_splat(chosenAlphas + (n << 2))
    const gamma = v128.load32_splat(chosenGammas + (n << 2))
    const row = rowOf(drawGradient, n) - (padded4(queryN) << 2)
    for (let d: usize = 0; d < <usize>queryN << 2; d += 16) {
      const first = f32x4.mul(alpha, v128.load(x1 + d))
      v128.store(row + d, f32x4.add(first, f32x4.mul(gamma, v128.load(x2 + d))))
    }
  }
}

/**
 * Writes all of a draw with one question (single-question.ts). The gradients of NBPR are in dx, e1 and e2; those of
 * DNCR are in `vector`, as in mirrored-pairs.ts.
 */
export function writeSingle(drawGradient: usize, i: i32, j: i32, vector: usize): void {
  store<i32>(drawGradient, 2)
  store<i32>(drawGradient, i, 4)
  store<i32>(drawGradient, j, 8)
  const user = padded4(userWidth()) << 2
  const row = padded4(itemsD.width) << 2
  let to = copy(vectorsOf(drawGradient), dx, queryN << 2)
  to = copy(to, vector, user)
  to = copy(to, e1, queryN << 2)
  to = copy(to, vector + user, row)
  to = copy(to, e2, queryN << 2)
  copy(to, vector + user + row, row)
}

/** Copies whole lanes; returns the address after them. */
// @ts-ignore: decorator
@inline
function copy(to: usize, from: usize, bytes: i32): usize {
  for (const end = from + bytes; from < end; from += 16) {
    v128.store(to, v128.load(from))
    to += 16
  }
  return to
}

/** Sums the gradients of this thread's rows, draw by draw. The first draw gradient in memory belongs to draw `from`. */
export function sumDrawGradients(from: i32, to: i32): void {
  for (let k = from; k < to; k++) {
    const drawGradient = drawGradientAt(k - from)
    const count = load<i32>(drawGradient)
    if (count == 0) continue
    readSources(k)
    const user = vectorsOf(drawGradient)
    if (hasHistory || ownsRow(load<i32>(userRows + (k << 2)))) sumUser(user, user + (padded4(queryN) << 2))
    for (let n = 0; n < count; n++) sumItem(drawGradient + ((n + 1) << 2), rowOf(drawGradient, n))
  }
}

/** Adds to the rows of the lists that were read last, from the gradients by the user's NBPR and DNCR vectors. */
export function sumUser(queryDelta: usize, towerDelta: usize): void {
  for (let b = 0; b < blockCount; b++) {
    const touched = load<i32>(listCounts + (b << 2))
    if (touched == 0) continue
    const rows = listRows + ((b * listStride) << 2)
    const weights = listWeights + ((b * listStride) << 2)
    if (sourceN.kind >= 0) sumGradients(sourceN, b, rows, weights, touched, queryDelta + ((b * factors) << 2))
    sumGradients(sourceD, b, rows, weights, touched, towerDelta + ((b * itemsD.width) << 2))
  }
}

/** The gradient of NBPR's row precedes that of DNCR's `row`. */
function sumItem(item: usize, row: usize): void {
  if (!ownsRow(load<i32>(item))) return
  sumGradients(itemsD, 0, item, ONE, 1, row)
  if (itemsN.kind >= 0) sumBlocks(item, row - (padded4(queryN) << 2))
}

/** Adds to NBPR's row of an item. Empty blocks of the user took no part. */
export function sumBlocks(item: usize, pulls: usize): void {
  for (let b = 0; b < blockCount; b++) {
    if (load<i32>(listCounts + (b << 2)) == 0) continue
    sumGradients(itemsN, b, item, ONE, 1, pulls + ((b * factors) << 2))
  }
}

export function setChunk(chunk: i32, loss: f64, drawn: i32): void {
  store<f64>(chunkSums + (chunk << 4), loss)
  store<f64>(chunkSums + (chunk << 4), <f64>drawn, 8)
}

export function lossOf(chunks: i32): f64 {
  return sumOf(chunks, 0)
}

export function drawnOf(chunks: i32): f64 {
  return sumOf(chunks, 8)
}

function sumOf(chunks: i32, at: usize): f64 {
  let sum: f64 = 0
  for (let chunk = 0; chunk < chunks; chunk++) sum += load<f64>(chunkSums + (chunk << 4) + at)
  return sum
}
