// Gradients of one update, summed by touched row, so that each row is updated once, however often it occurs. Not used
// where the rows of a single draw are updated immediately.

import type { Table } from '../../learn/network/layout.ts'
import { updateRow } from '../../learn/network/optimizers.ts'
import type { Store } from '../../learn/network/store.ts'

export interface RowGradients {
  readonly table: Table
  /** The offset in `sums` of the gradient (width) of block b of a row, which is zero at its first use. */
  touch(row: number, b: number): number
  /** Replaced when it grows: read it after touch(). */
  sums: Float64Array
  grow(): void
  /** Updates every touched row with its sum, and clears the sums. t counts updates from 1. */
  apply(store: Store, t: number): void
}

export function createRowGradients(table: Table): RowGradients {
  const { blocks, width } = table
  let slots = new Int32Array(0)
  let keys = new Int32Array(64)
  let used = 0
  const gradients: RowGradients = {
    table,
    sums: new Float64Array(64 * width),
    touch(row, b) {
      const key = row * blocks + b
      let slot = slots[key]! - 1
      if (slot < 0) {
        if (used === keys.length) widen()
        slot = used++
        slots[key] = used
        keys[slot] = key
        gradients.sums.fill(0, slot * width, slot * width + width)
      }
      return slot * width
    },
    grow() {
      if (table.capacity * blocks > slots.length) slots = new Int32Array(table.capacity * blocks)
    },
    apply(store, t) {
      for (let slot = 0; slot < used; slot++) {
        const key = keys[slot]!
        const row = Math.floor(key / blocks)
        updateRow(store, table, row, key - row * blocks, gradients.sums, slot * width, 1, t)
        slots[key] = 0
      }
      used = 0
    },
  }
  function widen(): void {
    const more = new Int32Array(keys.length * 2)
    more.set(keys)
    keys = more
    const sums = new Float64Array(gradients.sums.length * 2)
    sums.set(gradients.sums)
    gradients.sums = sums
  }
  return gradients
}
