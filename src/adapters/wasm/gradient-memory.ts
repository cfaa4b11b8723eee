// Room for the gradients of an update of several draws: one sum by touched row, as in src/kernel/rows/row-gradients.ts.
// Its size is the most that the draws can touch, whatever the size of the tables.

import type { Table } from '../../learn/network/layout.ts'
import type { DrawBatch } from '../../ports/engine.ts'
import { aligned, type Machine } from './memory-map.ts'
import { tableRecords } from './records.ts'

/** Blocks of rows that an update of all draws can touch, per table. */
function touched(machine: Machine, table: Table, batch: DrawBatch): number {
  const { layout } = machine.store
  const { count, negatives } = batch
  const isSource = table === layout.sourceN || table === layout.sourceD
  let most = count * (1 + negatives) * table.blocks
  if (isSource) {
    const given = batch.historyStart[count] ?? 0
    most = layout.spec.users === 'rows' ? count : (given + count) * table.blocks
  }
  return Math.min(most, table.rows * table.blocks)
}

/** Bytes of one member's sums of a table: how many, keys, sums; and the binary digits of its numbers' places. */
function sizeOf(machine: Machine, table: Table, batch: DrawBatch) {
  const blocks = touched(machine, table, batch)
  const toSums = aligned(4 * blocks + 4)
  const bytes = aligned(toSums + 4 * blocks * ((table.width + 3) & ~3))
  // Half of the places stay empty, so that few keys have to look at a second one.
  return { toSums, bytes, digits: Math.ceil(Math.log2(2 * blocks + 2)) }
}

/** Bytes of the sums of a batch that is known to hold. */
export function sumBytes(machine: Machine, batch: DrawBatch): number {
  let bytes = 0
  for (const table of machine.store.layout.tables) {
    const size = sizeOf(machine, table, batch)
    bytes += (1 + machine.mates.length) * (size.bytes + (4 << size.digits)) + 16
  }
  return bytes
}

/** Sets the tables' places for numbers and sums from `at` on; the kernel clears them before a batch. */
export function placeSums(machine: Machine, batch: DrawBatch, at: number): void {
  const { kernel, store, mates } = machine
  const members = 1 + mates.length
  let end = at
  for (const [name, record] of Object.entries(tableRecords)) {
    const table = store.layout[name as keyof typeof tableRecords]
    if (table === undefined) continue
    const { digits, toSums, bytes } = sizeOf(machine, table, batch)
    const numbers = end
    end = aligned(end + members * (4 << digits))
    kernel.ints.set([numbers, end, toSums, bytes, 32 - digits], record / 4 + 9)
    end += members * bytes
  }
}
