// Functions of single numbers: dropout by a hash of their position, tanh and its derivative.

import { tanh } from '../simd/tanh'

/**
 * x[k] is divided by 1 - rate or set to 0, depending on hash(key + k) alone (src/learn/windows/dropout.ts), so the same
 * call on the gradients is the backward pass. n may be any number; four floats are read and written at a time. least =
 * rate·2³² - 2³¹.
 */
export function dropOut(x: usize, n: i32, key: i32, least: i32, factor: f32): void {
  const bound = i32x4.splat(least)
  const k = f32x4.splat(factor)
  let at = i32x4.add(i32x4.splat(key), i32x4(0, 1, 2, 3))
  for (let end = x + (<usize>n << 2); x < end; x += 16) {
    let h = i32x4.mul(at, i32x4.splat(0x9e3779b1))
    h = v128.xor(h, i32x4.shr_u(h, 16))
    h = i32x4.mul(h, i32x4.splat(0x85ebca6b))
    h = v128.xor(h, i32x4.shr_u(h, 13))
    h = i32x4.mul(h, i32x4.splat(0xc2b2ae35))
    h = v128.xor(h, i32x4.shr_u(h, 16))
    v128.store(x, v128.and(f32x4.mul(k, v128.load(x)), i32x4.ge_s(h, bound)))
    at = i32x4.add(at, i32x4.splat(4))
  }
}

/** x = tanh(x + bias) for (rows, columns); `columns` may be any number. */
export function tanhRows(x: usize, bias: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    for (let c: usize = 0; c < <usize>columns << 2; c += 4) {
      store<f32>(x + c, load<f32>(x + c) + load<f32>(bias + c))
    }
    x += <usize>columns << 2
  }
  const n = <usize>(rows * columns) << 2
  for (let at = x - n; at < x; at += 16) v128.store(at, tanh(v128.load(at)))
}

/** dx ⊙= 1 - y² for n numbers, a multiple of four. */
export function tanhBack(dx: usize, y: usize, n: i32): void {
  const oneRow = f32x4.splat(1)
  for (let d: usize = 0; d < <usize>n << 2; d += 16) {
    const a = v128.load(y + d)
    v128.store(dx + d, f32x4.mul(v128.load(dx + d), f32x4.sub(oneRow, f32x4.mul(a, a))))
  }
}
