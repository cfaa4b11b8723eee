// Rows by their numbers: gathered into a matrix, and their gradients scattered back; sums over rows and over blocks.

import { sumOf } from '../simd/lanes'
import { addScaled, setScaled } from './vectors'

/** out_r = factor_r · table[id_r]. A row has `columns` floats; rows of out are rowOut floats apart. */
export function gatherRows(
  table: usize, ids: usize, factors: usize, count: i32, columns: i32, out: usize, rowOut: i32,
): void {
  for (let r = 0; r < count; r++) {
    const row = table + ((load<i32>(ids + (r << 2)) * columns) << 2)
    setScaled(out + ((r * rowOut) << 2), row, load<f32>(factors + (r << 2)), columns)
  }
}

/** table[id_r] += factor_r · in_r */
export function scatterRows(
  table: usize, ids: usize, factors: usize, count: i32, columns: i32, from: usize, rowFrom: i32,
): void {
  for (let r = 0; r < count; r++) {
    const row = table + ((load<i32>(ids + (r << 2)) * columns) << 2)
    const factor = load<f32>(factors + (r << 2))
    if (factor != 0) addScaled(row, from + ((r * rowFrom) << 2), factor, columns)
  }
}

/** Every row of out += row. */
export function addRows(out: usize, rowOut: i32, row: usize, count: i32, columns: i32): void {
  for (let r = 0; r < count; r++) addScaled(out + ((r * rowOut) << 2), row, 1, columns)
}

/** out += Σ of the rows. */
export function sumColumns(out: usize, from: usize, rowFrom: i32, count: i32, columns: i32): void {
  for (let r = 0; r < count; r++) addScaled(out, from + ((r * rowFrom) << 2), 1, columns)
}

/** out_r = Σ_b in_r[b], for `blocks` blocks of `width` floats. */
export function sumBlocks(
  out: usize, rowOut: i32, from: usize, count: i32, blocks: i32, width: i32,
): void {
  for (let r = 0; r < count; r++) {
    const to = out + ((r * rowOut) << 2)
    const row = from + ((r * blocks * width) << 2)
    memory.copy(to, row, width << 2)
    for (let b = 1; b < blocks; b++) addScaled(to, row + ((b * width) << 2), 1, width)
  }
}

/** Every block of out_r += in_r. */
export function spreadBlocks(
  out: usize, from: usize, rowFrom: i32, count: i32, blocks: i32, width: i32,
): void {
  for (let r = 0; r < count; r++) {
    for (let b = 0; b < blocks; b++) {
      addScaled(out + (((r * blocks + b) * width) << 2), from + ((r * rowFrom) << 2), 1, width)
    }
  }
}

/** out_r = x_r · v_r + bias[id_r] */
export function ownScores(
  x: usize, v: usize, count: i32, columns: i32, bias: usize, ids: usize, out: usize,
): void {
  const whole = <usize>(columns & ~3) << 2
  const bytes = <usize>columns << 2
  for (let r = 0; r < count; r++) {
    let sum = f32x4.splat(0)
    let d: usize = 0
    for (; d < whole; d += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(x + d), v128.load(v + d)))
    let score = sumOf(sum)
    for (; d < bytes; d += 4) score += load<f32>(x + d) * load<f32>(v + d)
    const at = <usize>load<i32>(ids + (r << 2)) << 2
    store<f32>(out + (r << 2), score + (bias == 0 ? 0 : load<f32>(bias + at)))
    x += bytes
    v += bytes
  }
}

/** dx_r += pull_r · v_r, then v_r = pull_r · x_r: the gradients by the rows of the targets replace the rows. */
export function ownGradients(
  x: usize, dx: usize, v: usize, pulls: usize, count: i32, columns: i32,
): void {
  const bytes = <usize>columns << 2
  for (let r = 0; r < count; r++) {
    const pull = load<f32>(pulls + (r << 2))
    addScaled(dx, v, pull, columns)
    setScaled(v, x, pull, columns)
    x += bytes
    dx += bytes
    v += bytes
  }
}
