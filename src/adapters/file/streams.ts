// One file (or standard input) as a sequence of records, chunk by chunk: bytes, lines, columns.

import { Failure } from '../../errors.ts'
import type { SourceRecord } from '../../types.ts'
import { TornInput, unpacked } from './chunks.ts'
import { createLineCutter } from './lines.ts'
import { createRecordMaker, type RecordOptions } from './records.ts'

export interface StreamOptions extends Omit<RecordOptions, 'onRecord'> {
  /** Number of the first line. */
  readonly firstNumber: number
}

/** Gives what each chunk completes; damage of packed input ends it with one fault record. */
export async function* recordsOf(
  chunks: AsyncIterable<Uint8Array>,
  options: StreamOptions,
): AsyncGenerator<SourceRecord[]> {
  let made: SourceRecord[] = []
  const maker = createRecordMaker({ ...options, onRecord: (record) => made.push(record) })
  const cutter = createLineCutter({
    lineBytesMax: options.recordBytesMax,
    firstNumber: options.firstNumber,
    onLine: maker.line,
  })
  const take = (): SourceRecord[] => {
    const taken = made
    made = []
    return taken
  }
  const bytes = withoutByteOrderMark(unpacked(chunks))
  try {
    for await (const chunk of bytes) {
      cutter.push(chunk)
      if (made.length > 0) yield take()
    }
    cutter.end()
    maker.end()
    if (cutter.next() < options.from) throw shrunk(options, cutter.next())
  } catch (error) {
    if (!(error instanceof TornInput)) throw error
    maker.end()
    const { bytes: value, number: offset } = cutter.broken()
    const fault = {
      reason: 'torn_input',
      detail: `the packed file breaks off after ${offset} whole lines: ${error.message}`,
    } as const
    const position = { stream: options.stream, offset }
    if (offset >= options.from) made.push({ position, key: null, value, fault })
  }
  if (made.length > 0) yield take()
}

/** Positions only grow, so a file that is shorter than its position is not the file it was. */
function shrunk({ stream, from }: StreamOptions, lines: number): Failure {
  const message =
    `${stream} has ${lines} lines, and an earlier run had read ${from}: it was replaced or cut; ` +
    'give the new file another name, or start over without the old checkpoints'
  return new Failure('SOURCE_UNREADABLE', message)
}

const mark = Buffer.from([0xef, 0xbb, 0xbf])

async function* withoutByteOrderMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (head === undefined) yield chunk
    else {
      head = Buffer.concat([head, chunk])
      if (head.length < mark.length && mark.subarray(0, head.length).equals(head)) continue
      yield head.subarray(0, 3).equals(mark) ? head.subarray(3) : head
      head = undefined
    }
  }
  if (head !== undefined && head.length > 0) yield head
}
