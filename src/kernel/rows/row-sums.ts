// Weighted sums of rows: a user's vector from the source rows, and the gradient by the query from the item rows.

import { addProduct, firstLanes } from '../simd/lanes'

/**
 * out = Σ weight_l · row_l over `count` rows, for `width` columns that begin at `base` in row 0. Columns are summed in
 * groups of 32, 16 and 4, so that the sums stay in registers while the rows are read once.
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
