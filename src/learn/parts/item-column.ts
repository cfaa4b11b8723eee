// A number of each item that tells which of its numbers have changed.

import { longer } from '../../arrays.ts'
import type { ItemColumn } from '../../ports/catalogue.ts'

/** So many changes are listed; with more, the whole column is taken for another. */
const changedMax = 1_024

export interface WritableColumn extends ItemColumn {
  /** Makes room for items 0 … items-1; those that are new have the number 0. */
  grow(items: number): void
  set(item: number, value: number): void
  /** The values have been written over, and all items beyond them have this number. */
  renewed(others: number): void
}

export function createColumn(): WritableColumn {
  let values: Float32Array = new Float32Array(1024)
  let others = 0
  let version = 0
  const changed: number[] = []

  function begin(): void {
    version++
    changed.length = 0
  }

  return {
    changed,
    get values() {
      return values
    },
    get others() {
      return others
    },
    get version() {
      return version
    },
    grow(items) {
      if (items <= values.length) return
      values = longer(values, Math.max(items, 2 * values.length))
      begin()
    },
    set(item, value) {
      values[item] = value
      if (changed.length === changedMax) begin()
      else changed.push(item)
    },
    renewed(given) {
      others = given
      begin()
    },
  }
}
