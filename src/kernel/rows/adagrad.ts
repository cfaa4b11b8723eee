// Adagrad on rows, with one accumulator for each block of a row: acc += |g|²/width, then w -= rate·(g + λ·w)/√acc. The
// rows of a list share one gradient γ, and each has its own factor k, so g = k·γ and |g|² = k²|γ|²: the accumulators
// need no look at the rows.

import { Table } from '../records'
import { addProduct, firstLanes, gather, sumOf } from '../simd/lanes'
import { moveRow, stepped } from './plain-step'

/** Updates block b of `count` different rows, four at a time: their roots and quotients fill the four lanes. */
export function adagradRows(
  table: Table, b: i32, rows: usize, weights: usize, count: i32, g: usize,
): void {
  if (table.columns == 1) {
    adagradValues(table, rows, weights, count, load<f32>(g))
    return
  }
  const width = table.width
  const bytes = table.columns << 2
  const base = table.values + ((b * width) << 2)
  const stateBytes = table.blocks << 2
  const state = table.state + (b << 2)
  const size = f32x4.splat(squareOf(g, width) / <f32>width)
  const l2 = table.l2
  const ls = f32x4.splat(l2)
  const rate = f32x4.splat(table.rate)
  const one = f32x4.splat(1)
  let l = 0
  for (; l + 4 <= count; l += 4) {
    const at = rows + (l << 2)
    const r0 = load<i32>(at)
    const r1 = load<i32>(at, 4)
    const r2 = load<i32>(at, 8)
    const r3 = load<i32>(at, 12)
    const w0 = base + r0 * bytes
    const w1 = base + r1 * bytes
    const w2 = base + r2 * bytes
    const w3 = base + r3 * bytes
    const k = v128.load(weights + (l << 2))
    const a0 = state + r0 * stateBytes
    const a1 = state + r1 * stateBytes
    const a2 = state + r2 * stateBytes
    const a3 = state + r3 * stateBytes
    const squares = f32x4.add(gather(a0, a1, a2, a3), f32x4.mul(f32x4.mul(k, k), size))
    const stepSize = f32x4.div(rate, f32x4.sqrt(squares))
    const keep = f32x4.sub(one, f32x4.mul(stepSize, ls))
    const stepSizes = f32x4.mul(stepSize, k)
    v128.store32_lane(a0, squares, 0)
    v128.store32_lane(a1, squares, 1)
    v128.store32_lane(a2, squares, 2)
    v128.store32_lane(a3, squares, 3)
    moveFour(w0, w1, w2, w3, g, width, keep, stepSizes)
  }
  for (; l < count; l++) {
    const row = load<i32>(rows + (l << 2))
    const w = base + row * bytes
    const k = load<f32>(weights + (l << 2))
    const at = state + row * stateBytes
    const squares = load<f32>(at) + k * k * f32x4.extract_lane(size, 0)
    store<f32>(at, squares)
    const stepSize = table.rate / sqrt<f32>(squares)
    moveRow(w, g, width, 1 - stepSize * l2, stepSize * k)
  }
}

/** w = keep·w - stepSize·g for four different rows; g is read once for all of them. */
// @ts-ignore: decorator
@inline
function moveFour(
  w0: usize, w1: usize, w2: usize, w3: usize, g: usize, width: i32, keep: v128, stepSizes: v128,
): void {
  const k0 = v128.shuffle<f32>(keep, keep, 0, 0, 0, 0)
  const k1 = v128.shuffle<f32>(keep, keep, 1, 1, 1, 1)
  const k2 = v128.shuffle<f32>(keep, keep, 2, 2, 2, 2)
  const k3 = v128.shuffle<f32>(keep, keep, 3, 3, 3, 3)
  const p0 = v128.shuffle<f32>(stepSizes, stepSizes, 0, 0, 0, 0)
  const p1 = v128.shuffle<f32>(stepSizes, stepSizes, 1, 1, 1, 1)
  const p2 = v128.shuffle<f32>(stepSizes, stepSizes, 2, 2, 2, 2)
  const p3 = v128.shuffle<f32>(stepSizes, stepSizes, 3, 3, 3, 3)
  const whole = <usize>(width & ~15) << 2
  let d: usize = 0
  for (; d < whole; d += 64) {
    const g0 = v128.load(g + d)
    const g1 = v128.load(g + d, 16)
    const g2 = v128.load(g + d, 32)
    const g3 = v128.load(g + d, 48)
    moveTile(w0 + d, k0, p0, g0, g1, g2, g3)
    moveTile(w1 + d, k1, p1, g0, g1, g2, g3)
    moveTile(w2 + d, k2, p2, g0, g1, g2, g3)
    moveTile(w3 + d, k3, p3, g0, g1, g2, g3)
  }
  const rest = width & 15
  if (rest == 0) return
  moveRow(w0 + d, g + d, rest, f32x4.extract_lane(keep, 0), f32x4.extract_lane(stepSizes, 0))
  moveRow(w1 + d, g + d, rest, f32x4.extract_lane(keep, 1), f32x4.extract_lane(stepSizes, 1))
  moveRow(w2 + d, g + d, rest, f32x4.extract_lane(keep, 2), f32x4.extract_lane(stepSizes, 2))
  moveRow(w3 + d, g + d, rest, f32x4.extract_lane(keep, 3), f32x4.extract_lane(stepSizes, 3))
}

// @ts-ignore: decorator
@inline
function moveTile(w: usize, k: v128, p: v128, g0: v128, g1: v128, g2: v128, g3: v128): void {
  v128.store(w, stepped(k, v128.load(w), p, g0))
  v128.store(w, stepped(k, v128.load(w, 16), p, g1), 16)
  v128.store(w, stepped(k, v128.load(w, 32), p, g2), 32)
  v128.store(w, stepped(k, v128.load(w, 48), p, g3), 48)
}

/** Rows with a single column. */
function adagradValues(table: Table, rows: usize, weights: usize, count: i32, g: f32): void {
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const at = load<i32>(rows + l) << 2
    const w = load<f32>(table.values + at)
    const own = load<f32>(weights + l) * g
    const squares = load<f32>(table.state + at) + own * own
    store<f32>(table.state + at, squares)
    store<f32>(table.values + at, w - (table.rate / sqrt<f32>(squares)) * (own + table.l2 * w))
  }
}

/** |γ|². The padding of g may hold any finite number. */
function squareOf(g: usize, width: i32): f32 {
  let sum = f32x4.splat(0)
  for (let d = 0; d < width; d += 4) {
    let x = v128.load(g + (d << 2))
    if (d + 4 > width) x = v128.and(x, firstLanes(width - d))
    sum = addProduct(sum, x, x)
  }
  return sumOf(sum)
}
