// Records of the update log to bytes and back: Avro by schemas/update.avsc.

import { endianness } from 'node:os'
import { createCodec } from '../wire/avro.ts'
import { readForeign } from '../wire/foreign.ts'
import { updateSchema } from '../wire/schemas.ts'
import type { CountedEvents, MovedRows, UpdateRecord } from './record.ts'
import { unroundRows } from './rounding.ts'

/** As the schema has it. */
interface WrittenRecord extends Pick<UpdateRecord, 'author' | 'sequence' | 'claims' | 'learned'> {
  readonly names: readonly string[]
  readonly moved: readonly {
    readonly table: string
    readonly width: number
    readonly rows: Buffer
    readonly groups: readonly number[]
    readonly values: Buffer
  }[]
  readonly items: Buffer
  readonly historyLengths: Buffer
  readonly historyItems: Buffer
  readonly weights: Buffer
}

const codec = createCodec<WrittenRecord>(updateSchema)
/** What comes from a topic may come from anybody: no more elements are read than there are bytes. */
const bounded = once(() => readForeign(updateSchema))

/** Who appended a record, the streams it speaks of, and the items it names: what its other parts refer to. */
export type UpdateHead = Pick<UpdateRecord, 'author' | 'sequence' | 'claims' | 'learned' | 'names'>

const headFields = 5
const head = once(() => readForeign(headSchema()))

export function encodeUpdate(record: UpdateRecord): Buffer {
  const { author, sequence, claims, learned, names, events } = record
  const { items, historyStart, historyItems, weights } = events
  return codec.encode({
    ...{ author, sequence, claims, learned, names },
    moved: record.moved.filter(({ rows }) => rows.length > 0).map(writtenRows),
    items: bytesOf(items),
    historyLengths: bytesOf(items.map((_, k) => historyStart[k + 1]! - historyStart[k]!)),
    historyItems: bytesOf(historyItems),
    weights: bytesOf(weights),
  })
}

/** @throws Error where the bytes are no whole record, or one that refers to what it does not hold */
export function decodeUpdate(value: Uint8Array): UpdateRecord {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const whole = bounded()
  if ('fault' in whole) throw new Error(whole.fault.detail)
  const written = whole.read(bytes, 0) as WrittenRecord
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

function writtenRows(moved: MovedRows): WrittenRecord['moved'][number] {
  const { table, width, rows, rounded } = moved
  const own = { table, width, rows: bytesOf(rows), groups: rounded?.groups ?? [] }
  if (rounded === undefined) return { ...own, values: bytesOf(moved.values) }
  const { exponents, steps } = rounded
  return { ...own, values: Buffer.concat([bytesOf(exponents), bytesOf(steps)]) }
}

function readRows(written: WrittenRecord['moved'][number], names: number): MovedRows {
  const { table, width, groups, values: bytes } = written
  const rows = wordsOf(written.rows)
  for (let k = 0; k < rows.length; k++) {
    if (rows[k]! >= names) throw new Error(`no name at place ${rows[k]}`)
  }
  const numbers = rows.length * width
  const isRounded = groups.length > 0
  const expected = isRounded ? rows.length * groups.length + numbers : 4 * numbers
  if (width < 1 || bytes.length !== expected) {
    throw new Error(`${table}: expected ${expected} bytes of values, got ${bytes.length}`)
  }
  if (!isRounded) {
    const values = new Float32Array(wordsOf(bytes).buffer)
    return { table, width, rows, values }
  }
  if (groups.some((size) => size < 1) || groups.reduce((sum, size) => sum + size) !== width) {
    throw new Error(`${table}: groups of ${groups} numbers are no rows of ${width}`)
  }
  // Where they lie: nobody writes to the bytes of a record.
  const all = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  const exponents = all.subarray(0, rows.length * groups.length)
  const rounded = { groups: [...groups], exponents, steps: all.subarray(exponents.length) }
  let values: Float32Array | undefined
  return {
    ...{ table, width, rows, rounded },
    /** Seldom asked for: what is added to a base are the steps. */
    get values() {
      values ??= unroundRows(rounded)
      return values
    },
  }
}

function readEvents(written: WrittenRecord, names: number): CountedEvents {
  const items = wordsOf(written.items)
  const historyItems = wordsOf(written.historyItems)
  const lengths = wordsOf(written.historyLengths)
  for (const places of [items, historyItems]) {
    for (let k = 0; k < places.length; k++) {
      const place = places[k]!
      if (place < 0 || place >= names) throw new Error(`no name at place ${place}`)
    }
  }
  const historyStart = new Int32Array(items.length + 1)
  lengths.forEach((length, k) => {
    if (length < 0) throw new Error(`a history of ${length} items`)
    historyStart[k + 1] = historyStart[k]! + length
  })
  const weights = new Float32Array(wordsOf(written.weights).buffer)
  if (weights.length > 0 && weights.length !== items.length) throw new Error('not one weight each')
  if (!weights.every((weight) => weight > 0 && weight <= 1)) throw new Error('weights beyond 1')
  const isWhole = lengths.length === items.length
  if (!isWhole || historyStart[items.length] !== historyItems.length) {
    throw new Error('the histories are not those of the events')
  }
  return { items, historyStart, historyItems, weights }
}

type Numbers = Int32Array | Float32Array | Int8Array

/** Little-endian. */
function bytesOf({ buffer, byteOffset, byteLength, BYTES_PER_ELEMENT }: Numbers): Buffer {
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  return BYTES_PER_ELEMENT === 1 || endianness() === 'LE' ? bytes : Buffer.from(bytes).swap32()
}

function wordsOf(bytes: Buffer): Int32Array<ArrayBuffer> {
  if (bytes.length % 4 !== 0) throw new Error(`${bytes.length} bytes are no numbers of four`)
  const own = new Uint8Array(bytes)
  if (endianness() !== 'LE') Buffer.from(own.buffer).swap32()
  return new Int32Array(own.buffer)
}

/** Only the beginning of a record is read. @throws Error where the bytes do not begin as one */
export function headOf(value: Uint8Array): UpdateHead {
  const first = head()
  if ('fault' in first) throw new Error(first.fault.detail)
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return first.readFirst(bytes, 0) as UpdateHead
}

/** Schemas are parsed when they are first needed: most workers share nothing. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** Fields are written one after the other, so those that come first can be read without the others. */
function headSchema(): string {
  const schema = JSON.parse(updateSchema) as { readonly fields: readonly unknown[] }
  return JSON.stringify({ ...schema, fields: schema.fields.slice(0, headFields) })
}
