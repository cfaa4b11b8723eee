// Rows of live tables as pieces that a checkpoint is written in.

import type { ChangesWriter, TensorData, TensorForm } from '../../ports/checkpoint-store.ts'
import { type LiveRows, type Run, widthOf } from '../../ports/live-state.ts'

const pieceBytes = 128 * 1024

export interface Piece {
  readonly tensor: string
  readonly at: number
  readonly data: TensorData
}

export function putAll(writer: ChangesWriter, pieces: readonly Piece[]): void {
  for (const { tensor, at, data } of pieces) writer.put(tensor, at, data)
}

/** Of the rows as they are now. Valid until the state changes. */
export function piecesOf(rows: LiveRows, runs: readonly Run[]): Piece[] {
  const columns = [...rows.columns()]
  return runs.flatMap(({ from, to }) =>
    columns.map(([tensor, { rowShape, read }]) => {
      return { tensor, at: from * widthOf(rowShape), data: read(from, to) }
    }),
  )
}

/** Rows that count as changed, some at a time, which count as unchanged from then on. The state may change between. */
export function changedPieces(rows: LiveRows): Generator<Piece[]> {
  return piecesBy(rows, (from, most) => rows.changed.take(from, rows.rows, most))
}

/** Rows that are held, some at a time. */
export function heldPieces(rows: LiveRows): Generator<Piece[]> {
  return piecesBy(rows, (from, most) => rows.changed.takeHeld(from, most))
}

function* piecesBy(
  rows: LiveRows,
  take: (from: number, rowsMax: number) => Run | undefined,
): Generator<Piece[]> {
  const most = Math.max(1, Math.floor(pieceBytes / bytesOfRow(rows)))
  let from = 0
  for (let isOver = false; !isOver; ) {
    const runs: Run[] = []
    for (let taken = 0; taken < most && !isOver; ) {
      const run = take(from, most - taken)
      isOver = run === undefined
      if (run === undefined) break
      runs.push(run)
      taken += run.to - run.from
      from = run.to
    }
    yield piecesOf(rows, runs)
  }
}

export function changedBytes(rows: LiveRows): number {
  return rows.changed.count(rows.rows) * bytesOfRow(rows)
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
