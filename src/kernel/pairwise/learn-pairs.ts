// Learning with the paper's joint tower (eqs. 16-23, 25). Scores do not order the items, so every pair runs through the
// tower. Draws are collected until a chunk of pairs is full; then the chunk runs forward and backward at once.
//
// Symbols: z(u,a,b) the logit of «u prefers a to b», i the positive, j_q the negative of question q.

import {
  denseCount, denseGradient, denseKind, direct, layerCount, mirrored, negatives, pairBase, pairDraw, pairDz, pairMax,
  pairMirrorBase, pairQuestion, pairUsers, pairZ, pickedNegatives, positives, query, queryN, shardBytes, shardGradients,
  threadIndex, x1, x2,
} from '../globals'
import { SHARDS, shareOf, threadCount } from '../thread-pool'
import { selectShard } from '../dense/gradient-shards'
import { catchUpDraws } from '../rows/catch-up-draws'
import { scoreOne } from '../scores/question-loss'
import { readUser } from '../user/query'
import { clearDrawGradient, drawGradientAt, setChunk, sumDrawGradients } from './draw-gradients'
import { emitDraw, restoreQuery } from './emit-gradients'
import {
  backMirroredPairs, clearFoldedGradient, foldWeights, mirroredPairsMin, runMirroredPairs, unfoldGradient,
} from './mirrored-pairs'
import { lossGradients } from './pair-loss'
import { padded } from './planes'
import { itemRow, pickNegatives, setPair } from './run-pairs'
import { emitSingle, scoreBoth } from './single-question'
import { backPairs, queryOf, runPairs, userWidth } from './tower'

/** Whether a pair of the chunk stands for itself and its mirror (mirrored-pairs.ts). */
let withMirrors: bool = false
let pairs = 0
/** Draws in the chunk so far. Each one has room for the vectors of its user. */
let users = 0
let loss: f64 = 0
/** How many shards the chunks of the update use. */
let usedShards = 0

/** The user's vector for the tower, followed by NBPR's query of the user (emit-gradients.ts). */
// @ts-ignore: decorator
@inline
function userVectorAt(user: i32): usize {
  return pairUsers + user * ((userWidth() + 4 + ((queryN + 3) & ~3)) << 2)
}

/** How many draws a chunk has: their pairs fill the planes. */
function drawsOfChunk(): i32 {
  return max(pairMax / 2 / negatives, 1)
}

export function chunksOf(from: i32, to: i32): i32 {
  return (to - from + drawsOfChunk() - 1) / drawsOfChunk()
}

/** Prepares the learning of draws from … to-1. One thread does this for all. */
export function startJoint(from: i32, to: i32): void {
  if (usesMirroredPairs((to - from) * negatives)) foldWeights()
}

/**
 * Learns this thread's chunks of draws from … to-1: sums the dense gradients and writes the draw gradients. One thread
 * alone also brings the rows of a chunk up to date and sums its draw gradients while both are in the first-level cache.
 * In a pool this is done before and after, by rows.
 */
export function learnJoint(from: i32, to: i32, scale: f64): void {
  withMirrors = usesMirroredPairs((to - from) * negatives)
  const each = drawsOfChunk()
  const alone = threadCount == 1
  usedShards = min(SHARDS, chunksOf(from, to))
  if (withMirrors) for (let s = threadIndex; s < usedShards; s += threadCount) {
    selectShard(s)
    clearFoldedGradient()
  }
  for (let chunk = 0, first = from; first < to; chunk++, first += each) {
    const shard = chunk % SHARDS
    if (shard % threadCount != threadIndex) continue
    selectShard(shard)
    const end = min(first + each, to)
    if (alone) catchUpDraws(first, end)
    const start = alone ? first : from
    let drawn = 0
    loss = 0
    for (let k = first; k < end; k++) {
      clearDrawGradient(drawGradientAt(k - start))
      pickNegatives(k)
    }
    for (let k = first; k < end; k++) if (gatherPairs(k)) drawn++
    if (pairs > 0) runChunk(start, scale)
    setChunk(chunk, loss, drawn)
    if (alone && !isSingleQuestion()) sumDrawGradients(first, end)
  }
  if (withMirrors) for (let s = threadIndex; s < usedShards; s += threadCount) {
    selectShard(s)
    unfoldGradient()
  }
}

/** Whether each draw is one mirrored pair (single-question.ts). */
// @ts-ignore: decorator
@inline
function isSingleQuestion(): bool {
  return withMirrors && negatives == 1
}

/** Adds this thread's share of the shards' dense gradients to the sum, shard by shard, and sets them to zero. */
export function sumShards(): void {
  if (denseKind < 0) return
  const from = shareOf(denseCount) << 2
  const end = shareOf(denseCount, 1) << 2
  for (let s = 0; s < usedShards; s++) {
    const own = shardGradients + s * shardBytes
    for (let d = from; d < end; d += 16) {
      const at = denseGradient + d
      v128.store(at, f32x4.add(v128.load(at), v128.load(own + d)))
      v128.store(own + d, f32x4.splat(0))
    }
  }
}

/** Whether every question is asked both ways, and there are enough questions. */
function usesMirroredPairs(questions: i32): bool {
  if (layerCount == 0 || questions < mirroredPairsMin) return false
  for (let q = 0; q < negatives; q++) if (load<f32>(mirrored + (q << 2)) == 0) return false
  return true
}

/** Adds the pairs of draw k to the chunk. Returns false if it has none. */
function gatherPairs(k: i32): bool {
  const first = pickedNegatives + ((k * negatives) << 2)
  let found = false
  for (let q = 0; q < negatives; q++) if (load<i32>(first + (q << 2)) >= 0) found = true
  if (!found) return false
  const i = load<i32>(positives + (k << 2))
  const user = userVectorAt(users++)
  readUser(k, queryOf(user), user, true)
  if (isSingleQuestion()) {
    const j = load<i32>(first)
    addPair(k, 0, user, itemRow(i), itemRow(j), 0)
    const at = (pairs - 1) << 2
    if (query > 0) scoreBoth(queryOf(user), i, j, pairBase + at, pairMirrorBase + at)
    else store<f32>(pairMirrorBase + at, 0)
    return true
  }
  if (query > 0) restoreQuery(user)
  const ai = query > 0 ? scoreOne(x1, i) : 0
  const ci = query > 0 ? scoreOne(x2, i) : 0
  for (let q = 0; q < negatives; q++) {
    const j = load<i32>(first + (q << 2))
    if (j < 0) continue
    addPair(k, 2 * q, user, itemRow(i), itemRow(j), query > 0 ? ai - scoreOne(x2, j) : 0)
    if (withMirrors) {
      // Where the mirror will stand is known only when the chunk is full; until then its base waits here.
      store<f32>(pairMirrorBase + ((pairs - 1) << 2), query > 0 ? <f32>(scoreOne(x1, j) - ci) : 0)
      continue
    }
    if (load<f32>(mirrored + (q << 2)) == 0) continue
    addPair(k, 2 * q + 1, user, itemRow(j), itemRow(i), query > 0 ? scoreOne(x1, j) - ci : 0)
  }
  return true
}

function addPair(k: i32, question: i32, user: usize, a: usize, b: usize, base: f64): void {
  const at = pairs << 2
  setPair(pairs, user, a, b)
  store<i32>(pairDraw + at, k)
  store<i32>(pairQuestion + at, question)
  store<f32>(pairBase + at, <f32>base)
  pairs++
}

/**
 * Runs the chunk forward and backward and writes the gradients of its draws; the first in memory belongs to draw
 * `from`.
 */
function runChunk(from: i32, scale: f64): void {
  if (withMirrors) runMirroredPairs(pairs)
  else runPairs(pairs)
  weighPairs()
  loss += lossGradients(pairZ, pairBase, pairDz, pairs, scale)
  const mirrors = padded(pairs) << 2
  if (withMirrors) loss += lossGradients(pairZ + mirrors, pairMirrorBase, pairDz + mirrors, pairs, scale)
  if (withMirrors) backMirroredPairs(pairs)
  else backPairs(pairs)
  if (isSingleQuestion()) for (let n = 0; n < pairs; n++) emitSingle(from, n, pairs)
  else for (let n = 0; n < pairs; ) n = emitDraw(from, n, pairs, withMirrors)
  pairs = 0
  users = 0
}

/**
 * Writes the weights of the pairs to where dloss/dz will be, negative where «prefers» is right. The padding gets weight
 * 0 and base 0.
 */
function weighPairs(): void {
  const mirrors = padded(pairs) << 2
  for (let n = 0; n < pairs; n++) {
    const at = n << 2
    const question = load<i32>(pairQuestion + at)
    const q = (question >> 1) << 2
    store<f32>(pairDz + at, (question & 1) == 0 ? -load<f32>(direct + q) : load<f32>(mirrored + q))
    if (withMirrors) store<f32>(pairDz + mirrors + at, load<f32>(mirrored + q))
  }
  for (let at = pairs << 2; at < mirrors; at += 4) {
    store<f32>(pairDz + at, 0)
    store<f32>(pairBase + at, 0)
    if (!withMirrors) continue
    store<f32>(pairDz + mirrors + at, 0)
    store<f32>(pairMirrorBase + at, 0)
  }
}
