// Adam's update of dense weights and of the rows that a batch touches. For updates that a row has missed see
// adam-catch-up.ts.
//
// Symbols: w weights, g = scale·gradient + l2·w, m and v Adam's moments, t the number of the update.

import { steps } from '../globals'
import { Table } from '../records'
import { addProduct, storeFirst } from '../simd/lanes'

export const BETA1: f64 = 0.9
export const BETA2: f64 = 0.999
export const EPSILON: f64 = 1e-7

/** β1, 1-β1, β2, 1-β2, four times each: a constant in the code would be rebuilt at every use (tanh.ts). */
const BETAS: usize = memory.data<f32>([
  0.9, 0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.999, 0.999, 0.999, 0.999, 0.001, 0.001, 0.001, 0.001,
], 16)

/**
 * rate·m̂/(√v̂ + ε) = stepSize·m/(√v + epsilon), where stepSize and epsilon are the same for all weights of update t.
 */
let update = -1
let epsilonOfUpdate: f32 = 0
let stepPerRate: f64 = 0

/** Prepares update t. */
export function startUpdate(t: i32): void {
  if (t == update) return
  update = t
  const root = Math.sqrt(1 - Math.pow(BETA2, t))
  stepPerRate = root / (1 - Math.pow(BETA1, t))
  epsilonOfUpdate = <f32>(EPSILON * root)
}

/**
 * m and v move towards g and g², then w -= rate·m̂/(√v̂ + ε). `n` weights; the gradient is padded to a multiple of
 * four.
 */
export function adamRow(
  w: usize, m: usize, v: usize, gradient: usize, n: i32, scale: f32, rate: f32, l2: f32,
): void {
  const stepSize = f32x4.splat(<f32>(<f64>rate * stepPerRate))
  const epsilon = f32x4.splat(epsilonOfUpdate)
  const s = f32x4.splat(scale)
  const l = f32x4.splat(l2)
  const keep1 = v128.load(BETAS)
  const take1 = v128.load(BETAS, 16)
  const keep2 = v128.load(BETAS, 32)
  const take2 = v128.load(BETAS, 48)
  for (const end = w + ((n & ~3) << 2); w != end; ) {
    const old = v128.load(w)
    const g = addProduct(f32x4.mul(s, v128.load(gradient)), l, old)
    const first = addProduct(f32x4.mul(take1, g), keep1, v128.load(m))
    const second = addProduct(f32x4.mul(f32x4.mul(take2, g), g), keep2, v128.load(v))
    v128.store(m, first)
    v128.store(v, second)
    v128.store(w, moved(old, stepSize, first, second, epsilon))
    w += 16
    m += 16
    v += 16
    gradient += 16
  }
  const rest = n & 3
  if (rest == 0) return
  const old = v128.load(w)
  const g = addProduct(f32x4.mul(s, v128.load(gradient)), l, old)
  const first = addProduct(f32x4.mul(take1, g), keep1, v128.load(m))
  const second = addProduct(f32x4.mul(f32x4.mul(take2, g), g), keep2, v128.load(v))
  storeFirst(m, first, rest)
  storeFirst(v, second, rest)
  storeFirst(w, moved(old, stepSize, first, second, epsilon), rest)
}

// @ts-ignore: decorator
@inline
function moved(w: v128, stepSize: v128, m: v128, v: v128, epsilon: v128): v128 {
  return f32x4.sub(w, f32x4.div(f32x4.mul(stepSize, m), f32x4.add(f32x4.sqrt(v), epsilon)))
}

/** Updates block b of every row of a list; the gradient of row l is weight_l · g. */
export function adamRows(
  table: Table, b: i32, rows: usize, weights: usize, count: i32, g: usize,
): void {
  const t = load<i32>(steps) + 1
  startUpdate(t)
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    adamBlock(table, load<i32>(rows + l) * table.blocks + b, g, load<f32>(weights + l), t)
  }
}

/** Updates one block, whose key is row · blocks + b. startUpdate(t) must have been called. */
// @ts-ignore: decorator
@inline
export function adamBlock(table: Table, key: i32, g: usize, scale: f32, t: i32): void {
  const width = table.width
  const part = (key * width) << 2
  const m = table.state + 2 * part
  adamRow(table.values + part, m, m + (width << 2), g, width, scale, table.rate, table.l2)
  store<i32>(table.last + (key << 2), t)
}
