// One update of one row (or of one block of it), and of the dense weights, for the engines that compute gradients in
// doubles: plain loops and TensorFlow. Nothing of an engine is known here but offsets into the flat buffer.
//
// Symbols: w a row, g = scale·gradient + l2·w, t the number of the update.

import { adamRow } from './adam.ts'
import type { Layout, Table } from './layout.ts'
import type { Store } from './store.ts'

/** w -= rate·g. Four places a turn: the short rows of a stream spend their time here. */
export function sgdRow(
  floats: Float32Array,
  w: number,
  width: number,
  gradient: Float64Array,
  g: number,
  scale: number,
  rate: number,
  l2: number,
): void {
  const keep = 1 - rate * l2
  const pull = rate * scale
  let d = 0
  for (; d < width - 3; d += 4) {
    const wd = w + d
    const gd = g + d
    floats[wd] = keep * floats[wd]! - pull * gradient[gd]!
    floats[wd + 1] = keep * floats[wd + 1]! - pull * gradient[gd + 1]!
    floats[wd + 2] = keep * floats[wd + 2]! - pull * gradient[gd + 2]!
    floats[wd + 3] = keep * floats[wd + 3]! - pull * gradient[gd + 3]!
  }
  for (; d < width; d++) floats[w + d] = keep * floats[w + d]! - pull * gradient[g + d]!
}

/** acc += |g|²/width with g = dloss/dw; w -= rate·(g + l2·w)/√acc */
export function adagradRow(
  floats: Float32Array,
  w: number,
  width: number,
  acc: number,
  gradient: Float64Array,
  g: number,
  scale: number,
  rate: number,
  l2: number,
): void {
  let sum = 0
  for (let d = g; d < g + width; d++) sum += gradient[d]! * gradient[d]!
  const squares = floats[acc]! + (scale * scale * sum) / width
  floats[acc] = squares
  sgdRow(floats, w, width, gradient, g, scale, rate / Math.sqrt(squares), l2)
}

/** Updates block b of a row; `gradient[g …]` times scale is dloss/dw. t counts updates from 1. */
export function updateRow(
  store: Store,
  table: Table,
  row: number,
  b: number,
  gradient: Float64Array,
  g: number,
  scale: number,
  t: number,
): void {
  const { floats, ints } = store
  const { optimizer, width, columns, blocks } = table
  const part = row * columns + b * width
  const w = table.values + part
  if (optimizer.kind === 'adagrad') {
    const acc = table.state + row * blocks + b
    adagradRow(floats, w, width, acc, gradient, g, scale, optimizer.rate, optimizer.l2)
  } else if (optimizer.kind === 'sgd') {
    sgdRow(floats, w, width, gradient, g, scale, optimizer.rate, optimizer.l2)
  } else {
    const { rate, l2 } = optimizer
    const m = table.state + 2 * part
    adamRow(floats, w, width, m, m + width, gradient, g, scale, rate, l2, t)
    ints[table.last + row * blocks + b] = t
  }
}

/** One update of all dense weights; rate 0 freezes them. `gradient` is as long as the weights. */
export function updateDense(
  floats: Float32Array,
  layout: Layout,
  gradient: Float64Array,
  t: number,
): void {
  const { kind, rate, l2 } = layout.spec.dense
  const { offset, length, first, second } = layout.dense
  if (rate === 0 || length === 0) return
  if (kind === 'sgd') sgdRow(floats, offset, length, gradient, 0, 1, rate, l2)
  else adamRow(floats, offset, length, first, second, gradient, 0, 1, rate, l2, t)
}
