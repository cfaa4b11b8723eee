// Rows of live tables as pieces that a checkpoint is written in.

import type { ChangesWriter, TensorForm } from '../../ports/checkpoint-store.ts'
import { type LiveRows, type Run, widthOf } from '../../ports/live-state.ts'

const pieceBytes = 128 * 1024

export type Put = ChangesWriter['put']

/** Puts the rows as they are now. */
export function putRows(put: Put, rows: LiveRows, runs: readonly Run[]): void {
  for (const [tensor, { rowShape, read }] of rows.columns()) {
    const width = widthOf(rowShape)
    for (const { from, to } of runs) put(tensor, from * width, read(from, to))
  }
}

/**
 * Puts the rows that count as changed, some at a time; they count as unchanged from then on. Returns their number.
 */
export function* putChanged(put: Put, rows: LiveRows): Generator<'more', number> {
  return yield* putTaken(put, rows, (from, most) => rows.changed.take(from, rows.rows, most))
}

/** Puts the rows that are held, some at a time. */
export function* putHeld(put: Put, rows: LiveRows): Generator<'more', number> {
  return yield* putTaken(put, rows, (from, most) => rows.changed.takeHeld(from, most))
}

function* putTaken(
  put: Put,
  rows: LiveRows,
  take: (from: number, rowsMax: number) => Run | undefined,
): Generator<'more', number> {
  const most = Math.max(1, Math.floor(pieceBytes / bytesOfRow(rows)))
  let from = 0
  let all = 0
  for (;;) {
    const runs: Run[] = []
    let isOver = false
    for (let taken = 0; taken < most && !isOver; ) {
      const run = take(from, most - taken)
      isOver = run === undefined
      if (run === undefined) break
      runs.push(run)
      taken += run.to - run.from
      from = run.to
    }
    all += runs.reduce((sum, run) => sum + run.to - run.from, 0)
    putRows(put, rows, runs)
    if (isOver) return all
    yield 'more'
  }
}

export function bytesOfRow(rows: LiveRows): number {
  let bytes = 0
  for (const { rowShape, read } of rows.columns().values()) {
    bytes += widthOf(rowShape) * read(0, 0).BYTES_PER_ELEMENT
  }
  return Math.max(1, bytes)
}

export function* formsOf({ rows, columns }: LiveRows): Generator<[string, TensorForm]> {
  for (const [name, { rowShape, read }] of columns()) {
    yield [name, { shape: [rows, ...rowShape], kind: read(0, 0) }]
  }
}
