// Records of the update log to bytes and back: Avro by schemas/update.avsc.

import { endianness } from 'node:os'
import { createCodec } from '../wire/avro.ts'
import { readForeign } from '../wire/foreign.ts'
import { updateSchema } from '../wire/schemas.ts'
import type { CountedEvents, MovedRows, UpdateRecord } from './record.ts'

/** As the schema has it. */
interface WrittenRecord extends Pick<UpdateRecord, 'author' | 'sequence' | 'claims' | 'learned'> {
  readonly names: readonly string[]
  readonly moved: readonly {
    readonly table: string
    readonly width: number
    readonly rows: readonly number[]
    readonly isHalf: boolean
    readonly values: Buffer
  }[]
  readonly items: readonly number[]
  readonly historyLengths: readonly number[]
  readonly historyItems: readonly number[]
}

const codec = createCodec<WrittenRecord>(updateSchema)
/** What comes from a topic may come from anybody: no more elements are read than there are bytes. */
const bounded = readForeign(updateSchema)

/** Who appended a record, the streams it speaks of, and the items it names: what its other parts refer to. */
export type UpdateHead = Pick<UpdateRecord, 'author' | 'sequence' | 'claims' | 'learned' | 'names'>

const headFields = 5
const head = readForeign(headSchema())

export function encodeUpdate(record: UpdateRecord): Buffer {
  const { author, sequence, claims, learned, names, events } = record
  const { items, historyStart, historyItems } = events
  return codec.encode({
    ...{ author, sequence, claims, learned, names },
    moved: record.moved.filter(({ rows }) => rows.length > 0).map(writtenRows),
    items: [...items],
    historyLengths: Array.from(items, (_, k) => historyStart[k + 1]! - historyStart[k]!),
    historyItems: [...historyItems],
  })
}

/** @throws Error where the bytes are no whole record, or one that refers to what it does not hold */
export function decodeUpdate(value: Uint8Array): UpdateRecord {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if ('fault' in bounded) throw new Error(bounded.fault.detail)
  const written = bounded.read(bytes, 0) as WrittenRecord
  const { author, sequence } = written
  const names = [...written.names]
  return {
    ...{ author, sequence, names },
    claims: written.claims.map(({ stream, epoch, from }) => ({ stream, epoch, from })),
    learned: written.learned.map(({ stream, from, to }) => ({ stream, from, to })),
    moved: written.moved.map((rows) => readRows(rows, names.length)),
    events: readEvents(written, names.length),
  }
}

function writtenRows({ table, width, rows, values }: MovedRows): WrittenRecord['moved'][number] {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const isHalf = words.every((word) => (word & 0xffff) === 0)
  const numbers = isHalf ? upperHalves(words) : words.slice()
  return { table, width, rows: [...rows], isHalf, values: littleEndian(bytesOf(numbers), isHalf) }
}

function readRows(written: WrittenRecord['moved'][number], names: number): MovedRows {
  const { table, width, isHalf, values: bytes } = written
  const rows = Int32Array.from(written.rows)
  for (const place of rows) if (place >= names) throw new Error(`no name at place ${place}`)
  const numbers = rows.length * width
  const expected = numbers * (isHalf ? 2 : 4)
  if (width < 1 || bytes.length !== expected) {
    throw new Error(`${table}: expected ${expected} bytes of values, got ${bytes.length}`)
  }
  const own = littleEndian(Buffer.from(bytes), isHalf)
  const at = new Uint8Array(own).buffer
  const words = isHalf ? fromUpperHalves(new Uint16Array(at)) : new Uint32Array(at)
  return { table, width, rows, values: new Float32Array(words.buffer) }
}

function readEvents(written: WrittenRecord, names: number): CountedEvents {
  const items = Int32Array.from(written.items)
  const historyItems = Int32Array.from(written.historyItems)
  for (const place of [...items, ...historyItems]) {
    if (place < 0 || place >= names) throw new Error(`no name at place ${place}`)
  }
  const historyStart = new Int32Array(items.length + 1)
  written.historyLengths.forEach((length, k) => {
    if (length < 0) throw new Error(`a history of ${length} items`)
    historyStart[k + 1] = historyStart[k]! + length
  })
  const isWhole = written.historyLengths.length === items.length
  if (!isWhole || historyStart[items.length] !== historyItems.length) {
    throw new Error('the histories are not those of the events')
  }
  return { items, historyStart, historyItems }
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint16Array | Uint32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** From or to the order of this machine, in place. */
function littleEndian(bytes: Buffer, isHalf: boolean): Buffer {
  if (endianness() === 'LE') return bytes
  return isHalf ? bytes.swap16() : bytes.swap32()
}

// Loops, because TypedArray.from() with a function takes ten times as long.

function upperHalves(words: Uint32Array): Uint16Array {
  const halves = new Uint16Array(words.length)
  for (let k = 0; k < words.length; k++) halves[k] = words[k]! >>> 16
  return halves
}

function fromUpperHalves(halves: Uint16Array): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(halves.length)
  for (let k = 0; k < halves.length; k++) words[k] = halves[k]! << 16
  return words
}

/** Only the beginning of a record is read. @throws Error where the bytes do not begin as one */
export function headOf(value: Uint8Array): UpdateHead {
  if ('fault' in head) throw new Error(head.fault.detail)
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return head.readFirst(bytes, 0) as UpdateHead
}

/** Fields are written one after the other, so those that come first can be read without the others. */
function headSchema(): string {
  const schema = JSON.parse(updateSchema) as { readonly fields: readonly unknown[] }
  return JSON.stringify({ ...schema, fields: schema.fields.slice(0, headFields) })
}
