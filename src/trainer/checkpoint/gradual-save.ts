// A checkpoint of a state that goes on changing, a few ms at a time. Changed rows of tables with few writes are written
// again and again, until few are left that changed meanwhile; these are written, and all that is small is copied, in
// one go between two batches, and that is the state that the checkpoint holds. Rows of networks, which learning writes
// to faster than anybody copies, are held from then on: each is written out before it changes, or when its turn comes.

import type {
  ChangesWriter,
  LastOfChanges,
  NewCheckpoint,
  TensorForm,
} from '../../ports/checkpoint-store.ts'
import { bytesOfRow, formsOf, putChanged, putHeld, putRows } from './pieces.ts'
import type { LiveSnapshot } from './save-state.ts'
import { type SavedParts, takeNewTexts } from './saved-parts.ts'

/** A round that writes at most this many bytes of rows is the last one: about as much is left to write in one go. */
const lastBytesMax = 512 * 1024
/** Where rows change faster than they are copied, what is left after this many rounds is written in one go. */
const roundsMax = 12
/** Texts are encoded this many at a time. */
const textsAtOnce = 4_096

export interface GradualSave {
  /** Works for about `ms` ms. `atBatchEnd`: positions and state agree. `between` is called after each piece. */
  work(ms: number, atBatchEnd: boolean, between?: () => void): void
  /** Does all that is left, at a moment at which positions and state agree. Nothing may be learned meanwhile. */
  finish(): Promise<void>
  /** work() has something to do now. */
  isBusy(atBatchEnd: boolean): boolean
  /** Rows are held, so learning takes longer: each that it writes to is written out first. */
  readonly slowsLearning: boolean
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
    work(ms, atBatchEnd, between) {
      if (isHandedOver) return
      const startedMs = nowMs()
      while (writer.room() === undefined && next(atBatchEnd) && nowMs() - startedMs < ms) {
        between?.()
      }
      longestMs = Math.max(longestMs, nowMs() - startedMs)
    },
    async finish() {
      const startedMs = nowMs()
      while (!isHandedOver) {
        next(true)
        await writer.room()
      }
      longestMs = Math.max(longestMs, nowMs() - startedMs)
    },
    isBusy: (atBatchEnd) =>
      !isHandedOver && writer.room() === undefined && (atBatchEnd || !isWaiting),
    get slowsLearning() {
      return options.snapshot.state.live.some(({ changed }) => changed.isHolding)
    },
    get isHandedOver() {
      return isHandedOver
    },
    abandon() {
      for (const { changed } of options.snapshot.state.live) changed.letGo()
      return writer.abandon()
    },
  }
}

/**
 * `batch end`: goes on only where state and positions agree. `frozen`: has just fixed what the checkpoint holds, which
 * is long enough for one call.
 */
function* stepsOf({
  snapshot,
  writer,
  parts,
}: GradualSaveOptions): Generator<'more' | 'batch end' | 'frozen', LastOfChanges, void> {
  const { live } = snapshot.state
  const { put } = writer
  const held = live.filter((rows) => rows.canBeHeld === true)
  const copied = live.filter((rows) => rows.canBeHeld !== true)
  for (let round = 0; round < roundsMax; round++) {
    let bytes = 0
    for (const rows of copied) bytes += (yield* putChanged(put, rows)) * bytesOfRow(rows)
    if (bytes <= lastBytesMax) break
    yield 'more'
  }
  yield 'batch end'
  for (const rows of copied) for (const _ of putChanged(put, rows));
  for (const rows of held) rows.changed.hold(rows.rows, (runs) => putRows(put, rows, runs))
  const facts = snapshot.facts()
  const rest = snapshot.state.rest()
  const tensors = new Map<string, TensorForm>(live.flatMap((rows) => [...formsOf(rows)]))
  for (const [name, { shape, data }] of rest) tensors.set(name, { shape, kind: data })
  const added = takeNewTexts(snapshot.texts)
  const texts = new Map([...snapshot.texts].map(([name, { list }]) => [name, list.length]))
  yield 'frozen'
  for (const rows of held) yield* putHeld(put, rows)
  for (const [name, tensor] of rest) {
    for (const run of parts.changesOf(name, tensor)) {
      if (run !== undefined) put(name, ...run)
      yield 'more'
    }
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
