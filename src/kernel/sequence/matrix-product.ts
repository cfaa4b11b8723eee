// C = A·B or C += A·B for any strides of A and B, so that transposes cost nothing. B is packed into panels of eight
// columns; six rows of A meet a panel with twelve sums in registers.

import { panelDepth } from '../constants'
import { addProduct } from '../simd/lanes'

/** The depth of a panel, and the rows of A that meet it in turn: both stay in the first-level cache. */
const DEPTH: i32 = panelDepth
const ROWS = 48

/**
 * C is (m, n) with rowC floats from row to row; A(i,k) is at a + i·rowA + k·stepA and B(k,j) at b + k·rowB + j·stepB,
 * in floats. `packed` has room for DEPTH · (n rounded up to 8) floats.
 */
export function multiply(
  m: i32, n: i32, depth: i32, a: usize, rowA: i32, stepA: i32, b: usize, rowB: i32, stepB: i32,
  c: usize, rowC: i32, add: i32, packed: usize,
): void {
  if (add == 0 && depth == 0) {
    for (let i = 0; i < m; i++) memory.fill(c + ((i * rowC) << 2), 0, n << 2)
  }
  for (let from = 0; from < depth; from += DEPTH) {
    const deep = min(DEPTH, depth - from)
    pack(packed, b + ((from * rowB) << 2), rowB, stepB, deep, n)
    const more = add != 0 || from > 0
    for (let top = 0; top < m; top += ROWS) {
      const bottom = min(top + ROWS, m)
      for (let j = 0; j < n; j += 8) {
        const panel = packed + ((j * deep) << 2)
        const part = a + ((from * stepA) << 2)
        let i = top
        if (n - j >= 8) {
          for (; i + 6 <= bottom; i += 6) {
            const out = c + ((i * rowC + j) << 2)
            sixRows(part + ((i * rowA) << 2), rowA << 2, stepA << 2, panel, deep, out, rowC << 2, more)
          }
        }
        for (; i < bottom; i++) {
          const out = c + ((i * rowC + j) << 2)
          oneRow(part + ((i * rowA) << 2), stepA << 2, panel, deep, out, min(8, n - j), more)
        }
      }
    }
  }
}

/** Panel j holds columns 8j … 8j+7 of `deep` rows, and zeros where there are no more columns. */
function pack(to: usize, b: usize, rowB: i32, stepB: i32, deep: i32, n: i32): void {
  for (let j = 0; j < n; j += 8) {
    const panel = to + ((j * deep) << 2)
    const columns = min(8, n - j)
    const from = b + ((j * stepB) << 2)
    if (columns == 8 && stepB == 1) {
      for (let k = 0; k < deep; k++) {
        const row = from + ((k * rowB) << 2)
        v128.store(panel + (k << 5), v128.load(row))
        v128.store(panel + (k << 5), v128.load(row, 16), 16)
      }
      continue
    }
    for (let k = 0; k < deep; k++) {
      const row = from + ((k * rowB) << 2)
      for (let l = 0; l < 8; l++) {
        store<f32>(panel + (((k << 3) + l) << 2), l < columns ? load<f32>(row + ((l * stepB) << 2)) : 0)
      }
    }
  }
}

function sixRows(
  a: usize, row: usize, step: usize, panel: usize, deep: i32, c: usize, rowC: usize, more: bool,
): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s10 = f32x4.splat(0), s11 = f32x4.splat(0)
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0), s30 = f32x4.splat(0), s31 = f32x4.splat(0)
  let s40 = f32x4.splat(0), s41 = f32x4.splat(0), s50 = f32x4.splat(0), s51 = f32x4.splat(0)
  const row2 = row << 1
  const row3 = row2 + row
  const row4 = row << 2
  const row5 = row4 + row
  for (let end = panel + (<usize>deep << 5); panel < end; panel += 32) {
    const b0 = v128.load(panel)
    const b1 = v128.load(panel, 16)
    let x = v128.load32_splat(a)
    s00 = addProduct(s00, x, b0)
    s01 = addProduct(s01, x, b1)
    x = v128.load32_splat(a + row)
    s10 = addProduct(s10, x, b0)
    s11 = addProduct(s11, x, b1)
    x = v128.load32_splat(a + row2)
    s20 = addProduct(s20, x, b0)
    s21 = addProduct(s21, x, b1)
    x = v128.load32_splat(a + row3)
    s30 = addProduct(s30, x, b0)
    s31 = addProduct(s31, x, b1)
    x = v128.load32_splat(a + row4)
    s40 = addProduct(s40, x, b0)
    s41 = addProduct(s41, x, b1)
    x = v128.load32_splat(a + row5)
    s50 = addProduct(s50, x, b0)
    s51 = addProduct(s51, x, b1)
    a += step
  }
  storeTile(c, s00, s01, more)
  storeTile(c + rowC, s10, s11, more)
  storeTile(c + 2 * rowC, s20, s21, more)
  storeTile(c + 3 * rowC, s30, s31, more)
  storeTile(c + 4 * rowC, s40, s41, more)
  storeTile(c + 5 * rowC, s50, s51, more)
}

// @ts-ignore: decorator
@inline
function storeTile(c: usize, left: v128, right: v128, more: bool): void {
  if (more) {
    left = f32x4.add(left, v128.load(c))
    right = f32x4.add(right, v128.load(c, 16))
  }
  v128.store(c, left)
  v128.store(c, right, 16)
}

/** One row against one panel, of which `columns` columns count. */
function oneRow(
  a: usize, step: usize, panel: usize, deep: i32, c: usize, columns: i32, more: bool,
): void {
  let left = f32x4.splat(0)
  let right = f32x4.splat(0)
  for (let end = panel + (<usize>deep << 5); panel < end; panel += 32) {
    const x = v128.load32_splat(a)
    left = addProduct(left, x, v128.load(panel))
    right = addProduct(right, x, v128.load(panel, 16))
    a += step
  }
  if (columns == 8) {
    storeTile(c, left, right, more)
    return
  }
  for (let l = 0; l < columns; l++) {
    const at = c + (l << 2)
    store<f32>(at, laneOf(l < 4 ? left : right, l & 3) + (more ? load<f32>(at) : 0))
  }
}

function laneOf(v: v128, lane: i32): f32 {
  if (lane == 0) return f32x4.extract_lane(v, 0)
  if (lane == 1) return f32x4.extract_lane(v, 1)
  if (lane == 2) return f32x4.extract_lane(v, 2)
  return f32x4.extract_lane(v, 3)
}
