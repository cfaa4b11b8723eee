// Rows of tables: weighted sums of them, scores, updates. These loops are nearly all of the worker's time.
// Symbols: w a row, g its gradient, d a column in bytes.

import { ADAGRAD, ADAM, Table } from '../memory'
import { adagradRows } from './adagrad'
import { adamRows } from './adam'
import { addProduct, firstLanes, fourSums, storeFirst, sumOf } from '../simd/lanes'

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
  const tiles = vector + ((width & ~15) << 2)
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
    for (; v < tiles; v += 64) {
      const x0 = v128.load(v)
      sa = addProduct(sa, x0, v128.load(a))
      sb = addProduct(sb, x0, v128.load(b))
      sc = addProduct(sc, x0, v128.load(c))
      se = addProduct(se, x0, v128.load(e))
      const x1 = v128.load(v, 16)
      sa = addProduct(sa, x1, v128.load(a, 16))
      sb = addProduct(sb, x1, v128.load(b, 16))
      sc = addProduct(sc, x1, v128.load(c, 16))
      se = addProduct(se, x1, v128.load(e, 16))
      const x2 = v128.load(v, 32)
      sa = addProduct(sa, x2, v128.load(a, 32))
      sb = addProduct(sb, x2, v128.load(b, 32))
      sc = addProduct(sc, x2, v128.load(c, 32))
      se = addProduct(se, x2, v128.load(e, 32))
      const x3 = v128.load(v, 48)
      sa = addProduct(sa, x3, v128.load(a, 48))
      sb = addProduct(sb, x3, v128.load(b, 48))
      sc = addProduct(sc, x3, v128.load(c, 48))
      se = addProduct(se, x3, v128.load(e, 48))
      a += 64
      b += 64
      c += 64
      e += 64
    }
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
  const tiles = <usize>(width & ~15) << 2
  const whole = <usize>(width & ~3) << 2
  let sum = f32x4.splat(0)
  let s1 = sum
  let s2 = sum
  let s3 = sum
  let d: usize = 0
  for (; d < tiles; d += 64) {
    sum = addProduct(sum, v128.load(vector + d), v128.load(row + d))
    s1 = addProduct(s1, v128.load(vector + d, 16), v128.load(row + d, 16))
    s2 = addProduct(s2, v128.load(vector + d, 32), v128.load(row + d, 32))
    s3 = addProduct(s3, v128.load(vector + d, 48), v128.load(row + d, 48))
  }
  sum = f32x4.add(f32x4.add(sum, s1), f32x4.add(s2, s3))
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

/** w = keep·w - pull·g */
// @ts-ignore: decorator
@inline
export function moveRow(w: usize, g: usize, width: i32, keep: f32, pull: f32): void {
  const k = f32x4.splat(keep)
  const p = f32x4.splat(pull)
  const tiles = <usize>(width & ~15) << 2
  const whole = <usize>(width & ~3) << 2
  let d: usize = 0
  for (; d < tiles; d += 64) {
    const at = w + d
    const from = g + d
    v128.store(at, stepped(k, v128.load(at), p, v128.load(from)))
    v128.store(at, stepped(k, v128.load(at, 16), p, v128.load(from, 16)), 16)
    v128.store(at, stepped(k, v128.load(at, 32), p, v128.load(from, 32)), 32)
    v128.store(at, stepped(k, v128.load(at, 48), p, v128.load(from, 48)), 48)
  }
  for (; d < whole; d += 16) {
    v128.store(w + d, stepped(k, v128.load(w + d), p, v128.load(g + d)))
  }
  const rest = width & 3
  if (rest == 0) return
  storeFirst(w + d, stepped(k, v128.load(w + d), p, v128.load(g + d)), rest)
}

/** keep·w - pull·g */
// @ts-ignore: decorator
@inline
export function stepped(keep: v128, w: v128, pull: v128, g: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(pull, g, f32x4.mul(keep, w))
  return f32x4.sub(f32x4.mul(keep, w), f32x4.mul(pull, g))
}
