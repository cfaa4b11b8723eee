// Events out of files: one or several, plain or packed, or standard input. Reads no more than a few
// chunks ahead. The position of a record is its line number; where to go on is handed in.

import { parseMapping } from '../../consume/mapping/spec/spec.ts'
import type { EventBatch, EventSource } from '../../ports/event-source.ts'
import type { SourceRecord } from '../../types.ts'
import { type FileSourceOptions, recordsOfAll, stdinStream } from './all-streams.ts'
import type { Marker } from './mark.ts'
import { createPacer } from './pace.ts'

/** @throws Failure SOURCE_UNREADABLE when no file is named, or one that cannot be followed. */
export function createFileEventSource(options: FileSourceOptions): EventSource {
  const { batchRecordsMax, unackedBatchesMax = 64, clock } = options
  const mapping = options.mapping ?? parseMapping()
  const { rate = 0, speed = 0 } = options
  const pace = createPacer({ rate, speed, clock, mapping })
  const closing = new AbortController()
  const unacked = createUnacked(unackedBatchesMax)
  const markers = new Map<string, Marker>()
  const input = recordsOfAll(options, mapping, markers, closing.signal)
  let pending: Promise<IteratorResult<SourceRecord[]>> | undefined
  /** Read and not yet given, all of one stream. */
  let held: SourceRecord[] = []
  let ended = false

  /** Waits, but no longer than until the signal; what was waited for is not lost. */
  async function fill(signal: AbortSignal): Promise<void> {
    pending ??= input.next()
    const next = await orAborted(pending, signal)
    if (next === undefined) return
    pending = undefined
    if (next.done) ended = true
    else held = next.value
  }

  async function take(signal: AbortSignal): Promise<EventBatch | undefined> {
    await unacked.room(signal)
    while (held.length === 0 && !ended && !signal.aborted) await fill(signal)
    if (held.length === 0 || signal.aborted) return undefined
    const some = held.slice(0, batchRecordsMax)
    const count = pace === undefined ? some.length : await pace(some, signal)
    if (count === 0) return undefined
    held = held.slice(count)
    return {
      records: count === some.length ? some : some.slice(0, count),
      ...markAfter(some[count - 1]!),
      ack: unacked.add(),
    }
  }

  function markAfter({ position, value, fault }: SourceRecord): { mark?: string } {
    const marker = markers.get(position.stream)
    // Standard input cannot be read again.
    if (marker === undefined || value === null || position.stream === stdinStream) return {}
    const torn = fault?.reason === 'torn_input'
    return { mark: marker.after({ offset: position.offset, value, torn }) }
  }

  return {
    async examine(signal) {
      // What has no end may have no beginning yet.
      if (options.follow !== true && options.input !== '-') {
        while (held.length === 0 && !ended && !signal.aborted) await fill(signal)
      }
      return !signal.aborted
    },
    async readBatch(signal) {
      if (signal.aborted || closing.signal.aborted) return undefined
      return withEither(signal, closing.signal, take)
    },
    lag: () => undefined,
    async close() {
      if (closing.signal.aborted) return
      closing.abort()
      if (options.input === '-') options.stdin?.destroy()
      // A read that was under way fails when its input is taken away: that is the wish here.
      await Promise.allSettled([pending, input.return(undefined)])
    },
  }
}

/** Does the work with a signal that either of two aborts, and leaves no listener behind. */
async function withEither<T>(
  one: AbortSignal,
  other: AbortSignal,
  work: (either: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController()
  const onAbort = (): void => stop.abort()
  for (const signal of [one, other]) signal.addEventListener('abort', onAbort)
  try {
    return await work(stop.signal)
  } finally {
    for (const signal of [one, other]) signal.removeEventListener('abort', onAbort)
  }
}

/** Counts batches that were given and not acknowledged. */
function createUnacked(batchesMax: number) {
  let batches = 0
  let onChange: (() => void) | undefined

  return {
    /** Resolves when there are fewer than allowed, or the signal is aborted. */
    async room(signal: AbortSignal): Promise<void> {
      while (batches >= batchesMax && !signal.aborted) {
        const changed = new Promise<void>((resolve) => {
          onChange = resolve
        })
        await orAborted(changed, signal)
      }
    },
    /** Counts one more; the function acknowledges it, however often it is called. */
    add(): () => Promise<void> {
      batches++
      let acknowledged = false
      return async () => {
        if (acknowledged) return
        acknowledged = true
        batches--
        onChange?.()
      }
    },
  }
}

/** The promise's value, or undefined as soon as the signal is aborted. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined
  let onAbort: (() => void) | undefined
  const aborted = new Promise<undefined>((resolve) => {
    onAbort = () => resolve(undefined)
    signal.addEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort)
  }
}
