// Visits the pieces of a batch of windows that are computed one by one: histories, sliding sums, item tables.

import type { Piece, SequenceLayout } from '../../../learn/windows/sequence-layout.ts'
import type { WindowBatch } from '../../../ports/sequence-learner.ts'
import { type Place, planAt, type Sizes } from './batch-layout.ts'

/** Both halves of the model: their contexts, where their rows are, and where their sums go (or gradients come from). */
export function eachHistory(
  { contextN, contextD, columnsN, columnsD, shape }: SequenceLayout,
  place: Place,
  visit: (
    context: Piece,
    rows: number,
    columns: number,
    width: number,
    out: number,
    rowOut: number,
    dOut: number,
  ) => void,
): void {
  const { query, dQuery, rowsN, rowsD, sums, dInput } = place
  const n = shape.factors
  if (contextN) visit(contextN, rowsN, columnsN, n, query, shape.query, dQuery)
  if (contextD) visit(contextD, rowsD, columnsD, shape.widthD, sums, columnsD, dInput)
}

/** Every block of every window: its plan, its items, its first target, and the numbers of its first item and target. */
export function eachSlidingSum(
  place: Place,
  sizes: Sizes,
  batch: WindowBatch,
  blocks: number,
  visit: (
    plan: number,
    items: number,
    first: number,
    block: number,
    item: number,
    target: number,
  ) => void,
): void {
  let target = 0
  for (let w = 0; w < sizes.windows; w++) {
    const from = batch.start[w]!
    const n = batch.start[w + 1]! - from
    const first = n - batch.targets[w]!
    for (let b = 0; b < blocks; b++) visit(planAt(place, sizes, b, from), n, first, b, from, target)
    target += batch.targets[w]!
  }
}

/** The tables that items are scored by, and their first column in the query. */
export function eachItemTable(
  { itemsN, itemsD, shape }: SequenceLayout,
  visit: (piece: Piece, at: number) => void,
): void {
  if (itemsN) visit(itemsN, 0)
  if (itemsD) visit(itemsD, shape.queryN)
}
