// Adam on dense weights and on rows that are touched now and then: the update itself, and the exact catch-up for
// the updates that a row has missed. Dense Adam would have moved it in each of them by its moments alone.
//
// Symbols: w weights, g = scale·gradient + l2·w, m and v Adam's moments, t the number of the update.

import { ADAM, Table, driftTerms, looked, lookedBytes, steps } from './memory'
import { storeFirst } from './lanes'

const BETA1: f64 = 0.9
const BETA2: f64 = 0.999
const EPSILON: f64 = 1e-7
/** Terms of the drift sum below that float32 can still see: (β1/√β2)^160 < 1e-7. */
const DRIFT_TERMS = 160
/** Drifts of this many last updates are remembered while an update lasts. */
export const DRIFTS = 256

/** rate·m̂/(√v̂ + ε) = pull·m/(√v + shift), the same for all weights of update t. */
let update = -1
let ratio: f32 = 0
let pullPerRate: f64 = 0

/** Prepares update t. */
export function startUpdate(t: i32): void {
  if (t == update) return
  update = t
  const root = Math.sqrt(1 - Math.pow(BETA2, t))
  pullPerRate = root / (1 - Math.pow(BETA1, t))
  ratio = <f32>(EPSILON * root)
}

/** m and v move towards g and g²; w -= rate·m̂/(√v̂ + ε). `n` weights, gradient padded to whole lanes. */
export function adamRow(
  w: usize, m: usize, v: usize, gradient: usize, n: i32, scale: f32, rate: f32, l2: f32,
): void {
  const pull = f32x4.splat(<f32>(<f64>rate * pullPerRate))
  const s = f32x4.splat(scale)
  const l = f32x4.splat(l2)
  const whole = <usize>(n & ~3) << 2
  let d: usize = 0
  for (; d < whole; d += 16) {
    const old = v128.load(w + d)
    const g = f32x4.add(f32x4.mul(s, v128.load(gradient + d)), f32x4.mul(l, old))
    const first = towards(v128.load(m + d), g)
    const second = towardsSquare(v128.load(v + d), g)
    v128.store(m + d, first)
    v128.store(v + d, second)
    v128.store(w + d, moved(old, pull, first, second))
  }
  const rest = n & 3
  if (rest == 0) return
  const old = v128.load(w + d)
  const g = f32x4.add(f32x4.mul(s, v128.load(gradient + d)), f32x4.mul(l, old))
  const first = towards(v128.load(m + d), g)
  const second = towardsSquare(v128.load(v + d), g)
  storeFirst(m + d, first, rest)
  storeFirst(v + d, second, rest)
  storeFirst(w + d, moved(old, pull, first, second), rest)
}

// @ts-ignore: decorator
@inline
function towards(m: v128, g: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.splat(0.9), m), f32x4.mul(f32x4.splat(0.1), g))
}

// @ts-ignore: decorator
@inline
function towardsSquare(v: v128, g: v128): v128 {
  const square = f32x4.mul(f32x4.mul(f32x4.splat(0.001), g), g)
  return f32x4.add(f32x4.mul(f32x4.splat(0.999), v), square)
}

// @ts-ignore: decorator
@inline
function moved(w: v128, pull: v128, m: v128, v: v128): v128 {
  const root = f32x4.add(f32x4.sqrt(v), f32x4.splat(ratio))
  return f32x4.sub(w, f32x4.div(f32x4.mul(pull, m), root))
}

/** Block b of every row of a list; the gradient of row l is weight_l · g. */
export function adamRows(
  table: Table, b: i32, rows: usize, weights: usize, count: i32, g: usize,
): void {
  const t = load<i32>(steps) + 1
  startUpdate(t)
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const row = load<i32>(rows + l)
    const part = (row * table.columns + b * table.width) << 2
    const scale = load<f32>(weights + l)
    const w = table.values + part
    adamRow(w, table.state + part, table.second + part, g, table.width, scale, table.rate, table.l2)
    store<i32>(table.last + ((row * table.blocks + b) << 2), t)
  }
}

/**
 * What dense Adam does to `n` weights in updates t+1 … t+missed, whose gradients are zero, in one go:
 * w -= rate·m·Σ_s c_s/(√v + ε·e_s), c_s = (β1/√β2)^s·√(1-β2^(t+s))/(1-β1^(t+s)) and
 * e_s = √(1-β2^(t+s))/β2^(s/2). Exact but for e_s, which stands at its mean weighted by c_s.
 */
function drift(w: usize, m: usize, v: usize, n: i32, rate: f32, t: i32, now: i32): void {
  const term = termOf(t, now)
  const pull = f32x4.splat(<f32>(<f64>rate * <f64>load<f32>(term, 8)))
  const epsilon = v128.load32_splat(term, 12)
  const whole = <usize>(n & ~3) << 2
  let d: usize = 0
  for (; d < whole; d += 16) {
    v128.store(w + d, drifted(v128.load(w + d), v128.load(m + d), v128.load(v + d), pull, epsilon))
  }
  const rest = n & 3
  if (rest == 0) return
  storeFirst(w + d, drifted(v128.load(w + d), v128.load(m + d), v128.load(v + d), pull, epsilon), rest)
}

// @ts-ignore: decorator
@inline
function drifted(w: v128, m: v128, v: v128, pull: v128, epsilon: v128): v128 {
  return f32x4.sub(w, f32x4.div(f32x4.mul(pull, m), f32x4.add(f32x4.sqrt(v), epsilon)))
}

/** What rows of last update t need to come to now: kept by t until the next update. */
function termOf(t: i32, now: i32): usize {
  const term = driftTerms + ((t & (DRIFTS - 1)) << 5)
  if (load<i32>(term) != t || load<i32>(term, 4) != now) sumDrift(term, t, now)
  return term
}

/** Σ c_s, the mean of ε·e_s, and what is left of both moments. */
function sumDrift(term: usize, t: i32, now: i32): void {
  const step = BETA1 / Math.sqrt(BETA2)
  const shrink = 1 / Math.sqrt(BETA2)
  let power: f64 = 1
  let power1 = Math.pow(BETA1, t)
  let power2 = Math.pow(BETA2, t)
  let grow: f64 = 1
  let sum: f64 = 0
  let mean: f64 = 0
  for (let s = min(now - t, DRIFT_TERMS); s > 0; s--) {
    power *= step
    power1 *= BETA1
    power2 *= BETA2
    grow *= shrink
    const root = Math.sqrt(1 - power2)
    const c = (power * root) / (1 - power1)
    sum += c
    mean += c * root * grow
  }
  store<i32>(term, t)
  store<i32>(term, now, 4)
  store<f32>(term, <f32>sum, 8)
  store<f32>(term, <f32>((EPSILON * mean) / sum), 12)
  store<f32>(term, <f32>Math.pow(BETA1, now - t), 16)
  store<f32>(term, <f32>Math.pow(BETA2, now - t), 20)
}

/** Brings all blocks of a row up to now (Adam's skipped updates), before it is read to learn from. */
export function settleRow(table: Table, row: i32): void {
  const now = load<i32>(steps)
  const width = table.width
  for (let b = 0; b < table.blocks; b++) {
    const at = table.last + ((row * table.blocks + b) << 2)
    const last = load<i32>(at)
    if (last == now) continue
    store<i32>(at, now)
    if (last == 0) continue
    const part = (row * table.columns + b * width) << 2
    const m = table.state + part
    const v = table.second + part
    drift(table.values + part, m, v, width, table.rate, last, now)
    const term = termOf(last, now)
    scaleRow(m, width, load<f32>(term, 16))
    scaleRow(v, width, load<f32>(term, 20))
  }
}

function scaleRow(row: usize, n: i32, scale: f32): void {
  const k = f32x4.splat(scale)
  const whole = <usize>(n & ~3) << 2
  let d: usize = 0
  for (; d < whole; d += 16) v128.store(row + d, f32x4.mul(k, v128.load(row + d)))
  for (; d < <usize>n << 2; d += 4) store<f32>(row + d, scale * load<f32>(row + d))
}

/**
 * Where to read a row for a score: the row itself or, where it has missed updates, a settled copy in place `copy` of
 * scratch. A look changes no state.
 */
export function look(table: Table, row: i32, copy: i32): usize {
  if (table.kind != ADAM) return table.values + ((row * table.columns) << 2)
  const place = looked + copy * lookedBytes
  const values = table.values + ((row * table.columns) << 2)
  const now = load<i32>(steps)
  const width = table.width
  let copied = false
  for (let b = 0; b < table.blocks; b++) {
    const last = load<i32>(table.last + ((row * table.blocks + b) << 2))
    if (last == now || last == 0) continue
    if (!copied) memory.copy(place, values, table.columns << 2)
    copied = true
    const part = (row * table.columns + b * width) << 2
    const w = place + ((b * width) << 2)
    drift(w, table.state + part, table.second + part, width, table.rate, last, now)
  }
  return copied ? place : values
}
