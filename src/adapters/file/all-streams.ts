// Everything that an input names as one sequence of records: a file, several in turn, one that grows, standard input.

import type { Readable } from 'node:stream'
import type { MappingSpec } from '../../consume/mapping/spec/spec.ts'
import { Failure } from '../../errors.ts'
import type { Positions, SourceRecord } from '../../types.ts'
import { readChunks, streamChunks } from './bytes/chunks.ts'
import type { Encoding } from './bytes/text.ts'
import { checkFollowed, followed } from './follow.ts'
import type { FileFormat } from './form/form.ts'
import { filesOf } from './glob.ts'
import { latestName, statOrNothing } from './incarnations.ts'
import { type Marker, type Marks, markOf } from './mark.ts'
import type { Clock } from './pace.ts'
import { type Found, recordsOf, type StreamOptions } from './streams.ts'

export interface FileSourceOptions {
  /** A path, a pattern with `*`, `?` or `**`, or `-` for standard input. */
  readonly input: string
  /** Default `auto`: by the most of the first lines. */
  readonly format?: FileFormat | 'auto'
  /** Default `auto`: UTF-8, or UTF-16 by its byte order mark. */
  readonly encoding?: Encoding
  /** Which column is what; by default the usual names and orders. */
  readonly mapping?: MappingSpec
  /** The newest believable time in ms, by which the first records are judged; default: none is too late. */
  readonly latestMs?: () => number
  /** Longest id in bytes, by which the first records are judged; default 256. */
  readonly idBytesMax?: number
  readonly recordBytesMax: number
  readonly batchRecordsMax: number
  /** Where to go on, per stream. Standard input cannot go back: there it only numbers the lines. */
  readonly from?: Positions
  /** What the checkpoint remembers of the streams, as the batches had it. */
  readonly marks?: Marks
  /** Wait for more at the end, as `tail -F` does; one plain file. Needs no pattern, takes nothing packed. */
  readonly follow?: boolean
  /** Pause between two looks at a followed file's end, in ms; default 200. */
  readonly followPollMs?: number
  /** The files have ended: a last line without an end is a record. Default true; false leaves it unread. */
  readonly ended?: boolean
  /** Records a second; 0 (the default) as fast as they are taken. */
  readonly rate?: number
  /** Seconds of event time per second; 0 (the default) as fast as they are taken. */
  readonly speed?: number
  /** Batches given and not yet acknowledged; default 64. */
  readonly unackedBatchesMax?: number
  readonly clock: Clock
  /** Read when `input` is `-`. */
  readonly stdin?: Readable
  /** Told of every file how it is read, before its first record is given or it is refused. */
  readonly onFound?: (found: Found) => void
  /** What a person may want to know of a file: a line left unread, a truncation. */
  readonly onNews?: (text: string) => void
}

export const stdinStream = 'stdin'

/** Streams whose records may still be held. */
const markersMax = 8

/** @throws Failure SOURCE_UNREADABLE when no file is named, or one that cannot be followed. */
export function recordsOfAll(
  options: FileSourceOptions,
  mapping: MappingSpec,
  markers: Map<string, Marker>,
  closing: AbortSignal,
): AsyncGenerator<SourceRecord[]> {
  const { input, from = new Map<string, number>(), marks, onNews } = options
  const common: Omit<StreamOptions, 'stream' | 'from' | 'isWhole'> = {
    format: options.format ?? 'auto',
    encoding: options.encoding ?? 'auto',
    spec: mapping,
    latestMs: options.latestMs ?? (() => Number.MAX_SAFE_INTEGER),
    idBytesMax: options.idBytesMax ?? 256,
    recordBytesMax: options.recordBytesMax,
    firstNumber: 0,
    ...(options.onFound && { onFound: options.onFound }),
    onMarker(stream, marker) {
      markers.set(stream, marker)
      if (markers.size > markersMax) markers.delete(markers.keys().next().value!)
    },
    onLeft: (stream, line) =>
      onNews?.(
        `line ${line} of ${stream} has no end and is left unread: it may still be written; ` +
          '--stop-at-end reads it',
      ),
  }
  if (input === '-') {
    const { stdin } = options
    if (stdin === undefined) throw new Failure('SOURCE_UNREADABLE', 'standard input is not open')
    const firstNumber = from.get(stdinStream) ?? 0
    const whole = { stream: stdinStream, from: 0, firstNumber, isWhole: () => true }
    return recordsOf(streamChunks(stdin), { ...common, ...whole })
  }
  const files = filesOf(input)
  if (options.follow) return followed(checkFollowed(files), common, options, closing)
  const isWhole = (): boolean => options.ended ?? true
  return inTurn(files, async function* (path) {
    const stream = await streamOf(path, from)
    const place = { stream, from: from.get(stream) ?? 0, mark: markOf(marks, stream), isWhole }
    yield* filled(recordsOf(readChunks(path), { ...common, ...place }), options.batchRecordsMax)
  })
}

/** A file that was followed before is the stream that it was then. */
async function streamOf(path: string, from: Positions): Promise<string> {
  if (from.has(path)) return path
  const stats = await statOrNothing(path)
  const name = stats === undefined ? path : latestName(path, stats, from)
  return from.has(name) ? name : path
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
