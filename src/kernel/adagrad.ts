// Adagrad on rows, one accumulator per block of a row: acc += |g|²/width; w -= rate·g/√acc with g = k·γ + λ·w, where the
// rows of a list share γ and each has its own factor k.
//
// |g|² = k²|γ|² + λ·(2k·γ·w + λ·|w|²): with two dot products instead of g itself a row is read once for it, and not at
// all without L2.

import { Table } from './memory'
import { addProduct, firstLanes, fourSums, gather, sumOf } from './lanes'
import { moveRow } from './rows'

/** Block b of `count` different rows; four at a time, whose roots and quotients fill the lanes. */
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
  const perWidth = f32x4.splat(l2 / <f32>width)
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
    let more = f32x4.mul(f32x4.mul(k, k), size)
    if (l2 != 0) more = f32x4.add(more, f32x4.mul(perWidth, shrinks(w0, w1, w2, w3, g, width, k, ls)))
    const squares = f32x4.add(gather(a0, a1, a2, a3), f32x4.max(more, f32x4.splat(0)))
    const pull = f32x4.div(rate, f32x4.sqrt(squares))
    const keep = f32x4.sub(one, f32x4.mul(pull, ls))
    const pulls = f32x4.mul(pull, k)
    v128.store32_lane(a0, squares, 0)
    v128.store32_lane(a1, squares, 1)
    v128.store32_lane(a2, squares, 2)
    v128.store32_lane(a3, squares, 3)
    moveRow(w0, g, width, f32x4.extract_lane(keep, 0), f32x4.extract_lane(pulls, 0))
    moveRow(w1, g, width, f32x4.extract_lane(keep, 1), f32x4.extract_lane(pulls, 1))
    moveRow(w2, g, width, f32x4.extract_lane(keep, 2), f32x4.extract_lane(pulls, 2))
    moveRow(w3, g, width, f32x4.extract_lane(keep, 3), f32x4.extract_lane(pulls, 3))
  }
  for (; l < count; l++) {
    const row = load<i32>(rows + (l << 2))
    const w = base + row * bytes
    const k = load<f32>(weights + (l << 2))
    let more = k * k * f32x4.extract_lane(size, 0)
    if (l2 != 0) more += f32x4.extract_lane(perWidth, 0) * shrink(w, g, width, k, l2)
    const at = state + row * stateBytes
    const squares = load<f32>(at) + max<f32>(more, 0)
    store<f32>(at, squares)
    const pull = table.rate / sqrt<f32>(squares)
    moveRow(w, g, width, 1 - pull * l2, pull * k)
  }
}

/** Rows of a single number. */
function adagradValues(table: Table, rows: usize, weights: usize, count: i32, g: f32): void {
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const at = load<i32>(rows + l) << 2
    const w = load<f32>(table.values + at)
    const own = load<f32>(weights + l) * g + table.l2 * w
    const squares = load<f32>(table.state + at) + own * own
    store<f32>(table.state + at, squares)
    store<f32>(table.values + at, w - (table.rate / sqrt<f32>(squares)) * own)
  }
}

/** 2k·γ·w + λ·|w|² of four rows. */
// @ts-ignore: decorator
@inline
function shrinks(
  w0: usize, w1: usize, w2: usize, w3: usize, g: usize, width: i32, k: v128, l2: v128,
): v128 {
  const zero = f32x4.splat(0)
  let p0 = zero
  let p1 = zero
  let p2 = zero
  let p3 = zero
  let q0 = zero
  let q1 = zero
  let q2 = zero
  let q3 = zero
  const whole = <usize>(width & ~3) << 2
  let d: usize = 0
  for (; d < whole; d += 16) {
    const v = v128.load(g + d)
    const x0 = v128.load(w0 + d)
    p0 = addProduct(p0, v, x0)
    q0 = addProduct(q0, x0, x0)
    const x1 = v128.load(w1 + d)
    p1 = addProduct(p1, v, x1)
    q1 = addProduct(q1, x1, x1)
    const x2 = v128.load(w2 + d)
    p2 = addProduct(p2, v, x2)
    q2 = addProduct(q2, x2, x2)
    const x3 = v128.load(w3 + d)
    p3 = addProduct(p3, v, x3)
    q3 = addProduct(q3, x3, x3)
  }
  if ((width & 3) != 0) {
    const mask = firstLanes(width & 3)
    const v = v128.and(v128.load(g + d), mask)
    const x0 = v128.and(v128.load(w0 + d), mask)
    const x1 = v128.and(v128.load(w1 + d), mask)
    const x2 = v128.and(v128.load(w2 + d), mask)
    const x3 = v128.and(v128.load(w3 + d), mask)
    p0 = addProduct(p0, v, x0)
    q0 = addProduct(q0, x0, x0)
    p1 = addProduct(p1, v, x1)
    q1 = addProduct(q1, x1, x1)
    p2 = addProduct(p2, v, x2)
    q2 = addProduct(q2, x2, x2)
    p3 = addProduct(p3, v, x3)
    q3 = addProduct(q3, x3, x3)
  }
  const twice = f32x4.mul(f32x4.add(k, k), fourSums(p0, p1, p2, p3))
  return f32x4.add(twice, f32x4.mul(l2, fourSums(q0, q1, q2, q3)))
}

/** The same of one row. */
function shrink(w: usize, g: usize, width: i32, k: f32, l2: f32): f32 {
  let p = f32x4.splat(0)
  let q = p
  for (let d = 0; d < width; d += 4) {
    let x = v128.load(w + (d << 2))
    if (d + 4 > width) x = v128.and(x, firstLanes(width - d))
    p = addProduct(p, v128.load(g + (d << 2)), x)
    q = addProduct(q, x, x)
  }
  return 2 * k * sumOf(p) + l2 * sumOf(q)
}

/** |γ|²; its padding may hold anything finite. */
function squareOf(g: usize, width: i32): f32 {
  let sum = f32x4.splat(0)
  for (let d = 0; d < width; d += 4) {
    let x = v128.load(g + (d << 2))
    if (d + 4 > width) x = v128.and(x, firstLanes(width - d))
    sum = addProduct(sum, x, x)
  }
  return sumOf(sum)
}
