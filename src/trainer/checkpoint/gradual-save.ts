// A checkpoint of a state that goes on changing, a few ms at a time. Changed rows are copied out again and again, until
// few are left that changed meanwhile; these, and all that is small, are copied in one go between two batches, and that
// is the state that the checkpoint holds. After it only copies are written.

import type {
  ChangesWriter,
  LastOfChanges,
  NewCheckpoint,
  TensorData,
  TensorForm,
} from '../../ports/checkpoint-store.ts'
import { type LiveRows, widthOf } from '../../ports/live-state.ts'
import type { LiveSnapshot } from './save-state.ts'
import { type SavedParts, takeNewTexts } from './saved-parts.ts'

/** What the one go may copy of rows. */
const lastBytesMax = 4 * 1024 * 1024
/** Where rows change faster than they are copied, the one go copies what is left after so many rounds. */
const roundsMax = 12
const pieceBytes = 128 * 1024
/** Texts are encoded in pieces of so many. */
const textsAtOnce = 4_096

export interface GradualSave {
  /** Works for about so long. `atBatchEnd`: positions and state agree. */
  work(ms: number, atBatchEnd: boolean): void
  /** Does all that is left, at a moment at which positions and state agree. */
  finish(): void
  /** work() has something to do now. */
  isBusy(atBatchEnd: boolean): boolean
  /** Nothing but the store's work is left. */
  readonly isHandedOver: boolean
  /** Resolves when everything is durable; rejects as the store's save() does. */
  readonly saved: Promise<NewCheckpoint>
  /** The longest that a call of work() took, in ms. */
  readonly longestMs: number
  /** Nothing of it stays. Not after it was handed over. */
  abandon(): Promise<void>
}

export interface GradualSaveOptions {
  readonly snapshot: LiveSnapshot
  readonly writer: ChangesWriter
  readonly parts: SavedParts
  /** Monotonic ms. */
  readonly nowMs: () => number
}

interface Piece {
  readonly tensor: string
  readonly at: number
  readonly data: TensorData
}

export function createGradualSave(options: GradualSaveOptions): GradualSave {
  const { writer, nowMs } = options
  const steps = stepsOf(options)
  let isWaiting = false
  let longestMs = 0
  let settle: (saved: Promise<NewCheckpoint>) => void = () => undefined
  const saved = new Promise<NewCheckpoint>((resolve) => {
    settle = resolve
  })
  let isHandedOver = false

  function next(atBatchEnd: boolean): boolean {
    if (isWaiting && !atBatchEnd) return false
    isWaiting = false
    const step = steps.next()
    if (step.done === true) {
      isHandedOver = true
      settle(writer.commit(step.value))
      return false
    }
    isWaiting = step.value === 'batch end'
    return step.value === 'more'
  }

  return {
    saved,
    get longestMs() {
      return longestMs
    },
    work(ms, atBatchEnd) {
      if (isHandedOver) return
      const startedMs = nowMs()
      while (next(atBatchEnd) && nowMs() - startedMs < ms);
      longestMs = Math.max(longestMs, nowMs() - startedMs)
    },
    finish() {
      const startedMs = nowMs()
      while (!isHandedOver) next(true)
      longestMs = Math.max(longestMs, nowMs() - startedMs)
    },
    isBusy: (atBatchEnd) => !isHandedOver && (atBatchEnd || !isWaiting),
    get isHandedOver() {
      return isHandedOver
    },
    abandon: () => writer.abandon(),
  }
}

/**
 * `batch end`: goes on only where state and positions agree. `frozen`: has just copied all that is left, which is long
 * enough for one call.
 */
function* stepsOf({
  snapshot,
  writer,
  parts,
}: GradualSaveOptions): Generator<'more' | 'batch end' | 'frozen', LastOfChanges, void> {
  const { live } = snapshot.state
  for (let round = 0; round < roundsMax; round++) {
    for (const rows of live) {
      for (const pieces of changedPieces(rows)) {
        for (const { tensor, at, data } of pieces) writer.put(tensor, at, data)
        yield 'more'
      }
    }
    if (live.reduce((sum, rows) => sum + changedBytes(rows), 0) <= lastBytesMax) break
  }
  yield 'batch end'
  const left: Piece[] = []
  for (const rows of live) {
    for (const pieces of changedPieces(rows)) {
      for (const { tensor, at, data } of pieces) {
        left.push({ tensor, at, data: data.slice() as TensorData })
      }
    }
  }
  const facts = snapshot.facts()
  const rest = snapshot.state.rest()
  const tensors = new Map<string, TensorForm>(live.flatMap((rows) => [...formsOf(rows)]))
  for (const [name, { shape, data }] of rest) tensors.set(name, { shape, kind: data })
  const added = takeNewTexts(snapshot.texts)
  const texts = new Map([...snapshot.texts].map(([name, { list }]) => [name, list.length]))
  yield 'frozen'
  for (const [k, { tensor, at, data }] of left.entries()) {
    writer.put(tensor, at, data)
    if (k % 64 === 0) yield 'more'
  }
  for (const [name, tensor] of rest) {
    for (const [at, data] of parts.changesOf(name, tensor)) writer.put(name, at, data)
    yield 'more'
  }
  for (const { list, from, texts: some } of added) {
    for (let at = 0; at < some.length; at += textsAtOnce) {
      writer.putTexts(list, from + at, some.slice(at, at + textsAtOnce))
      yield 'more'
    }
  }
  parts.become(rest)
  return { facts, tensors, texts }
}

/**
 * The changed rows, some at a time, which count as unchanged from then on. Pieces are valid until the state changes: it
 * may between two calls.
 */
function* changedPieces(rows: LiveRows): Generator<Piece[]> {
  const rowBytes = bytesOfRow(rows)
  const most = Math.max(1, Math.floor(pieceBytes / rowBytes))
  let from = 0
  for (let isOver = false; !isOver; ) {
    const height = rows.rows
    const columns = [...rows.columns()]
    const pieces: Piece[] = []
    for (let taken = 0; taken < most; ) {
      const run = rows.changed.take(from, height, most - taken)
      if (run === undefined) {
        isOver = true
        break
      }
      for (const [tensor, { rowShape, read }] of columns) {
        pieces.push({ tensor, at: run.from * widthOf(rowShape), data: read(run.from, run.to) })
      }
      taken += run.to - run.from
      from = run.to
    }
    yield pieces
  }
}

function changedBytes(rows: LiveRows): number {
  return rows.changed.count(rows.rows) * bytesOfRow(rows)
}

export function bytesOfRow(rows: LiveRows): number {
  let bytes = 0
  for (const { rowShape, read } of rows.columns().values()) {
    bytes += widthOf(rowShape) * read(0, 0).BYTES_PER_ELEMENT
  }
  return Math.max(1, bytes)
}

function* formsOf({ rows, columns }: LiveRows): Generator<[string, TensorForm]> {
  for (const [name, { rowShape, read }] of columns()) {
    yield [name, { shape: [rows, ...rowShape], kind: read(0, 0) }]
  }
}
