// The terms of Adam's catch-up. Dense Adam moves a row in every update, also where its gradient is zero. Rows are
// therefore brought up to date, in one step, before they are read.
//
// What updates t+1 … t+n do to a weight whose gradients are zero, with s = 1 … n:
//   w -= rate·m·Σ c_s/(√v + ε·e_s),  m *= β1^n,  v *= β2^n
//   c_s = r^s·k(t+s),  r = β1/√β2,  k(τ) = √(1-β2^τ)/(1-β1^τ),  e_s = √(1-β2^(t+s))/β2^(s/2)
// This is exact except for e_s, for which its mean weighted by c_s is taken. Let S(t) = Σ c_s and M(t) = Σ c_s·e_s,
// both up to the current update. Then
//   S(t-1) = r·(k(t) + S(t)),  M(t-1) = (β1/β2)·(k(t)·√(1-β2^t) + M(t)),
// so the terms for a row's last update t follow from those for t + 1.

import { cachedUpdates } from '../constants'
import { catchUpTerms } from '../globals'
import { BETA1, BETA2, EPSILON } from './adam'

/** How many past updates the cache covers. The terms of older ones are summed each time. */
const CACHED_UPDATES: i32 = cachedUpdates
/** How many terms of a sum float32 can still see: r^160 < 1e-7. */
const SERIES_TERMS = 160

/**
 * The cache begins with this record: how far it is filled. Then come the term of one older update, a term for each of
 * CACHED_UPDATES past updates, and the factors k(t) of as many updates: 64 bytes for each update and 128 more, which
 * the host sets to zero.
 */
// @ts-ignore: decorator
@unmanaged
class TermCache {
  now: i32
  /** Terms of lowest … now-1 are in the cache; the fields below belong to lowest. */
  lowest: i32
  sum: f64
  mean: f64
  keep1: f64
  keep2: f64
}

// @ts-ignore: decorator
@unmanaged
export class Term {
  t: i32
  now: i32
  /** S(t), M(t)·ε/S(t), β1^n and β2^n. */
  sum: f32
  epsilon: f32
  keep1: f32
  keep2: f32
}

// @ts-ignore: decorator
@unmanaged
class StepFactors {
  t: i32
  /** k(t) and k(t)·√(1-β2^t). */
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
  const at = CACHED_UPDATES + (t & (CACHED_UPDATES - 1))
  const factors = changetype<StepFactors>(catchUpTerms + 128 + (at << RECORD))
  if (factors.t == t) return factors
  const root = Math.sqrt(1 - Math.pow(BETA2, t))
  factors.t = t
  factors.k = root / (1 - Math.pow(BETA1, t))
  factors.rooted = factors.k * root
  return factors
}

/** The term that brings rows whose last update was t up to update `now`. */
export function termOf(t: i32, now: i32): Term {
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

/**
 * The same for an update older than the cache, from the sums themselves. The last one is kept, because several tables
 * have rows of it.
 */
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

