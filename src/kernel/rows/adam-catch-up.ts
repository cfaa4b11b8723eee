// Rows that a batch did not touch: dense Adam would have moved them in every update by their moments alone, and they are
// brought up to now, exactly, before they are read.
//
// What updates t+1 … t+n do to a weight whose gradients are zero, in one go (c_s, e_s by s = 1 … n):
//   w -= rate·m·Σ c_s/(√v + ε·e_s),  c_s = r^s·k(t+s),  r = β1/√β2,  k(τ) = √(1-β2^τ)/(1-β1^τ),  e_s = √(1-β2^(t+s))/β2^(s/2)
//   m *= β1^n,  v *= β2^n
// exact but for e_s, which stands at its mean weighted by c_s. With S(t) = Σ c_s and M(t) = Σ c_s·e_s up to the same now,
//   S(t-1) = r·(k(t) + S(t)),  M(t-1) = (β1/β2)·(k(t)·√(1-β2^t) + M(t)),
// so the terms of all last updates t follow one from the next.

import { ADAM, Table, driftTerms, looked, lookedBytes, steps } from '../memory'
import { BETA1, BETA2, EPSILON } from './adam'
import { storeFirst } from '../simd/lanes'

/** Terms of as many last updates are known while an update lasts; those of older ones are summed anew. */
const DRIFTS = 256
/** Terms of a sum that float32 can still see: r^160 < 1e-7. */
const TERMS = 160

/**
 * Where they lie: how far they are known, then a place for an old one, then one for each of DRIFTS last updates, then
 * k(t) of as many updates. place.ts keeps 64 bytes for each of them and 128 more, zeroed.
 */
// @ts-ignore: decorator
@unmanaged
class Known {
  now: i32
  /** Terms of lowest … now-1 are known, and these belong to lowest. */
  lowest: i32
  sum: f64
  mean: f64
  left1: f64
  left2: f64
}

// @ts-ignore: decorator
@unmanaged
class Term {
  t: i32
  now: i32
  /** S(t), M(t)·ε/S(t), and what is left of both moments. */
  sum: f32
  epsilon: f32
  left1: f32
  left2: f32
}

// @ts-ignore: decorator
@unmanaged
class Pace {
  t: i32
  /** k(t), k(t)·√(1-β2^t) */
  k: f64
  rooted: f64
}

const RECORD = 5

// @ts-ignore: decorator
@inline
function termAt(t: i32): Term {
  return changetype<Term>(driftTerms + 128 + ((t & (DRIFTS - 1)) << RECORD))
}

function paceOf(t: i32): Pace {
  const pace = changetype<Pace>(driftTerms + 128 + ((DRIFTS + (t & (DRIFTS - 1))) << RECORD))
  if (pace.t == t) return pace
  const root = Math.sqrt(1 - Math.pow(BETA2, t))
  pace.t = t
  pace.k = root / (1 - Math.pow(BETA1, t))
  pace.rooted = pace.k * root
  return pace
}

/** What rows of last update t need to come to now. */
function termOf(t: i32, now: i32): Term {
  if (now - t >= DRIFTS) return oldTerm(t, now)
  const known = changetype<Known>(driftTerms)
  if (known.now != now) {
    known.now = now
    known.lowest = now
    known.sum = 0
    known.mean = 0
    known.left1 = 1
    known.left2 = 1
  }
  while (known.lowest > t) goDown(known)
  return termAt(t)
}

function goDown(known: Known): void {
  const pace = paceOf(known.lowest)
  known.sum = (BETA1 / Math.sqrt(BETA2)) * (pace.k + known.sum)
  known.mean = (BETA1 / BETA2) * (pace.rooted + known.mean)
  known.left1 *= BETA1
  known.left2 *= BETA2
  known.lowest--
  setTerm(termAt(known.lowest), known.sum, known.mean, known.left1, known.left2)
}

function setTerm(term: Term, sum: f64, mean: f64, left1: f64, left2: f64): void {
  term.sum = <f32>sum
  term.epsilon = <f32>((EPSILON * mean) / sum)
  term.left1 = <f32>left1
  term.left2 = <f32>left2
}

/** The same from the sums themselves; the last one is kept, since several tables have rows of it. */
function oldTerm(t: i32, now: i32): Term {
  const term = changetype<Term>(driftTerms + 64)
  if (term.t == t && term.now == now) return term
  term.t = t
  term.now = now
  let power1 = Math.pow(BETA1, t)
  let power2 = Math.pow(BETA2, t)
  let c: f64 = 1
  let e: f64 = 1
  let sum: f64 = 0
  let mean: f64 = 0
  for (let s = 0; s < TERMS; s++) {
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
export function settleRow(table: Table, row: i32): void {
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
    settleBlock(table.values + part, table.state + 2 * part, width, table.rate, termOf(last, now))
  }
}

/** Weights and moments. */
function settleBlock(w: usize, m: usize, n: i32, rate: f32, term: Term): void {
  let v = m + (n << 2)
  const pull = f32x4.splat(<f32>(<f64>rate * <f64>term.sum))
  const epsilon = f32x4.splat(term.epsilon)
  const left1 = f32x4.splat(term.left1)
  const left2 = f32x4.splat(term.left2)
  for (const end = w + ((n & ~3) << 2); w != end; ) {
    const first = v128.load(m)
    const second = v128.load(v)
    v128.store(w, drifted(v128.load(w), first, second, pull, epsilon))
    v128.store(m, f32x4.mul(first, left1))
    v128.store(v, f32x4.mul(second, left2))
    w += 16
    m += 16
    v += 16
  }
  const rest = n & 3
  if (rest == 0) return
  const first = v128.load(m)
  const second = v128.load(v)
  storeFirst(w, drifted(v128.load(w), first, second, pull, epsilon), rest)
  storeFirst(m, f32x4.mul(first, left1), rest)
  storeFirst(v, f32x4.mul(second, left2), rest)
}

// @ts-ignore: decorator
@inline
function drifted(w: v128, m: v128, v: v128, pull: v128, epsilon: v128): v128 {
  return f32x4.sub(w, f32x4.div(f32x4.mul(pull, m), f32x4.add(f32x4.sqrt(v), epsilon)))
}

/**
 * Where to read a row for a score: the row itself or, where it has missed updates, a settled copy in place `copy` of
 * scratch. A look changes no state.
 */
export function look(table: Table, row: i32, copy: i32): usize {
  const values = table.values + ((row * table.columns) << 2)
  if (table.kind != ADAM) return values
  const place = looked + copy * lookedBytes
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
    drift(place + ((b * width) << 2), table.state + 2 * part, width, table.rate, termOf(last, now))
  }
  return copied ? place : values
}

/** The weights alone. */
function drift(w: usize, m: usize, n: i32, rate: f32, term: Term): void {
  let v = m + (n << 2)
  const pull = f32x4.splat(<f32>(<f64>rate * <f64>term.sum))
  const epsilon = f32x4.splat(term.epsilon)
  for (const end = w + ((n & ~3) << 2); w != end; ) {
    v128.store(w, drifted(v128.load(w), v128.load(m), v128.load(v), pull, epsilon))
    w += 16
    m += 16
    v += 16
  }
  const rest = n & 3
  if (rest != 0) storeFirst(w, drifted(v128.load(w), v128.load(m), v128.load(v), pull, epsilon), rest)
}
