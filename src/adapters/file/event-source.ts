// Events out of files: one or several, plain or gzip, or standard input. Reads no more than a few
// chunks ahead. The position of a record is its line number; where to go on is handed in.

import type { Readable } from 'node:stream'
import { Failure } from '../../errors.ts'
import type { EventBatch, EventSource } from '../../ports/event-source.ts'
import type { Positions, SourceRecord } from '../../types.ts'
import { readChunks } from './chunks.ts'
import { followed } from './follow.ts'
import { filesOf } from './glob.ts'
import type { LayoutOptions, TimeUnit } from './layout.ts'
import { type Clock, createPacer } from './pace.ts'
import { recordsOf } from './streams.ts'

export interface FileSourceOptions extends LayoutOptions {
  /** A path, a pattern with `*`, `?` or `**`, or `-` for standard input. */
  readonly input: string
  readonly recordBytesMax: number
  readonly batchRecordsMax: number
  /** Default `auto`. */
  readonly timeUnit?: TimeUnit
  /** Where to go on, per stream. Standard input cannot go back: there it only numbers the lines. */
  readonly from?: Positions
  /** Wait for more at the end, as `tail -F` does; one plain file. Needs no pattern, takes no gzip. */
  readonly follow?: boolean
  /** Pause between two looks at a followed file's end, in ms; default 200. */
  readonly followPollMs?: number
  /** Records a second; 0 (the default) as fast as they are taken. */
  readonly rate?: number
  /** Seconds of event time per second; 0 (the default) as fast as they are taken. */
  readonly speed?: number
  /** Batches given and not yet acknowledged; default 64. */
  readonly unackedBatchesMax?: number
  readonly clock: Clock
  /** Read when `input` is `-`. */
  readonly stdin?: Readable
}

export const stdinStream = 'stdin'

/** @throws Failure SOURCE_UNREADABLE when no file is named. */
export function createFileEventSource(options: FileSourceOptions): EventSource {
  const { batchRecordsMax, unackedBatchesMax = 64, clock } = options
  const pace = createPacer({ rate: options.rate ?? 0, speed: options.speed ?? 0, clock })
  const closing = new AbortController()
  const input = everything(options, closing.signal)
  let pending: Promise<IteratorResult<SourceRecord[]>> | undefined
  /** Read and not yet given, all of one stream. */
  let held: SourceRecord[] = []
  let ended = false
  let unacked = 0
  let onChange: (() => void) | undefined

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
    while (unacked >= unackedBatchesMax && !signal.aborted) {
      const changed = new Promise<void>((resolve) => {
        onChange = resolve
      })
      await orAborted(changed, signal)
    }
    while (held.length === 0 && !ended && !signal.aborted) await fill(signal)
    if (held.length === 0 || signal.aborted) return undefined
    const some = held.slice(0, batchRecordsMax)
    const count = pace === undefined ? some.length : await pace(some, signal)
    if (count === 0) return undefined
    held = held.slice(count)
    unacked++
    let acknowledged = false
    return {
      records: count === some.length ? some : some.slice(0, count),
      async ack() {
        if (acknowledged) return
        acknowledged = true
        unacked--
        onChange?.()
      },
    }
  }

  return {
    async readBatch(signal) {
      if (signal.aborted || closing.signal.aborted) return undefined
      const stop = new AbortController()
      const onAbort = (): void => stop.abort()
      signal.addEventListener('abort', onAbort)
      closing.signal.addEventListener('abort', onAbort)
      try {
        return await take(stop.signal)
      } finally {
        signal.removeEventListener('abort', onAbort)
        closing.signal.removeEventListener('abort', onAbort)
      }
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

function everything(
  options: FileSourceOptions,
  closing: AbortSignal,
): AsyncGenerator<SourceRecord[]> {
  const { input, from, recordBytesMax, timeUnit = 'auto' } = options
  const common = { ...options, recordBytesMax, timeUnit, firstNumber: 0 }
  if (input === '-') {
    const { stdin } = options
    if (stdin === undefined) throw new Failure('SOURCE_UNREADABLE', 'standard input is not open')
    const firstNumber = from?.get(stdinStream) ?? 0
    return recordsOf(stdin, { ...common, stream: stdinStream, from: 0, firstNumber })
  }
  const files = filesOf(input)
  if (options.follow) return followed(files, common, options, closing)
  return inTurn(files, (path) => {
    const records = recordsOf(readChunks(path), {
      ...common,
      stream: path,
      from: from?.get(path) ?? 0,
    })
    return filled(records, options.batchRecordsMax)
  })
}

async function* inTurn(
  files: readonly string[],
  read: (path: string) => AsyncGenerator<SourceRecord[]>,
): AsyncGenerator<SourceRecord[]> {
  for (const path of files) yield* read(path)
}

/** Full batches, but for a file's last: the same file is always cut the same way. */
async function* filled(
  some: AsyncGenerator<SourceRecord[]>,
  size: number,
): AsyncGenerator<SourceRecord[]> {
  let held: SourceRecord[] = []
  for await (const records of some) {
    held = held.length === 0 ? records : held.concat(records)
    let start = 0
    for (; held.length - start >= size; start += size) yield held.slice(start, start + size)
    if (start > 0) held = held.slice(start)
  }
  if (held.length > 0) yield held
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
