// Rows that a batch did not touch: dense Adam would have moved them in every update by their moments alone, and they are
// brought up to now, exactly, before they are read.
//
// What updates t+1 … t+n do to a weight whose gradients are zero, in one go (c_s, e_s by s = 1 … n):
//   w -= rate·m·Σ c_s/(√v + ε·e_s),  c_s = r^s·k(t+s),  r = β1/√β2,  k(τ) = √(1-β2^τ)/(1-β1^τ),  e_s = √(1-β2^(t+s))/β2^(s/2)
//   m *= β1^n,  v *= β2^n
// exact but for e_s, which stands at its mean weighted by c_s. With S(t) = Σ c_s and M(t) = Σ c_s·e_s up to the same now,
//   S(t-1) = r·(k(t) + S(t)),  M(t-1) = (β1/β2)·(k(t)·√(1-β2^t) + M(t)),
// so the terms of all last updates t follow one from the next.

import { cachedUpdates } from '../constants'
import { catchUpTerms, rowCopies, rowCopyBytes, steps } from '../globals'
import { ADAM, Table } from '../records'
import { storeFirst } from '../simd/lanes'
import { BETA1, BETA2, EPSILON } from './adam'

/** Terms of as many last updates are cache while an update lasts; those of older ones are summed anew. */
const CACHED_UPDATES: i32 = cachedUpdates
/** Terms of a sum that float32 can still see: r^160 < 1e-7. */
const SERIES_TERMS = 160

/**
 * Where they lie: how far they are cache, then a place for an old one, then one for each of CACHED_UPDATES last updates, then
 * k(t) of as many updates. place.ts keeps 64 bytes for each of them and 128 more, zeroed.
 */
// @ts-ignore: decorator
@unmanaged
class TermCache {
  now: i32
  /** Terms of lowest … now-1 are cache, and these belong to lowest. */
  lowest: i32
  sum: f64
  mean: f64
  keep1: f64
  keep2: f64
}

// @ts-ignore: decorator
@unmanaged
class Term {
  t: i32
  now: i32
  /** S(t), M(t)·ε/S(t), and what is left of both moments. */
  sum: f32
  epsilon: f32
  keep1: f32
  keep2: f32
}

// @ts-ignore: decorator
@unmanaged
class StepFactors {
  t: i32
  /** k(t), k(t)·√(1-β2^t) */
  k: f64
  rooted: f64
}

const RECORD = 5

// @ts-ignore: decorator
@inline
function termAt(t: i32): Term {
  return changetype<Term>(catchUpTerms + 128 + ((t & (CACHED_UPDATES - 1)) << RECORD))
}

function factorsOf(t: i32): StepFactors {
  const factors = changetype<StepFactors>(catchUpTerms + 128 + ((CACHED_UPDATES + (t & (CACHED_UPDATES - 1))) << RECORD))
  if (factors.t == t) return factors
  const root = Math.sqrt(1 - Math.pow(BETA2, t))
  factors.t = t
  factors.k = root / (1 - Math.pow(BETA1, t))
  factors.rooted = factors.k * root
  return factors
}

/** What rows of last update t need to come to now. */
function termOf(t: i32, now: i32): Term {
  if (now - t >= CACHED_UPDATES) return oldTerm(t, now)
  const cache = changetype<TermCache>(catchUpTerms)
  if (cache.now != now) {
    cache.now = now
    cache.lowest = now
    cache.sum = 0
    cache.mean = 0
    cache.keep1 = 1
    cache.keep2 = 1
  }
  while (cache.lowest > t) addOlderTerm(cache)
  return termAt(t)
}

function addOlderTerm(cache: TermCache): void {
  const factors = factorsOf(cache.lowest)
  cache.sum = (BETA1 / Math.sqrt(BETA2)) * (factors.k + cache.sum)
  cache.mean = (BETA1 / BETA2) * (factors.rooted + cache.mean)
  cache.keep1 *= BETA1
  cache.keep2 *= BETA2
  cache.lowest--
  setTerm(termAt(cache.lowest), cache.sum, cache.mean, cache.keep1, cache.keep2)
}

function setTerm(term: Term, sum: f64, mean: f64, keep1: f64, keep2: f64): void {
  term.sum = <f32>sum
  term.epsilon = <f32>((EPSILON * mean) / sum)
  term.keep1 = <f32>keep1
  term.keep2 = <f32>keep2
}

/** The same from the sums themselves; the last one is kept, since several tables have rows of it. */
function oldTerm(t: i32, now: i32): Term {
  const term = changetype<Term>(catchUpTerms + 64)
  if (term.t == t && term.now == now) return term
  term.t = t
  term.now = now
  let power1 = Math.pow(BETA1, t)
  let power2 = Math.pow(BETA2, t)
  let c: f64 = 1
  let e: f64 = 1
  let sum: f64 = 0
  let mean: f64 = 0
  for (let s = 0; s < SERIES_TERMS; s++) {
    power1 *= BETA1
    power2 *= BETA2
    c *= BETA1 / Math.sqrt(BETA2)
    e *= BETA1 / BETA2
    const root = Math.sqrt(1 - power2)
    const k = root / (1 - power1)
    sum += c * k
    mean += e * k * root
  }
  setTerm(term, sum, mean, Math.pow(BETA1, now - t), Math.pow(BETA2, now - t))
  return term
}

/** Brings all blocks of a row up to now, before it is read to learn from. */
export function catchUpRow(table: Table, row: i32): void {
  const now = load<i32>(steps)
  const width = table.width
  const blocks = table.blocks
  for (let b = 0; b < blocks; b++) {
    const key = row * blocks + b
    const at = table.last + (key << 2)
    const last = load<i32>(at)
    if (last == now) continue
    store<i32>(at, now)
    if (last == 0) continue
    const part = (key * width) << 2
    catchUpBlock(table.values + part, table.state + 2 * part, width, table.rate, termOf(last, now))
  }
}

/** Weights and moments. */
function catchUpBlock(w: usize, m: usize, n: i32, rate: f32, term: Term): void {
  let v = m + (n << 2)
  const stepSize = f32x4.splat(<f32>(<f64>rate * <f64>term.sum))
  const epsilon = f32x4.splat(term.epsilon)
  const keep1 = f32x4.splat(term.keep1)
  const keep2 = f32x4.splat(term.keep2)
  for (const end = w + ((n & ~3) << 2); w != end; ) {
    const first = v128.load(m)
    const second = v128.load(v)
    v128.store(w, movedByMoments(v128.load(w), first, second, stepSize, epsilon))
    v128.store(m, f32x4.mul(first, keep1))
    v128.store(v, f32x4.mul(second, keep2))
    w += 16
    m += 16
    v += 16
  }
  const rest = n & 3
  if (rest == 0) return
  const first = v128.load(m)
  const second = v128.load(v)
  storeFirst(w, movedByMoments(v128.load(w), first, second, stepSize, epsilon), rest)
  storeFirst(m, f32x4.mul(first, keep1), rest)
  storeFirst(v, f32x4.mul(second, keep2), rest)
}

// @ts-ignore: decorator
@inline
function movedByMoments(w: v128, m: v128, v: v128, stepSize: v128, epsilon: v128): v128 {
  return f32x4.sub(w, f32x4.div(f32x4.mul(stepSize, m), f32x4.add(f32x4.sqrt(v), epsilon)))
}

/**
 * Where to read a row for a score: the row itself or, where it has missed updates, a upToDate copy in place `copy` of
 * scratch. A currentRow changes no state.
 */
export function currentRow(table: Table, row: i32, copy: i32): usize {
  const values = table.values + ((row * table.columns) << 2)
  if (table.kind != ADAM) return values
  const place = rowCopies + copy * rowCopyBytes
  const now = load<i32>(steps)
  const width = table.width
  let copied = false
  for (let b = 0; b < table.blocks; b++) {
    const key = row * table.blocks + b
    const last = load<i32>(table.last + (key << 2))
    if (last == now || last == 0) continue
    if (!copied) memory.copy(place, values, table.columns << 2)
    copied = true
    const part = (key * width) << 2
    moveWeights(place + ((b * width) << 2), table.state + 2 * part, width, table.rate, termOf(last, now))
  }
  return copied ? place : values
}

/** The weights alone. */
function moveWeights(w: usize, m: usize, n: i32, rate: f32, term: Term): void {
  let v = m + (n << 2)
  const stepSize = f32x4.splat(<f32>(<f64>rate * <f64>term.sum))
  const epsilon = f32x4.splat(term.epsilon)
  for (const end = w + ((n & ~3) << 2); w != end; ) {
    v128.store(w, movedByMoments(v128.load(w), v128.load(m), v128.load(v), stepSize, epsilon))
    w += 16
    m += 16
    v += 16
  }
  const rest = n & 3
  if (rest != 0) storeFirst(w, movedByMoments(v128.load(w), v128.load(m), v128.load(v), stepSize, epsilon), rest)
}
