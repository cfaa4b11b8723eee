// Room for the gradients of an update of several draws: one sum for each touched block of a row, as in
// src/kernel/rows/row-gradients.ts. Its size is the most that the draws can touch, whatever the size of the tables.

import type { Table } from '../../../learn/network/layout.ts'
import type { DrawBatch } from '../../../ports/engine.ts'
import { aligned, type NetworkMemory } from './memory-map.ts'
import { tableRecords } from './write-records.ts'

/** The most blocks of rows of a table that one update of all draws can touch. */
function touchedMax({ store }: NetworkMemory, table: Table, batch: DrawBatch): number {
  const { layout } = store
  const { count, negatives } = batch
  const isSource = table === layout.sourceN || table === layout.sourceD
  let most = count * (1 + negatives) * table.blocks
  if (isSource) {
    const given = batch.historyStart[count] ?? 0
    most = layout.spec.users === 'rows' ? count : (given + count) * table.blocks
  }
  return Math.min(most, table.rows * table.blocks)
}

/** Bytes of one thread's sums of a table, where the sums begin after their count and keys, and bits of the slots. */
function sizeOf(memory: NetworkMemory, table: Table, batch: DrawBatch) {
  const blocks = touchedMax(memory, table, batch)
  const toSums = aligned(4 * blocks + 4)
  const bytes = aligned(toSums + 4 * blocks * ((table.width + 3) & ~3))
  // Half of the slots stay empty, so that few keys have to look at a second one.
  return { toSums, bytes, slotBits: Math.ceil(Math.log2(2 * blocks + 2)) }
}

/** Bytes of the sums of a batch that has been checked. */
export function gradientSumBytes(memory: NetworkMemory, batch: DrawBatch): number {
  let bytes = 0
  for (const table of memory.store.layout.tables) {
    const size = sizeOf(memory, table, batch)
    bytes += (1 + memory.otherThreads.length) * (size.bytes + (4 << size.slotBits)) + 16
  }
  return bytes
}

/** Gives the tables their hash tables and sums from `at` on. The kernel clears them before a batch. */
export function placeGradientSums(memory: NetworkMemory, batch: DrawBatch, at: number): void {
  const { kernel, store, otherThreads } = memory
  const threads = 1 + otherThreads.length
  let end = at
  for (const [name, record] of Object.entries(tableRecords)) {
    const table = store.layout[name as keyof typeof tableRecords]
    if (table === undefined) continue
    const { slotBits, toSums, bytes } = sizeOf(memory, table, batch)
    const slots = end
    end = aligned(end + threads * (4 << slotBits))
    kernel.writeTableSums(record, slots, end, toSums, bytes, 32 - slotBits)
    end += threads * bytes
  }
}
