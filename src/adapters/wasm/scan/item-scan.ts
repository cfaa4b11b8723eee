// The scan of a catalogue by the compiled loops of src/kernel/scan.

import { scanBestMax } from '../../../kernel/constants.ts'
import type { ItemScan } from '../../../ports/catalogue.ts'
import type { RankThreads } from '../threads/rank-threads.ts'
import { createArrangements, writeQuery } from './arrangements.ts'
import { putBlock, putItems } from './row-blocks.ts'
import { createScanColumns } from './scan-columns.ts'
import { blockRows, createScanMemory } from './scan-memory.ts'
import { levelStep, writeWeights } from './scan-query.ts'

/** `threads`: share the scan of all items with the calling one. */
export function createItemScan(bytesMax?: number, threads?: RankThreads): ItemScan {
  const memory = createScanMemory(bytesMax, threads)
  const { at } = memory
  const arrangements = createArrangements(memory)
  const columns = createScanColumns(memory)
  let widths: readonly number[] = []
  let items = 0
  let arranged = 0

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
    get arranged() {
      return arranged
    },
    arrange(given, order, factors, soon) {
      widths = given.slice()
      arranged++
      items = 0
      memory.arrange(order.length)
      columns.forget()
      memory.reserve(Math.max(blockRows, Math.min(soon, memory.itemsMax)))
      arrangements.begin(widths, { order, factors })
    },
    rearrange: (order, factors) => arrangements.changeTo({ order, factors }),
    get renewed() {
      return arrangements.renewed ?? items
    },
    renew(pieces, count) {
      const { newer, renewed: first = 0 } = arrangements
      if (newer === undefined) throw new RangeError('the columns have not been rearranged')
      putBlock(memory, widths, pieces, { first, count, places: newer.at.places })
      arrangements.advance(count, items)
    },
    put(pieces, first, count) {
      if (first !== items) throw new RangeError(`rows from ${first} on, after ${items} items`)
      memory.reserve(first + count)
      const { places } = arrangements.now.at
      putBlock(memory, widths, pieces, { first, count, places })
      items += count
    },
    putAgain(tables, changed) {
      for (const { of, first, end } of arrangements.ranges(items)) {
        const some = changed.filter((item) => item >= first && item < end)
        putItems(memory, widths, tables, { items: some, places: of.at.places })
      }
    },
    get levels() {
      return memory.bytes.subarray(at.levels, at.levels + 4 * items)
    },
    get bounds() {
      return memory.floats.subarray(at.bounds / 4, at.bounds / 4 + items)
    },
    bound(query) {
      const levels = writeWeights(memory, query)
      const raise = columns.write(query.terms ?? [], items)
      for (const { of, ...span } of arrangements.ranges(items)) {
        writeQuery(memory, query, of)
        memory.boundAll(span, of.at.queryHead, of.head, of.tail, levels, raise)
      }
    },
    best: (most) => memory.best(items, Math.min(most, scanBestMax)),
    above(threshold) {
      let found = 0
      for (const { of, ...span } of arrangements.ranges(items)) {
        found += memory.above(span, of.at.queryTail, of.tail, threshold, found)
      }
      return memory.ints.subarray(at.found / 4, at.found / 4 + found)
    },
  }
}
