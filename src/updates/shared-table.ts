// What a group of workers shares, as whoever learns it gives it: rows of numbers that lie where they are learned.

import type { ChangedRows } from '../ports/live-state.ts'
import type { SharedPiece } from './rows.ts'

/** Rows of numbers in one or more arrays. */
export interface SharedTable {
  readonly name: string
  /** Rows before that of item 0; undefined: the rows belong to no items. */
  readonly shift: number | undefined
  /** Now, with those before item 0. */
  readonly rows: number
  /** (rows × width) each, where they lie: what is written there is learned from. Valid until the table grows. */
  pieces(): readonly SharedPiece[]
  /** Rows that learning may have moved; left out: every row is looked at. */
  readonly changed?: ChangedRows
  /** Moves are rounded (rounding.ts); else they go as they are. */
  readonly isRounded: boolean
  /** Writes how the rows of items stand before anybody has moved them, from `row` on. */
  begin(names: readonly string[], row: number): void
  /** These rows are about to be written to by others. */
  beforeWrite?(rows: Int32Array): void
  /** They were. */
  tell?(rows: Int32Array): void
}

/** Of the first `rows`; they count as unchanged after it. */
export function* changedRows({ changed, rows: all }: SharedTable, rows: number): Iterable<number> {
  const end = Math.min(all, rows)
  if (changed === undefined) {
    for (let row = 0; row < end; row++) yield row
    return
  }
  for (let run = changed.take(0, end, end); run; run = changed.take(run.to, end, end)) {
    for (let row = run.from; row < run.to; row++) yield row
  }
}

/** The name of its base in a checkpoint. */
export function nameOfBase({ name }: SharedTable): string {
  return `updates/${name}`
}
