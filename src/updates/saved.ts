// What a checkpoint holds of a member of a group beside the bases of its tables: the ledger, and which rows the newest
// records have moved.

import type { Tensor } from '../ports/checkpoint-store.ts'
import type { SavedLedger } from './ledger.ts'
import type { RecentRecord } from './shares.ts'

/** Plain JSON. */
export interface SavedMember {
  readonly ledger: SavedLedger
  /** Of the records that are looked back at, the newest last. */
  readonly authors: readonly string[]
}

const name = 'updates.recent'

/** Of each record and each table how many rows it has moved, and these. */
export function recentTensor(
  recent: readonly RecentRecord[],
  tables: ReadonlyMap<string, unknown>,
): Map<string, Tensor> {
  const lists = recent.flatMap(({ rows }) => {
    return [...tables.keys()].map((table) => rows.get(table) ?? new Int32Array(0))
  })
  const data = new Int32Array(lists.reduce((sum, { length }) => sum + 1 + length, 0))
  let at = 0
  for (const rows of lists) {
    data[at] = rows.length
    data.set(rows, at + 1)
    at += 1 + rows.length
  }
  return new Map([[name, { shape: [data.length], data }]])
}

export function recentFrom(
  authors: readonly string[],
  tensors: ReadonlyMap<string, Tensor>,
  tables: ReadonlyMap<string, unknown>,
): RecentRecord[] {
  const data = (tensors.get(name)?.data ?? new Int32Array(0)) as Int32Array
  let at = 0
  return authors.map((author) => {
    const rows = new Map<string, Int32Array>()
    for (const table of tables.keys()) {
      const length = data[at] ?? 0
      rows.set(table, data.slice(at + 1, at + 1 + length))
      at += 1 + length
    }
    return { author, rows }
  })
}
