// One file (or standard input) as a sequence of records, chunk by chunk: bytes, text, lines or values, records.

import type { SourceRecord } from '../../types.ts'
import type { Packing } from './bytes/kinds.ts'
import { decodedText, type Encoding, withLineFeeds } from './bytes/text.ts'
import { TornInput, unpacked } from './bytes/unpack.ts'
import type { Layout } from './form/layout.ts'
import { createLineCutter, type LineCutter } from './form/lines.ts'
import { createValueCutter, isJsonStream } from './form/values.ts'
import { createMarker, type FileMark, type Marker, replaced } from './mark.ts'
import { createRecordMaker, type RecordMaker, type RecordOptions } from './records.ts'

/** How a stream was found to be written. */
export interface Found {
  readonly stream: string
  readonly packing: Packing
  readonly encoding: Encoding
  readonly layout: Layout
}

export interface StreamOptions extends Omit<RecordOptions, 'onLayout' | 'marker'> {
  /** Number of the first line. */
  readonly firstNumber: number
  readonly encoding: Encoding
  /** What an earlier run remembered of the stream. */
  readonly mark?: FileMark | undefined
  /** Whether the text that has come is all: then a last line without an end is a record, else it is left unread. */
  readonly isWhole: () => boolean
  readonly onFound?: (found: Found) => void
  readonly onMarker?: (stream: string, marker: Marker) => void
  /** A last line without an end was left unread. */
  readonly onLeft?: (stream: string, line: number) => void
  /** After every chunk: how many lines have ended. */
  readonly onLines?: (lines: number) => void
}

/** Gives what each chunk completes; damage of packed input ends it with one fault record. @throws Failure, Replaced */
export async function* recordsOf(
  chunks: AsyncIterable<Uint8Array>,
  options: StreamOptions,
): AsyncGenerator<SourceRecord[]> {
  const { stream } = options
  const marker = createMarker(stream, options.mark)
  options.onMarker?.(stream, marker)
  let about: { packing: Packing; encoding: Encoding } = { packing: 'none', encoding: 'utf-8' }
  const maker = createRecordMaker({
    ...options,
    marker,
    onLayout: (layout) => options.onFound?.({ stream, ...about, layout }),
  })
  const plain = unpacked(chunks, stream, (packing) => {
    about = { ...about, packing }
  })
  const text = decodedText(plain, stream, options.encoding, (encoding) => {
    about = { ...about, encoding }
  })
  let cutter: LineCutter | undefined
  let broken: SourceRecord | undefined
  try {
    for await (const chunk of withLineFeeds(text)) {
      if (chunk.length === 0) maker.pause()
      else {
        marker.push(chunk)
        cutter ??= cutterFor(chunk, options, maker)
        cutter.push(chunk)
        options.onLines?.(cutter.next())
      }
      const made = maker.take()
      if (made.length > 0) yield made
    }
    finish(options, about.packing, cutter, maker, marker)
  } catch (cause) {
    if (!(cause instanceof TornInput)) throw cause
    maker.end()
    const { bytes: value, number: offset } = cutter?.broken() ?? { bytes: noBytes, number: 0 }
    const detail = `the packed file breaks off after ${offset} whole lines: ${cause.message}`
    const record = { position: { stream, offset }, key: null, value }
    if (!wasTold(options.mark, offset, value) && offset + 1 >= options.from) {
      broken = { ...record, fault: { reason: 'torn_input', detail } }
    }
  }
  const last = [...maker.take(), ...(broken === undefined ? [] : [broken])]
  if (last.length > 0) yield last
}

const noBytes = Buffer.alloc(0)

/** An earlier run found the same end. */
function wasTold(mark: FileMark | undefined, offset: number, value: Buffer): boolean {
  return mark?.how === 'torn' && mark.line === offset && mark.lineBytes === value.length
}

function cutterFor(head: Buffer, options: StreamOptions, maker: RecordMaker): LineCutter {
  const { format, recordBytesMax, firstNumber } = options
  const cut = { lineBytesMax: recordBytesMax, firstNumber, onLine: maker.line }
  const isStream = format === 'json' || (format === 'auto' && isJsonStream(head))
  if (!isStream) return createLineCutter(cut)
  maker.values()
  return createValueCutter(cut)
}

/** The text has ended, or nobody waits for more of it. */
function finish(
  options: StreamOptions,
  packing: Packing,
  cutter: LineCutter | undefined,
  maker: RecordMaker,
  marker: Marker,
): void {
  const { stream, from } = options
  const lines = cutter?.next() ?? options.firstNumber
  const unfinished = cutter?.unfinished() ?? false
  // What is packed was closed by whoever packed it.
  if (unfinished && (options.isWhole() || packing !== 'none')) {
    marker.open(lines)
    cutter?.end()
  } else if (unfinished) options.onLeft?.(stream, lines + 1)
  maker.end()
  marker.end()
  const all = unfinished ? lines + 1 : lines
  if (all < from) throw replaced(stream, from, `it has ${all} lines, so it was replaced or cut`)
}
