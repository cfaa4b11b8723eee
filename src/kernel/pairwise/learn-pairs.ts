// Learning with the paper's joint tower (eqs. 16-23, 25): not a total order, so every pair runs the tower. Draws are
// taken until a chunk of pairs is full, then the chunk goes forward and reverse at once, and gradients are summed.
//
// Symbols: z(u,a,b) the logit of «u prefers a to b», i the positive, j_q the negative of question q.

import {
  choices, denseCount, denseGradient, denseKind, direct, input, layerCount, mirrored, negatives, pairA, pairB, pairBase,
  pairDraw, pairDz, pairMax, pairMirrorBase, pairQuestion, pairUser, pairUsers, pairZ, pickedNegatives, positives,
  query, queryN, shardBytes, shardGradients, threadIndex, x1, x2,
} from '../globals'
import { itemsD } from '../records'
import { SHARDS, shareOf, threadCount } from '../thread-pool'
import { selectShard } from '../dense/gradient-shards'
import { currentRow } from '../rows/adam-catch-up'
import { catchUpDraws } from '../rows/catch-up-draws'
import { candidatesOf, scoreOne } from '../scores/learn-draw'
import { exp, log1p } from '../simd/exp'
import { readQuery, readUser } from '../user/query'
import { clearDrawGradient, drawGradientAt, setChunk, sumDrawGradients } from './draw-gradients'
import { emitDraw, restoreQuery } from './emit-gradients'
import {
  backMirroredPairs, clearFoldedGradient, foldWeights, mirroredPairsMin, runMirroredPairs, unfoldGradient,
} from './mirrored-pairs'
import { padded } from './planes'
import { emitSingle, scoreBoth } from './single-question'
import { backPairs, queryOf, runPairs, userWidth } from './tower'

/** Whether a place of the chunk is a pair with its mirror (couples.ts) instead of one pair. */
let withMirrors: bool = false
let pairs = 0
/** Draws of the chunk so far; each has a place for the user's vector. */
let users = 0
let loss: f64 = 0
/** Strands that the update's chunks longestBlock. */
let usedShards = 0

// @ts-ignore: decorator
@inline
function itemRow(item: i32): usize {
  return itemsD.values + ((item * itemsD.columns) << 2)
}

/** The user's vector, and after it what the user's pulls need of NBPR (leave.ts). */
// @ts-ignore: decorator
@inline
function userVectorAt(user: i32): usize {
  return pairUsers + user * ((userWidth() + 4 + ((queryN + 3) & ~3)) << 2)
}

/** Draws of a chunk: their pairs fill the planes. */
function drawsOfChunk(): i32 {
  return max(pairMax / 2 / negatives, 1)
}

export function chunksOf(from: i32, to: i32): i32 {
  return (to - from + drawsOfChunk() - 1) / drawsOfChunk()
}

/** Before draws from … to-1 are hasOutputWeights, by one threadIndex for all. */
export function startJoint(from: i32, to: i32): void {
  if (usesMirroredPairs((to - from) * negatives)) foldWeights()
}

/**
 * This threadIndex's chunks of draws from … to-1: sums dense gradients, leaves drawGradients. Alone it also brings the rows of a chunk
 * up to now and sums its drawGradients while all that is in the nearest cache; in a threadCount that is done before and after, by rows.
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

/** Whether each draw is one pair (single.ts). */
// @ts-ignore: decorator
@inline
function isSingleQuestion(): bool {
  return withMirrors && negatives == 1
}

/** Adds this threadIndex's share of the shardGradients' dense gradients to the sums, shard by shard, and leaves zeros. */
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

/** Whether every question is asked both ways, and often enough. */
function usesMirroredPairs(questions: i32): bool {
  if (layerCount == 0 || questions < mirroredPairsMin) return false
  for (let q = 0; q < negatives; q++) if (load<f32>(mirrored + (q << 2)) == 0) return false
  return true
}

/** The candidate with the smallest z(u,i,j) of every question of draw k, the first of equals; -1: none was given. */
function pickNegatives(k: i32): void {
  const first = candidatesOf(k)
  const to = pickedNegatives + ((k * negatives) << 2)
  if (choices == 1) {
    for (let q: usize = 0; q < <usize>negatives << 2; q += 4) store<i32>(to + q, load<i32>(first + q))
    return
  }
  const i = load<i32>(positives + (k << 2))
  readQuery(k, true)
  for (let q = 0; q < negatives; q++) {
    let j = -1
    let least: f32 = 0
    for (let c = 0; c < choices; c += pairMax) {
      const some = min(choices - c, pairMax)
      const from = first + ((q * choices + c) << 2)
      for (let n = 0; n < some; n++) setPair(n, input, itemRow(i), itemRow(max(load<i32>(from + (n << 2)), 0)))
      runPairs(some)
      for (let n = 0; n < some; n++) {
        const candidate = load<i32>(from + (n << 2))
        if (candidate < 0) continue
        const z = load<f32>(pairZ + (n << 2)) - (query > 0 ? <f32>scoreOne(x2, candidate) : 0)
        if (j >= 0 && z >= least) continue
        least = z
        j = candidate
      }
    }
    store<i32>(to + (q << 2), j)
  }
}

// @ts-ignore: decorator
@inline
function setPair(n: i32, user: usize, a: usize, b: usize): void {
  const at = n << 2
  store<usize>(pairUser + at, user)
  store<usize>(pairA + at, a)
  store<usize>(pairB + at, b)
}

/** Puts the pairs of draw k into the chunk; false: it has none. */
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
      // Where its mirror will stand is known when the chunk is full: the base waits beside.
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

/** Takes the chunk forward and reverse, and leaves the drawGradients of its draws; that of draw `from` is the first. */
function runChunk(from: i32, scale: f64): void {
  if (withMirrors) runMirroredPairs(pairs)
  else runPairs(pairs)
  weighPairs()
  lossGradients(pairZ, pairBase, pairDz, scale)
  const mirrors = padded(pairs) << 2
  if (withMirrors) lossGradients(pairZ + mirrors, pairMirrorBase, pairDz + mirrors, scale)
  if (withMirrors) backMirroredPairs(pairs)
  else backPairs(pairs)
  if (isSingleQuestion()) for (let n = 0; n < pairs; n++) emitSingle(from, n, pairs)
  else for (let n = 0; n < pairs; ) n = emitDraw(from, n, pairs, withMirrors)
  pairs = 0
  users = 0
}

/** Lays weights where dloss/dz will be, below zero where «prefers» is right; 0, and base 0, up to whole lanes. */
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

/**
 * Weights ±w become dloss/dz. With y = ±z the loss is w·softplus(y): e = exp(-|y|) gives softplus(y) = max(y, 0) + ln(1 + e)
 * and σ(y) = (y < 0 ? e : 1)/(1 + e).
 */
function lossGradients(logits: usize, bases: usize, weights: usize, scale: f64): void {
  const one = f32x4.splat(1)
  const zero = f32x4.splat(0)
  const by = f32x4.splat(<f32>scale)
  const signs = i32x4.splat(i32.MIN_VALUE)
  let low = f64x2.splat(0)
  let high = low
  for (let at = 0; at < pairs << 2; at += 16) {
    const weight = v128.load(weights + at)
    const z = f32x4.add(v128.load(logits + at), v128.load(bases + at))
    const y = v128.xor(z, v128.and(weight, signs))
    const e = exp(f32x4.max(f32x4.neg(f32x4.abs(y)), f32x4.splat(-80)))
    const share = f32x4.div(v128.bitselect(e, one, f32x4.lt(y, zero)), f32x4.add(one, e))
    v128.store(weights + at, f32x4.mul(f32x4.mul(by, weight), share))
    const part = f32x4.mul(f32x4.abs(weight), f32x4.add(f32x4.max(y, zero), log1p(e)))
    low = f64x2.add(low, f64x2.promote_low_f32x4(part))
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(part, part, 2, 3, 2, 3)))
  }
  const sum = f64x2.add(low, high)
  loss += f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
}

/** out[n] += the tower's share of z(user 0, first[n], second[n]), bias included; rows may have missed updates. */
export function compareJoint(first: usize, second: usize, count: i32, out: usize): void {
  for (let c = 0; c < count; c += pairMax) {
    const some = min(count - c, pairMax)
    const at = c << 2
    for (let n = 0; n < some; n++) {
      const a = currentRow(itemsD, load<i32>(first + at + (n << 2)), 2 * n)
      setPair(n, input, a, currentRow(itemsD, load<i32>(second + at + (n << 2)), 2 * n + 1))
    }
    runPairs(some)
    for (let n = 0; n < some; n++) {
      const to = out + at + (n << 2)
      store<f32>(to, load<f32>(to) + load<f32>(pairZ + (n << 2)))
    }
  }
}
