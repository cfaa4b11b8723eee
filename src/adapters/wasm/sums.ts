// Room for the gradients of an update of several draws: by touched row one slot, as in src/kernel/gradients.ts.
// Its size is the most that the draws can touch, whatever the size of the tables.

import type { Table } from '../../learn/layout.ts'
import type { DrawBatch } from '../../ports/engine.ts'
import { aligned, type Machine } from './place.ts'
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

/** Bytes of one member's sums of a table: how many, keys, sums. */
function bytesOf(machine: Machine, table: Table, batch: DrawBatch): readonly [number, number] {
  const rows = touched(machine, table, batch)
  const toSums = aligned(4 * rows + 4)
  return [toSums, aligned(toSums + 4 * rows * ((table.width + 3) & ~3))]
}

/** Bytes of the sums of a batch that is known to hold. */
export function sumBytes(machine: Machine, batch: DrawBatch): number {
  let bytes = 0
  for (const table of machine.store.layout.tables) {
    bytes += (1 + machine.mates.length) * bytesOf(machine, table, batch)[1]
  }
  return bytes
}

/** Sets the tables' places for sums from `at` on, which are zeroed at first use. What numbers them: see place.ts. */
export function placeSums(machine: Machine, batch: DrawBatch, at: number): void {
  const { kernel, store, mates } = machine
  let end = at
  for (const [name, record] of Object.entries(tableRecords)) {
    const table = store.layout[name as keyof typeof tableRecords]
    if (table === undefined) continue
    const [toSums, bytes] = bytesOf(machine, table, batch)
    kernel.ints.set([end, toSums, bytes], record / 4 + 11)
    for (let member = 0; member <= mates.length; member++) {
      kernel.ints[end / 4] = 0
      end += bytes
    }
  }
}
