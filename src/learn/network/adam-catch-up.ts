// Adam on rows that are touched only now and then: the exact catch-up for the updates that a row has missed. Dense Adam
// would have moved the row in each of them by its moments alone.
//
// Symbols: w a row, m and v Adam's moments, t the number of the update.

import type { Table } from './layout.ts'
import { BETA1, BETA2, EPSILON } from './rows.ts'
import type { Store } from './store.ts'

/** How many terms of the sum below float32 can still see: (β1/√β2)^160 < 1e-7. */
const SERIES_TERMS = 160

/**
 * What dense Adam does to a row in updates t+1 … t+missed, whose gradients are zero, in one step: w -= rate·m·Σ_s
 * c_s/(√v + ε·e_s) with c_s = (β1/√β2)^s·√(1-β2^(t+s))/(1-β1^(t+s)) and e_s = √(1-β2^(t+s))/β2^(s/2). This is exact
 * except for e_s, for which its mean weighted by c_s is taken.
 */
function applyMissed(
  floats: Float32Array,
  w: number,
  width: number,
  m: number,
  v: number,
  rate: number,
  t: number,
  missed: number,
): void {
  const ratio = BETA1 / Math.sqrt(BETA2)
  let power = 1
  let power1 = BETA1 ** t
  let power2 = BETA2 ** t
  let grow = 1
  let sum = 0
  let mean = 0
  for (let s = Math.min(missed, SERIES_TERMS); s > 0; s--) {
    power *= ratio
    power1 *= BETA1
    power2 *= BETA2
    grow /= Math.sqrt(BETA2)
    const root = Math.sqrt(1 - power2)
    const term = (power * root) / (1 - power1)
    sum += term
    mean += term * root * grow
  }
  const epsilon = (EPSILON * mean) / sum
  for (let d = 0; d < width; d++) {
    const pull = floats[m + d]! / (Math.sqrt(floats[v + d]!) + epsilon)
    floats[w + d] = floats[w + d]! - rate * sum * pull
  }
}

/** Brings all blocks of a row up to date. To be called before the row is read for learning. */
export function catchUpRow(store: Store, table: Table, row: number): void {
  const { floats, ints } = store
  const now = ints[store.layout.steps]!
  const { blocks, width, columns } = table
  for (let b = 0; b < blocks; b++) {
    const at = table.last + row * blocks + b
    const last = ints[at]!
    if (last === now) continue
    ints[at] = now
    if (last === 0) continue
    const part = row * columns + b * width
    const m = table.state + 2 * part
    const v = m + width
    applyMissed(floats, table.values + part, width, m, v, table.optimizer.rate, last, now - last)
    const keep1 = BETA1 ** (now - last)
    const keep2 = BETA2 ** (now - last)
    for (let d = 0; d < width; d++) {
      floats[m + d] = floats[m + d]! * keep1
      floats[v + d] = floats[v + d]! * keep2
    }
  }
}

/**
 * Where to read a row for a score: the row itself or, if its table has Adam, an up-to-date copy in one of two slots of
 * the scratch memory. Reading for a score changes no state.
 */
export function currentRow(store: Store, table: Table, row: number, copy: 0 | 1): number {
  const values = table.values + row * table.columns
  if (!table.isAdam) return values
  const { floats, ints, layout } = store
  const now = ints[layout.steps]!
  const at = layout.scratch + copy * layout.scratchColumns
  const { blocks, width, columns } = table
  floats.copyWithin(at, values, values + columns)
  for (let b = 0; b < blocks; b++) {
    const last = ints[table.last + row * blocks + b]!
    if (last === now || last === 0) continue
    const part = row * columns + b * width
    const m = table.state + 2 * part
    const v = m + width
    applyMissed(floats, at + b * width, width, m, v, table.optimizer.rate, last, now - last)
  }
  return at
}

/** A table of its own: values [rows, columns], moments, and the last update of every block (Table of layout.ts). */
export interface AdamTable {
  readonly values: Float32Array
  readonly moments: Float32Array
  readonly last: Int32Array
}

/** The values that dense Adam would have after `now` updates. The table is not changed. */
export function caughtUpTable(table: AdamTable, rate: number, now: number): Float32Array {
  const { values, moments, last } = table
  const width = last.length === 0 ? 0 : values.length / last.length
  const caughtUp = values.slice()
  const block = new Float32Array(3 * width)
  for (let b = 0; b < last.length; b++) {
    const since = last[b]!
    if (since === now || since === 0) continue
    const at = b * width
    block.set(values.subarray(at, at + width))
    block.set(moments.subarray(2 * at, 2 * (at + width)), width)
    applyMissed(block, 0, width, width, 2 * width, rate, since, now - since)
    caughtUp.set(block.subarray(0, width), at)
  }
  return caughtUp
}
