// The scan of a catalogue by the compiled loops of src/kernel/scan.

import type { ItemScan } from '../../../ports/item-scan.ts'
import { createRowBlocks, type RowBlocks } from './row-blocks.ts'
import { bestMax, blockRows, createScanMemory, headWidth } from './scan-memory.ts'
import { type Half, levelStep, writeHalf, writeWeights } from './scan-query.ts'

export function createItemScan(bytesMax?: number): ItemScan {
  const memory = createScanMemory(bytesMax)
  const { at } = memory
  let order: Int32Array = new Int32Array(0)
  let factors: Float32Array = new Float32Array(0)
  let blocks: RowBlocks | undefined
  /** The query in the order of the columns. */
  let ordered = new Float32Array(0)
  let items = 0
  let tail: Half = { unit: 0, norm: 0 }

  return {
    levelStep,
    get items() {
      return items
    },
    get bytes() {
      return memory.size
    },
    get itemsMax() {
      return memory.itemsMax
    },
    arrange(widths, by, scaledBy, soon) {
      order = by.slice()
      factors = scaledBy.slice()
      ordered = new Float32Array(order.length)
      items = 0
      memory.arrange(order.length)
      memory.reserve(Math.max(blockRows, Math.min(soon, memory.itemsMax)))
      blocks = createRowBlocks(memory, { widths: widths.slice(), order, factors })
    },
    put(pieces, first, count) {
      if (first > items) throw new RangeError(`rows from ${first} on, after ${items} items`)
      memory.reserve(first + count)
      blocks?.put(pieces, first, count)
      items = Math.max(items, first + count)
    },
    get levels() {
      return memory.bytes.subarray(at.levels, at.levels + 4 * items)
    },
    get bounds() {
      return memory.floats.subarray(at.bounds / 4, at.bounds / 4 + items)
    },
    bound(query) {
      order.forEach((column, d) => {
        ordered[d] = query.query[column]! / factors[column]!
      })
      const middle = Math.min(headWidth, order.length)
      const head = writeHalf(memory, ordered, 0, middle, at.queryHead)
      tail = writeHalf(memory, ordered, middle, order.length, at.queryTail)
      const { unit, base } = writeWeights(memory, query)
      memory.boundAll(items, head.unit, head.norm, tail.norm, at.weights, unit, base)
    },
    best(most) {
      const found = memory.best(items, Math.min(most, bestMax), at.found, at.values)
      return memory.ints.subarray(at.found / 4, at.found / 4 + found)
    },
    above(threshold) {
      const all = memory.above(items, threshold, at.found)
      const left = memory.boundWhole(at.found, all, tail.unit, tail.norm, threshold, at.found)
      return memory.ints.subarray(at.found / 4, at.found / 4 + left)
    },
  }
}
