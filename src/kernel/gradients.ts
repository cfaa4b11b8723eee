// Gradients of an update of several draws, summed per touched row: each row is updated once, however often it
// occurs. Not used with `each`, where a draw's rows are different and are updated at once.

import { Table } from './memory'
import { firstLanes } from './lanes'
import { updateRows } from './rows'

/** Floats of a slot: a row's block in whole lanes. */
// @ts-ignore: decorator
@inline
function slotFloats(table: Table): i32 {
  return (table.width + 3) & ~3
}

/** Gradient of (row, b) += weight_l · g for every row of a list. */
export function sumGradients(
  table: Table, b: i32, rows: usize, weights: usize, count: i32, g: usize,
): void {
  const width = table.width
  const bytes = slotFloats(table) << 2
  for (let l: usize = 0; l < <usize>count << 2; l += 4) {
    const sum = slotOf(table, load<i32>(rows + l), b, bytes)
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

/** Where the gradient of block b of a row is summed; zeros at its first use. */
function slotOf(table: Table, row: i32, b: i32, bytes: i32): usize {
  const key = row * table.blocks + b
  const slot = table.slots + (key << 2)
  let number = load<i32>(slot)
  if (number == 0) {
    number = ++table.used
    store<i32>(slot, number)
    store<i32>(table.keys + ((number - 1) << 2), key)
    memory.fill(table.sums + (number - 1) * bytes, 0, bytes)
  }
  return table.sums + (number - 1) * bytes
}

/** Updates every touched row with its sum, in the order of first touch, and forgets all. */
export function applyGradients(table: Table, one: usize, row: usize): void {
  const bytes = slotFloats(table) << 2
  for (let n = 0; n < table.used; n++) {
    const key = load<i32>(table.keys + (n << 2))
    store<i32>(row, key / table.blocks)
    updateRows(table, key % table.blocks, row, one, 1, table.sums + n * bytes)
    store<i32>(table.slots + (key << 2), 0)
  }
  table.used = 0
}
