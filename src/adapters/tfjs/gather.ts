// What one update reads, as plain arrays: the unique rows of each table, where each draw finds its own, and which rows
// (block by block) the update touches. There are no tensors here.

import { catchUpRow, currentRow } from '../../learn/network/adam-catch-up.ts'
import type { SourceReader } from '../../learn/network/history-rows.ts'
import type { Table } from '../../learn/network/layout.ts'
import type { Store } from '../../learn/network/store.ts'
import type { DrawBatch, UserBatch } from '../../ports/engine.ts'

/** Users or draws, each with its weights over the unique source rows: p_b = weights_b · S_b. */
export interface Sources {
  /** Unique rows of the user or context tables. */
  readonly rows: readonly number[]
  /** For each block (count, rows.length), one line per user. */
  readonly weights: readonly Float32Array[]
  /** For each user, the positions in `rows` of each block's list. */
  readonly lists: readonly (readonly (readonly number[])[])[]
}

export function gatherSources(
  reader: SourceReader,
  batch: UserBatch,
  ks: readonly number[],
  blocks: number,
): Sources {
  const { lists } = reader
  const placeOf = new Map<number, number>()
  const read = ks.map((k) => {
    reader.read(batch, k)
    return Array.from({ length: blocks }, (_, b) =>
      Array.from({ length: lists.counts[b]! }, (_, l) => {
        const at = b * lists.stride + l
        const row = lists.rows[at]!
        if (!placeOf.has(row)) placeOf.set(row, placeOf.size)
        return { place: placeOf.get(row)!, weight: lists.weights[at]! }
      }),
    )
  })
  if (placeOf.size === 0) placeOf.set(0, 0)
  const weights = Array.from({ length: blocks }, (_, b) => {
    const matrix = new Float32Array(ks.length * placeOf.size)
    read.forEach((user, line) => {
      for (const { place, weight } of user[b]!) matrix[line * placeOf.size + place] = weight
    })
    return matrix
  })
  const places = read.map((user) => user.map((list) => list.map(({ place }) => place)))
  return { rows: [...placeOf.keys()], weights, lists: places }
}

/** The draws of from … to-1 that have a candidate. */
export function drawsToLearn(batch: DrawBatch, from: number, to: number): number[] {
  const each = batch.negatives * batch.choices
  return Array.from({ length: to - from }, (_, n) => from + n).filter((k) =>
    batch.candidates.subarray(k * each, (k + 1) * each).some((j) => j >= 0),
  )
}

/** The unique positives and candidates of the draws. */
export function itemsOf(batch: DrawBatch, ks: readonly number[]): number[] {
  const each = batch.negatives * batch.choices
  const items = new Set<number>()
  for (const k of ks) {
    items.add(batch.positives[k]!)
    for (const j of batch.candidates.subarray(k * each, (k + 1) * each)) if (j >= 0) items.add(j)
  }
  return [...items]
}

export function catchUp(store: Store, table: Table, rows: readonly number[]): void {
  if (table.isAdam) for (const row of rows) catchUpRow(store, table, row)
}

/** The values of the rows, one row after another, brought up to date. */
export function gatherRows(store: Store, table: Table, rows: readonly number[]): Float32Array {
  const { columns } = table
  const out = new Float32Array(rows.length * columns)
  rows.forEach((row, n) => {
    const at = currentRow(store, table, row, 0)
    out.set(store.floats.subarray(at, at + columns), n * columns)
  })
  return out
}
