// Rows of tables: weighted sums of them, scores, updates. These loops are nearly all of the worker's time.
// Symbols: w a row, g its gradient, d a column in bytes.

import { ADAGRAD, ADAM, Table } from './memory'
import { adamRows } from './adam'
import { addProduct, firstLanes, fourSums, gather, sumOf } from './lanes'

/**
 * out = Σ weight_l · row_l over `count` rows, for `width` columns that start at `base` of row 0. Columns go in
 * groups of 32, 16 and 4 whose sums stay in registers while the rows pass by once.
 */
export function sumRows(
  out: usize, base: usize, columns: i32, width: i32, rows: usize, weights: usize, count: i32,
): void {
  const bytes = columns << 2
  const end = rows + (count << 2)
  let d = 0
  for (; d <= width - 32; d += 32) sum32(out + (d << 2), base + (d << 2), bytes, rows, end, weights)
  for (; d <= width - 16; d += 16) sum16(out + (d << 2), base + (d << 2), bytes, rows, end, weights)
  for (; d < width; d += 4) {
    const sum = sum4(base + (d << 2), bytes, rows, end, weights)
    if (d + 4 <= width) v128.store(out + (d << 2), sum)
    else v128.store(out + (d << 2), v128.and(sum, firstLanes(width - d)))
  }
}

function sum32(out: usize, base: usize, bytes: i32, rows: usize, end: usize, weights: usize): void {
  let s0 = f32x4.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  let s4 = s0
  let s5 = s0
  let s6 = s0
  let s7 = s0
  const toWeight = weights - rows
  for (let at = rows; at < end; at += 4) {
    const w = base + load<i32>(at) * bytes
    const weight = v128.load32_splat(at + toWeight)
    s0 = addProduct(s0, weight, v128.load(w))
    s1 = addProduct(s1, weight, v128.load(w, 16))
    s2 = addProduct(s2, weight, v128.load(w, 32))
    s3 = addProduct(s3, weight, v128.load(w, 48))
    s4 = addProduct(s4, weight, v128.load(w, 64))
    s5 = addProduct(s5, weight, v128.load(w, 80))
    s6 = addProduct(s6, weight, v128.load(w, 96))
    s7 = addProduct(s7, weight, v128.load(w, 112))
  }
  v128.store(out, s0)
  v128.store(out, s1, 16)
  v128.store(out, s2, 32)
  v128.store(out, s3, 48)
  v128.store(out, s4, 64)
  v128.store(out, s5, 80)
  v128.store(out, s6, 96)
  v128.store(out, s7, 112)
}

function sum16(out: usize, base: usize, bytes: i32, rows: usize, end: usize, weights: usize): void {
  let s0 = f32x4.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  const toWeight = weights - rows
  for (let at = rows; at < end; at += 4) {
    const w = base + load<i32>(at) * bytes
    const weight = v128.load32_splat(at + toWeight)
    s0 = addProduct(s0, weight, v128.load(w))
    s1 = addProduct(s1, weight, v128.load(w, 16))
    s2 = addProduct(s2, weight, v128.load(w, 32))
    s3 = addProduct(s3, weight, v128.load(w, 48))
  }
  v128.store(out, s0)
  v128.store(out, s1, 16)
  v128.store(out, s2, 32)
  v128.store(out, s3, 48)
}

function sum4(base: usize, bytes: i32, rows: usize, end: usize, weights: usize): v128 {
  let s = f32x4.splat(0)
  const toWeight = weights - rows
  for (let at = rows; at < end; at += 4) {
    const weight = v128.load32_splat(at + toWeight)
    s = addProduct(s, weight, v128.load(base + load<i32>(at) * bytes))
  }
  return s
}

/**
 * out[n] (+)= vector · row of ids[n], four rows at a time so that the vector is read once for them; an id below
 * zero gives the score of row 0. `vector` is padded to whole lanes; `out` has room for them.
 */
export function dotRows(
  out: usize, vector: usize, base: usize, columns: i32, width: i32, ids: usize, count: i32, add: bool,
): void {
  const bytes = columns << 2
  const whole = vector + ((width & ~3) << 2)
  const rest = width & 3
  for (let n = 0; n < count; n += 4) {
    const at = ids + (n << 2)
    const left = count - n
    let a = base + max(load<i32>(at), 0) * bytes
    let b = left > 1 ? base + max(load<i32>(at, 4), 0) * bytes : a
    let c = left > 2 ? base + max(load<i32>(at, 8), 0) * bytes : a
    let e = left > 3 ? base + max(load<i32>(at, 12), 0) * bytes : a
    let sa = f32x4.splat(0)
    let sb = sa
    let sc = sa
    let se = sa
    let v = vector
    for (; v < whole; v += 16) {
      const xv = v128.load(v)
      sa = addProduct(sa, xv, v128.load(a))
      sb = addProduct(sb, xv, v128.load(b))
      sc = addProduct(sc, xv, v128.load(c))
      se = addProduct(se, xv, v128.load(e))
      a += 16
      b += 16
      c += 16
      e += 16
    }
    if (rest != 0) {
      const mask = firstLanes(rest)
      const xv = v128.load(v)
      sa = addProduct(sa, xv, v128.and(v128.load(a), mask))
      sb = addProduct(sb, xv, v128.and(v128.load(b), mask))
      sc = addProduct(sc, xv, v128.and(v128.load(c), mask))
      se = addProduct(se, xv, v128.and(v128.load(e), mask))
    }
    const sums = fourSums(sa, sb, sc, se)
    const to = out + (n << 2)
    v128.store(to, add ? f32x4.add(v128.load(to), sums) : sums)
  }
}

/** vector · row; the row is read under a mask. */
export function dotRow(vector: usize, row: usize, width: i32): f32 {
  const whole = <usize>(width & ~3) << 2
  let sum = f32x4.splat(0)
  let d: usize = 0
  for (; d < whole; d += 16) sum = addProduct(sum, v128.load(vector + d), v128.load(row + d))
  if ((width & 3) != 0) {
    const rest = v128.and(v128.load(row + d), firstLanes(width & 3))
    sum = addProduct(sum, v128.load(vector + d), rest)
  }
  return sumOf(sum)
}

/** out += weight · row; what follows `out` is not touched. */
export function addRow(out: usize, row: usize, width: i32, weight: f32): void {
  for (let d: usize = 0; d < <usize>width << 2; d += 4) {
    store<f32>(out + d, load<f32>(out + d) + weight * load<f32>(row + d))
  }
}

/** out[n] += value of ids[n] in a table of one column. */
export function addValues(out: usize, base: usize, ids: usize, count: i32): void {
  for (let n: usize = 0; n < <usize>count << 2; n += 4) {
    const value = load<f32>(base + (max(load<i32>(ids + n), 0) << 2))
    store<f32>(out + n, load<f32>(out + n) + value)
  }
}

/** Updates block b of `count` different rows; the gradient of row l is weight_l · g, g padded to whole lanes. */
export function updateRows(
  table: Table, b: i32, rows: usize, weights: usize, count: i32, g: usize,
): void {
  if (table.kind == ADAGRAD) adagradRows(table, b, rows, weights, count, g)
  else if (table.kind == ADAM) adamRows(table, b, rows, weights, count, g)
  else sgdRows(table, b, rows, weights, count, g)
}

function sgdRows(
  table: Table, b: i32, rows: usize, weights: usize, count: i32, g: usize,
): void {
  const base = table.values + ((b * table.width) << 2)
  const keep: f32 = 1 - table.rate * table.l2
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const w = base + ((load<i32>(rows + l) * table.columns) << 2)
    moveRow(w, g, table.width, keep, table.rate * load<f32>(weights + l))
  }
}

/**
 * acc += |g|²/width; w -= rate·g/√acc with g = weight·gradient + l2·w. Four rows at a time: their squares, roots and
 * quotients fill the lanes, and the gradient is read once for them.
 */
function adagradRows(
  table: Table, b: i32, rows: usize, weights: usize, count: i32, g: usize,
): void {
  const width = table.width
  const bytes = table.columns << 2
  const base = table.values + ((b * width) << 2)
  const stateBytes = table.blocks << 2
  const state = table.state + (b << 2)
  const whole = g + ((width & ~3) << 2)
  const rest = width & 3
  const mask = firstLanes(rest)
  const l2 = f32x4.splat(table.l2)
  const rate = f32x4.splat(table.rate)
  const perWidth = f32x4.splat(1 / <f32>width)
  const one = f32x4.splat(1)
  for (let l = 0; l < count; l += 4) {
    const at = rows + (l << 2)
    const left = count - l
    const r0 = load<i32>(at)
    const r1 = left > 1 ? load<i32>(at, 4) : r0
    const r2 = left > 2 ? load<i32>(at, 8) : r0
    const r3 = left > 3 ? load<i32>(at, 12) : r0
    const w0 = base + r0 * bytes
    const w1 = base + r1 * bytes
    const w2 = base + r2 * bytes
    const w3 = base + r3 * bytes
    const four = v128.load(weights + (l << 2))
    const k0 = v128.shuffle<f32>(four, four, 0, 0, 0, 0)
    const k1 = v128.shuffle<f32>(four, four, 1, 1, 1, 1)
    const k2 = v128.shuffle<f32>(four, four, 2, 2, 2, 2)
    const k3 = v128.shuffle<f32>(four, four, 3, 3, 3, 3)
    let s0 = f32x4.splat(0)
    let s1 = s0
    let s2 = s0
    let s3 = s0
    let v = g
    for (; v < whole; v += 16) {
      const to = v - g
      const gv = v128.load(v)
      s0 = addSquare(s0, f32x4.add(f32x4.mul(k0, gv), f32x4.mul(l2, v128.load(w0 + to))))
      s1 = addSquare(s1, f32x4.add(f32x4.mul(k1, gv), f32x4.mul(l2, v128.load(w1 + to))))
      s2 = addSquare(s2, f32x4.add(f32x4.mul(k2, gv), f32x4.mul(l2, v128.load(w2 + to))))
      s3 = addSquare(s3, f32x4.add(f32x4.mul(k3, gv), f32x4.mul(l2, v128.load(w3 + to))))
    }
    if (rest != 0) {
      const to = v - g
      const gv = v128.load(v)
      s0 = addSquare(s0, v128.and(f32x4.add(f32x4.mul(k0, gv), f32x4.mul(l2, v128.load(w0 + to))), mask))
      s1 = addSquare(s1, v128.and(f32x4.add(f32x4.mul(k1, gv), f32x4.mul(l2, v128.load(w1 + to))), mask))
      s2 = addSquare(s2, v128.and(f32x4.add(f32x4.mul(k2, gv), f32x4.mul(l2, v128.load(w2 + to))), mask))
      s3 = addSquare(s3, v128.and(f32x4.add(f32x4.mul(k3, gv), f32x4.mul(l2, v128.load(w3 + to))), mask))
    }
    const a0 = state + r0 * stateBytes
    const a1 = state + r1 * stateBytes
    const a2 = state + r2 * stateBytes
    const a3 = state + r3 * stateBytes
    const squares = addProduct(gather(a0, a1, a2, a3), fourSums(s0, s1, s2, s3), perWidth)
    const pull = f32x4.div(rate, f32x4.sqrt(squares))
    const keep = f32x4.sub(one, f32x4.mul(pull, l2))
    const pulls = f32x4.mul(pull, four)
    v128.store32_lane(a0, squares, 0)
    moveRow(w0, g, width, f32x4.extract_lane(keep, 0), f32x4.extract_lane(pulls, 0))
    if (left > 1) {
      v128.store32_lane(a1, squares, 1)
      moveRow(w1, g, width, f32x4.extract_lane(keep, 1), f32x4.extract_lane(pulls, 1))
    }
    if (left > 2) {
      v128.store32_lane(a2, squares, 2)
      moveRow(w2, g, width, f32x4.extract_lane(keep, 2), f32x4.extract_lane(pulls, 2))
    }
    if (left > 3) {
      v128.store32_lane(a3, squares, 3)
      moveRow(w3, g, width, f32x4.extract_lane(keep, 3), f32x4.extract_lane(pulls, 3))
    }
  }
}

// @ts-ignore: decorator
@inline
function addSquare(sum: v128, a: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, a))
}

/** w = keep·w - pull·g */
// @ts-ignore: decorator
@inline
export function moveRow(w: usize, g: usize, width: i32, keep: f32, pull: f32): void {
  const k = f32x4.splat(keep)
  const p = f32x4.splat(pull)
  const whole = <usize>(width & ~3) << 2
  let d: usize = 0
  for (; d < whole; d += 16) {
    v128.store(w + d, f32x4.sub(f32x4.mul(k, v128.load(w + d)), f32x4.mul(p, v128.load(g + d))))
  }
  if ((width & 3) != 0) {
    const old = v128.load(w + d)
    const moved = f32x4.sub(f32x4.mul(k, old), f32x4.mul(p, v128.load(g + d)))
    v128.store(w + d, v128.bitselect(moved, old, firstLanes(width & 3)))
  }
}
