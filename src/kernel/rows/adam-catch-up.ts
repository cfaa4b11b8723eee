// Brings rows with Adam up to date before they are read. The formula is in catch-up-terms.ts.

import { rowCopies, rowCopyBytes, steps } from '../globals'
import { ADAM, Table } from '../records'
import { storeFirst } from '../simd/lanes'
import { Term, termOf } from './catch-up-terms'

/** Brings all blocks of a row up to date. To be called before the row is read for learning. */
export function catchUpRow(table: Table, row: i32): void {
  const now = load<i32>(steps)
  const width = table.width
  const blocks = table.blocks
  for (let b = 0; b < blocks; b++) {
    const key = row * blocks + b
    const at = table.last + (key << 2)
    const last = load<i32>(at)
    if (last == now) continue
    store<i32>(at, now)
    if (last == 0) continue
    const part = (key * width) << 2
    catchUpBlock(table.values + part, table.state + 2 * part, width, table.rate, termOf(last, now))
  }
}

/** Weights and moments of one block. */
function catchUpBlock(w: usize, m: usize, n: i32, rate: f32, term: Term): void {
  let v = m + (n << 2)
  const stepSize = f32x4.splat(<f32>(<f64>rate * <f64>term.sum))
  const epsilon = f32x4.splat(term.epsilon)
  const keep1 = f32x4.splat(term.keep1)
  const keep2 = f32x4.splat(term.keep2)
  for (const end = w + ((n & ~3) << 2); w != end; ) {
    const first = v128.load(m)
    const second = v128.load(v)
    v128.store(w, movedByMoments(v128.load(w), first, second, stepSize, epsilon))
    v128.store(m, f32x4.mul(first, keep1))
    v128.store(v, f32x4.mul(second, keep2))
    w += 16
    m += 16
    v += 16
  }
  const rest = n & 3
  if (rest == 0) return
  const first = v128.load(m)
  const second = v128.load(v)
  storeFirst(w, movedByMoments(v128.load(w), first, second, stepSize, epsilon), rest)
  storeFirst(m, f32x4.mul(first, keep1), rest)
  storeFirst(v, f32x4.mul(second, keep2), rest)
}

// @ts-ignore: decorator
@inline
function movedByMoments(w: v128, m: v128, v: v128, stepSize: v128, epsilon: v128): v128 {
  return f32x4.sub(w, f32x4.div(f32x4.mul(stepSize, m), f32x4.add(f32x4.sqrt(v), epsilon)))
}

/**
 * Where to read a row for a score: the row itself or, if it has missed updates, an up-to-date copy in slot `copy` of
 * the scratch memory. Reading for a score changes no state.
 */
export function currentRow(table: Table, row: i32, copy: i32): usize {
  const values = table.values + ((row * table.columns) << 2)
  if (table.kind != ADAM) return values
  const place = rowCopies + copy * rowCopyBytes
  const now = load<i32>(steps)
  const width = table.width
  let copied = false
  for (let b = 0; b < table.blocks; b++) {
    const key = row * table.blocks + b
    const last = load<i32>(table.last + (key << 2))
    if (last == now || last == 0) continue
    if (!copied) memory.copy(place, values, table.columns << 2)
    copied = true
    const part = (key * width) << 2
    moveWeights(place + ((b * width) << 2), table.state + 2 * part, width, table.rate, termOf(last, now))
  }
  return copied ? place : values
}

/** The weights of one block, without its moments. */
function moveWeights(w: usize, m: usize, n: i32, rate: f32, term: Term): void {
  let v = m + (n << 2)
  const stepSize = f32x4.splat(<f32>(<f64>rate * <f64>term.sum))
  const epsilon = f32x4.splat(term.epsilon)
  for (const end = w + ((n & ~3) << 2); w != end; ) {
    v128.store(w, movedByMoments(v128.load(w), v128.load(m), v128.load(v), stepSize, epsilon))
    w += 16
    m += 16
    v += 16
  }
  const rest = n & 3
  if (rest != 0) storeFirst(w, movedByMoments(v128.load(w), v128.load(m), v128.load(v), stepSize, epsilon), rest)
}
