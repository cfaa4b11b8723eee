// Dot products of one vector with many rows of a table: the scores of items.

import { addProduct, firstLanes, fourSums, sumOf } from '../simd/lanes'

/**
 * out[n] (+)= vector · row of ids[n], for four rows at a time. A negative id gives the score of row 0. `vector` and `out`
 * are padded to a multiple of four.
 */
export function dotRows(
  out: usize, vector: usize, base: usize, columns: i32, width: i32, ids: usize, count: i32, add: bool,
): void {
  const bytes = columns << 2
  const tiles = vector + ((width & ~15) << 2)
  const whole = vector + ((width & ~3) << 2)
  for (let n = 0; n < count; n += 4) {
    const at = ids + (n << 2)
    const left = count - n
    const a = base + max(load<i32>(at), 0) * bytes
    const b = left > 1 ? base + max(load<i32>(at, 4), 0) * bytes : a
    const c = left > 2 ? base + max(load<i32>(at, 8), 0) * bytes : a
    const e = left > 3 ? base + max(load<i32>(at, 12), 0) * bytes : a
    const sums = fourProducts(vector, tiles, whole, width & 3, a, b, c, e)
    const to = out + (n << 2)
    v128.store(to, add ? f32x4.add(v128.load(to), sums) : sums)
  }
}

/**
 * The products of a vector with four rows, so that it is read once for all four. It is read in tiles of sixteen numbers
 * up to `tiles`, of four up to `whole`, and `rest` numbers behind that; the vector and the rows may be read up to a
 * multiple of four.
 */
// @ts-ignore: decorator
@inline
export function fourProducts(
  vector: usize, tiles: usize, whole: usize, rest: i32, a: usize, b: usize, c: usize, e: usize,
): v128 {
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
    const xv = v128.and(v128.load(v), mask)
    sa = addProduct(sa, xv, v128.and(v128.load(a), mask))
    sb = addProduct(sb, xv, v128.and(v128.load(b), mask))
    sc = addProduct(sc, xv, v128.and(v128.load(c), mask))
    se = addProduct(se, xv, v128.and(v128.load(e), mask))
  }
  return fourSums(sa, sb, sc, se)
}

/** vector · row. Lanes after the end of the row are masked. */
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

/** out[n] += value of ids[n] in a table of one column. */
export function addValues(out: usize, base: usize, ids: usize, count: i32): void {
  for (let n: usize = 0; n < <usize>count << 2; n += 4) {
    const value = load<f32>(base + (max(load<i32>(ids + n), 0) << 2))
    store<f32>(out + n, load<f32>(out + n) + value)
  }
}
