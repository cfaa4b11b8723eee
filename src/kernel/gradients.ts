// Gradients of an update of several draws, summed per touched row: each row is updated once, however often it
// occurs. Not used with `each`, where a draw's rows are different and are updated at once.

import { adamBlock, startUpdate } from './adam'
import { STRIP, ask, keep } from './ahead'
import { owns } from './crew'
import { ADAM, ONE, Table, member, steps } from './memory'
import { firstLanes } from './lanes'
import { updateRows } from './rows'

/** Floats of a slot: a row's block in whole lanes. */
// @ts-ignore: decorator
@inline
function slotFloats(table: Table): i32 {
  return (table.width + 3) & ~3
}

/** Gradient of (row, b) += weight_l · g for every row of a list that is this member's. */
export function sumGradients(
  table: Table, b: i32, rows: usize, weights: usize, count: i32, g: usize,
): void {
  const width = table.width
  const bytes = slotFloats(table) << 2
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const row = load<i32>(rows + l)
    if (!owns(row)) continue
    const sum = slotOf(table, row, b, bytes)
    const k = v128.load32_splat(weights + l)
    let d = 0
    for (; d + 4 <= width; d += 4) {
      const at = sum + (d << 2)
      v128.store(at, f32x4.add(v128.load(at), f32x4.mul(k, v128.load(g + (d << 2)))))
    }
    if (d < width) {
      const at = sum + (d << 2)
      const more = v128.and(f32x4.mul(k, v128.load(g + (d << 2))), firstLanes(width - d))
      v128.store(at, f32x4.add(v128.load(at), more))
    }
  }
}

/** Where this member's number of touched rows, their keys and their sums are. */
// @ts-ignore: decorator
@inline
function ownOf(table: Table): usize {
  return table.touched + member * table.sumsPitch
}

/** Where the gradient of block b of a row is summed; zeros at its first use. */
function slotOf(table: Table, row: i32, b: i32, bytes: i32): usize {
  const key = row * table.blocks + b
  const slot = table.slots + (key << 2)
  const own = ownOf(table)
  let number = load<i32>(slot)
  if (number == 0) {
    number = load<i32>(own) + 1
    store<i32>(own, number)
    store<i32>(slot, number)
    store<i32>(own + (number << 2), key)
    memory.fill(own + table.toSums + (number - 1) * bytes, 0, bytes)
  }
  return own + table.toSums + (number - 1) * bytes
}

/** Updates every row that this member has touched with its sum, in the order of first touch, and forgets all. */
export function applyGradients(table: Table): void {
  const own = ownOf(table)
  if (table.kind == ADAM) applyAdam(table, own)
  else applyOthers(table, own)
  store<i32>(own, 0)
}

function applyAdam(table: Table, own: usize): void {
  const t = load<i32>(steps) + 1
  startUpdate(t)
  const bytes = slotFloats(table) << 2
  const used = load<i32>(own)
  let sum = own + table.toSums
  for (let first = 1; first <= used; first += STRIP) {
    const end = min(first + STRIP, used + 1)
    askBlocks(table, own, first, end)
    for (let n = first; n < end; n++) {
      const key = load<i32>(own + (n << 2))
      adamBlock(table, key, sum, 1, t)
      store<i32>(table.slots + (key << 2), 0)
      sum += bytes
    }
  }
}

function applyOthers(table: Table, own: usize): void {
  const bytes = slotFloats(table) << 2
  const used = load<i32>(own)
  for (let n = 1; n <= used; n++) {
    // The key's place takes the row, a list of one.
    const row = own + (n << 2)
    const key = load<i32>(row)
    store<i32>(row, key / table.blocks)
    updateRows(table, key % table.blocks, row, ONE, 1, own + table.toSums + (n - 1) * bytes)
    store<i32>(table.slots + (key << 2), 0)
  }
}

/** Asks for touched blocks first … end-1, the first is 1. */
function askBlocks(table: Table, own: usize, first: i32, end: i32): void {
  const bytes = table.width << 2
  let seen = 0
  for (let n = first; n < end; n++) seen |= ask(table, load<i32>(own + (n << 2)) * bytes, bytes)
  keep(seen)
}
