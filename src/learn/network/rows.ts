// How a row begins, and one update of it (or of one block of it) and of the dense weights, for the engines that compute
// gradients in doubles: plain loops and TensorFlow. It knows nothing of an engine but offsets into the flat buffer.
// Start values follow from (seed, table, row, column) alone: growth in any order gives the same bytes.
//
// Symbols: w a row, g = scale·gradient + l2·w, m and v Adam's moments, t the number of the update.

import type { Layout, Table } from './layout.ts'

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

export const BETA1 = 0.9
export const BETA2 = 0.999
export const EPSILON = 1e-7

/** m and v move towards g and g², then w -= rate·m̂/(√v̂ + ε); t is counted from 1. */
export function adamRow(
  floats: Float32Array,
  w: number,
  width: number,
  m: number,
  v: number,
  gradient: Float64Array,
  g: number,
  scale: number,
  rate: number,
  l2: number,
  t: number,
): void {
  const correct1 = 1 / (1 - BETA1 ** t)
  const correct2 = 1 / (1 - BETA2 ** t)
  for (let d = 0; d < width; d++) {
    const a = scale * gradient[g + d]! + l2 * floats[w + d]!
    floats[m + d] = BETA1 * floats[m + d]! + (1 - BETA1) * a
    floats[v + d] = BETA2 * floats[v + d]! + (1 - BETA2) * a * a
    const pull = (floats[m + d]! * correct1) / (Math.sqrt(floats[v + d]! * correct2) + EPSILON)
    floats[w + d] = floats[w + d]! - rate * pull
  }
}

/** The numbers of a store, the same bytes twice. */
interface Numbers {
  readonly floats: Float32Array
  readonly ints: Int32Array
}

/** Updates block b of a row; `gradient[g …]` times scale is dloss/dw. t counts updates from 1. */
export function updateRow(
  { floats, ints }: Numbers,
  table: Table,
  row: number,
  b: number,
  gradient: Float64Array,
  g: number,
  scale: number,
  t: number,
): void {
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

/** Bijective mixing of 32 bits (the finalizer of MurmurHash3). */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

/** A key for one table of one network: FNV-1a over its name, mixed with the seed. */
export function tableKey(seed: number, name: string): number {
  let hash = 0x811c9dc5
  for (let c = 0; c < name.length; c++) {
    hash = Math.imul(hash ^ name.charCodeAt(c), 0x01000193)
  }
  return mix(mix(seed | 0) ^ hash)
}

/** Two rows of a table never share a start: the row's own state is a bijection of its number. */
function rowState(key: number, row: number): number {
  return mix((key + Math.imul(row, 0x9e3779b1)) | 0)
}

/** In (0, 1), 32 bits deep. */
function unit(state: number, draw: number): number {
  return (mix((state + Math.imul(draw + 1, 0x85ebca77)) | 0) + 0.5) / 4_294_967_296
}

/** out[at … at+columns) ~ N(0, deviation²), by Box and Muller, two values from two draws. */
export function fillNormal(
  out: Float32Array,
  at: number,
  columns: number,
  key: number,
  row: number,
  deviation: number,
): void {
  const state = rowState(key, row)
  for (let d = 0; d < columns; d += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(unit(state, d)))
    const angle = 2 * Math.PI * unit(state, d + 1)
    out[at + d] = radius * Math.cos(angle)
    if (d + 1 < columns) out[at + d + 1] = radius * Math.sin(angle)
  }
}

/** Glorot and Bengio's uniform start of a weight matrix (outputs, inputs). */
export function fillGlorot(
  out: Float32Array,
  at: number,
  outputs: number,
  inputs: number,
  key: number,
): void {
  const limit = Math.sqrt(6 / (inputs + outputs))
  for (let o = 0; o < outputs; o++) {
    const state = rowState(key, o)
    for (let d = 0; d < inputs; d++) {
      out[at + o * inputs + d] = limit * (2 * unit(state, d) - 1)
    }
  }
}
