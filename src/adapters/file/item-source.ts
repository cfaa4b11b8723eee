// The item feed out of a file: JSON lines, or a table with a header. It is read whole, and again whenever it changes.

import { stat } from 'node:fs/promises'
import type { ItemBatch, ItemSource } from '../../ports/event-source.ts'
import type { Fault, SourceRecord } from '../../types.ts'
import { readChunks, unreadable } from './bytes/chunks.ts'
import { decodedText, withLineFeeds } from './bytes/text.ts'
import { unpacked } from './bytes/unpack.ts'
import { type Separation, splitCells } from './form/cells.ts'
import { formOf } from './form/form.ts'
import { createLineCutter } from './form/lines.ts'

export interface FileItemSourceOptions {
  readonly path: string
  readonly recordBytesMax: number
  readonly batchRecordsMax: number
  /** End when the file has been read, instead of waiting for it to change. */
  readonly stopAtEnd: boolean
  /** Resolves after this many ms, or at once when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Pause between two looks at the file. */
const pollMs = 1_000

export function createFileItemSource(options: FileItemSourceOptions): ItemSource {
  const { path, batchRecordsMax, stopAtEnd } = options
  let reading: AsyncGenerator<ItemBatch> | undefined
  let seen: string | undefined

  async function version(): Promise<string> {
    const { mtimeMs, size, ino } = await stat(path).catch((cause: Error) => {
      throw unreadable(path, cause)
    })
    return `${mtimeMs} ${size} ${ino}`
  }

  async function* readAll(): AsyncGenerator<ItemBatch> {
    let held: SourceRecord[] = []
    for await (const record of recordsOf(options)) {
      held.push(record)
      if (held.length < batchRecordsMax) continue
      yield { records: held, isCaughtUp: false }
      held = []
    }
    yield { records: held, isCaughtUp: true }
  }

  /** Whether the file is to be read; false when it is to be no more. */
  async function changed(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const now = await version()
      if (now !== seen) {
        seen = now
        return true
      }
      if (stopAtEnd) return false
      await options.sleep(pollMs, signal)
    }
    return false
  }

  return {
    async readBatch(signal) {
      for (;;) {
        if (reading === undefined && !(await changed(signal))) return undefined
        reading ??= readAll()
        const next = await reading.next().catch((cause: unknown) => {
          reading = undefined
          seen = undefined
          throw cause
        })
        if (next.done !== true) return next.value
        reading = undefined
      }
    },
    async close() {
      await reading?.return(undefined)
    },
  }
}

/** Cells become an object by the names in the header. */
async function* recordsOf(options: FileItemSourceOptions): AsyncGenerator<SourceRecord> {
  const { path, recordBytesMax } = options
  let found: SourceRecord[] = []
  let table: { readonly separation: Separation; readonly names: readonly string[] } | undefined
  let isFirst = true

  function add(offset: number, value: Uint8Array, fault?: Fault): void {
    found.push({ position: { stream: path, offset }, key: null, value, ...(fault && { fault }) })
  }

  const cutter = createLineCutter({
    lineBytesMax: recordBytesMax,
    firstNumber: 0,
    onLine(bytes, number, overlong) {
      if (overlong !== undefined) {
        const detail = `${overlong.length} bytes, expected at most ${recordBytesMax}`
        add(number, bytes, { reason: 'too_large', detail })
        return
      }
      const text = bytes.toString('utf8').trim()
      if (text === '') return
      if (isFirst) {
        isFirst = false
        const form = formOf([text], 'auto', path)
        if (form.kind === 'cells') {
          const { separation } = form
          table = { separation, names: splitCells(text, separation).map((name) => name.trim()) }
          return
        }
      }
      if (table === undefined) return add(number, Buffer.from(text))
      const cells = splitCells(text, table.separation)
      const named = table.names.map((name, column) => [name, cells[column]] as const)
      add(number, Buffer.from(JSON.stringify(Object.fromEntries(named))))
    },
  })
  const text = decodedText(unpacked(readChunks(path), path), path, 'auto')
  for await (const chunk of withLineFeeds(text)) {
    if (chunk.length > 0) cutter.push(chunk)
    yield* found
    found = []
  }
  cutter.end()
  yield* found
}
