// Copies of columns in the memory of a scan, kept as they are, and the terms of a query that stand on them.

import {
  scanChunkItems as chunkItems,
  scanTermsMax as termsMax,
} from '../../../kernel/constants.ts'
import type { ColumnTerm, ItemColumn } from '../../../ports/catalogue.ts'
import type { Raise } from './scan-calls.ts'
import type { ScanMemory } from './scan-memory.ts'

/** A share of a number by which it is off as a float. */
const rounding = 2 ** -23
/** A share of what is added, by which no sum of a few floats is off. */
const sums = 1e-5

interface Copy {
  readonly column: ItemColumn
  readonly version: number
  /** Of the changes of that version so many are in the copy. */
  changes: number
  /** It has items 0 … items-1. */
  items: number
}

export interface ScanColumns {
  /** The memory was arranged anew. */
  forget(): void
  /** Writes the terms of a query over items 0 … items-1. */
  write(terms: readonly ColumnTerm[], items: number): Raise
}

export function createScanColumns(memory: ScanMemory): ScanColumns {
  /** By its place. */
  const copies: (Copy | undefined)[] = []

  /** Items from … to-1 of one chunk. */
  function fill(k: number, { values, others }: ItemColumn, from: number, to: number): void {
    const chunk = Math.floor(from / chunkItems)
    const at = memory.columnOf(chunk, k) / 4 - chunk * chunkItems
    const known = Math.min(to, Math.max(from, values.length))
    memory.floats.set(values.subarray(from, known), at + from)
    memory.floats.fill(others, at + known, at + to)
  }

  function renew(k: number, column: ItemColumn, items: number): void {
    const { version, changed, values } = column
    const last = copies[k]
    const isNewer = last?.column !== column || last.version !== version
    const copy = isNewer ? { column, version, changes: changed.length, items: 0 } : last
    for (; copy.changes < changed.length; copy.changes++) {
      const item = changed[copy.changes]!
      if (item >= copy.items) continue
      const [chunk, place] = [Math.floor(item / chunkItems), item % chunkItems]
      memory.floats[memory.columnOf(chunk, k) / 4 + place] = values[item]!
    }
    while (copy.items < items) {
      const end = Math.min(items, (Math.floor(copy.items / chunkItems) + 1) * chunkItems)
      fill(k, column, copy.items, end)
      copy.items = end
    }
    copies[k] = copy
  }

  return {
    forget() {
      copies.length = 0
    },
    write(terms, items) {
      if (terms.length > termsMax) throw new RangeError(`${terms.length} terms, not ${termsMax}`)
      let base = 0
      terms.forEach(({ column, weight, origin }, k) => {
        renew(k, column, items)
        const raised = weight + sums * Math.abs(weight)
        memory.floats.set([raised, origin], memory.at.terms / 4 + 2 * k)
        base += rounding * Math.abs(weight) * origin
      })
      return { count: terms.length, base }
    },
  }
}
