// Turns the lines of one file into records. The first lines are kept until it is clear how they are to be read; then
// the header is left out, cells are cut out of the bytes, lines with an open quote are joined, and blank and overlong
// lines are marked. The offset of a record is the number of its (first) line, from 0. Does not judge what a cell says.

import { refuse } from '../../consume/mapping/detect/reading.ts'
import type { Fault, SourceRecord } from '../../types.ts'
import { endsInQuotes, type Separation, splitCells } from './form/cells.ts'
import { cutCells, type Places, pickCells } from './form/fields.ts'
import { type Layout, type LayoutOptions, type Line, layoutOf } from './form/layout.ts'
import { isBlank, type Overlong } from './form/lines.ts'
import { createJoinedLines } from './joined-lines.ts'
import type { Marker } from './mark.ts'

export interface RecordOptions extends LayoutOptions {
  readonly stream: string
  /** Records before this offset are read but not given. */
  readonly from: number
  readonly recordBytesMax: number
  readonly onLayout?: (layout: Layout) => void
  readonly marker?: Marker
}

export interface RecordMaker {
  line(bytes: Buffer, number: number, overlong?: Overlong): void
  /** Values instead of lines come: each is JSON. Called before the first. */
  values(): void
  /** No more is there for now: what is clear is decided. */
  pause(): void
  /** The file has ended. */
  end(): void
  /** The records that were made since the last call. */
  take(): SourceRecord[]
}

/** Of the first lines, held until they are judged. */
const heldBytesMax = 8 * 1024 * 1024

export function createRecordMaker(options: RecordOptions): RecordMaker {
  const { stream } = options
  const { sampleRecords, ratingMin } = options.spec.settings
  const made: SourceRecord[] = []
  let isStream = false
  let held: ReadLine[] = []
  let heldBytes = 0
  /** undefined: the first lines have not been judged yet. */
  let reader: LineReader | undefined

  /** `last`: there is no more to judge by. */
  function decide(last: boolean): void {
    const lines = held.filter(({ overlong }) => overlong === undefined)
    if (lines.every(({ bytes }) => isBlank(bytes)) && !last) return
    const layout = layoutOf(stream, lines, isStream, options)
    // More lines may yet make it clear.
    if (layout.reading.refusal !== undefined && !last) return
    options.onLayout?.(layout)
    refuse(layout.reading, stream)
    reader = createLineReader({ ...options, made, layout, ignoresRatings: ratingMin === 'any' })
    const first = held
    held = []
    heldBytes = 0
    for (const line of first) reader.read(line.bytes, line.number, line.overlong)
  }

  return {
    values() {
      isStream = true
    },
    line(bytes, number, overlong) {
      if (reader !== undefined) return reader.read(bytes, number, overlong)
      held.push({ bytes, number, overlong })
      heldBytes += bytes.length
      if (held.length > sampleRecords || heldBytes > heldBytesMax) decide(true)
    },
    pause() {
      if (reader === undefined && held.length > 0) decide(false)
    },
    end() {
      if (reader === undefined && held.length > 0) decide(true)
      reader?.end()
    },
    take: () => made.splice(0),
  }
}

export interface LineReaderOptions {
  readonly stream: string
  readonly layout: Layout
  /** The column of the rating need not be cut out. */
  readonly ignoresRatings: boolean
  /** Records before this offset are read but not given. */
  readonly from: number
  readonly recordBytesMax: number
  /** Records are added to it. */
  readonly made: SourceRecord[]
  readonly marker?: Marker
}

export interface LineReader {
  read(bytes: Buffer, number: number, overlong?: Overlong): void
  /** There are no more lines. */
  end(): void
}

export interface ReadLine extends Line {
  readonly overlong?: Overlong | undefined
}

type Fields = Readonly<Record<string, string>>
const noFields: Fields = Object.freeze({})
const quote = 0x22

export function createLineReader(options: LineReaderOptions): LineReader {
  const { stream, layout, recordBytesMax, made, marker } = options
  const { separation } = layout
  const places = placesOf(options)
  const joined = createJoinedLines(recordBytesMax)
  let { from } = options
  let header = layout.reading.cells?.hasHeader ?? false

  /** Whether the record is to be given. One that has grown since it was read is given again. */
  function isDue(value: Buffer, offset: number): boolean {
    if (marker?.isNew(offset, value) && from === offset + 1) from = offset
    return offset >= from
  }

  function give(value: Buffer, offset: number, fields?: Fields): void {
    const position = { stream, offset }
    if (fields === undefined) made.push({ position, key: null, value })
    else made.push({ position, key: null, value, fields })
  }

  function giveFault({ bytes, number }: Line, fault: Fault): void {
    if (!isDue(bytes, number)) return
    made.push({ position: { stream, offset: number }, key: null, value: bytes, fault })
  }

  function readWhole(value: Buffer, offset: number): void {
    const blank = isBlank(value)
    if (header && !blank) {
      header = false
      return
    }
    if (!isDue(value, offset)) return
    if (blank) give(value, offset, noFields)
    else if (places === undefined) give(value, offset)
    else give(value, offset, fieldsOf(value, separation!, places))
  }

  /** The quote never closed: only the line it opened on is bad, and the others are read as if it were not there. */
  function giveUpJoining(): void {
    const [first, ...others] = joined.giveUp()
    if (first === undefined) return
    giveFault(first, { reason: 'decode', detail: 'a double quote opens and does not close' })
    for (const other of others) read(other.bytes, other.number)
  }

  function read(bytes: Buffer, number: number, overlong?: Overlong): void {
    if (overlong !== undefined) {
      giveUpJoining()
      const { length, sha256 } = overlong
      const detail = `${length} bytes, expected at most ${recordBytesMax}; SHA-256 ${sha256}`
      giveFault({ bytes, number }, { reason: 'too_large', detail })
      return
    }
    if (separation?.quoted && (joined.isOpen || bytes.includes(quote))) {
      const open = endsInQuotes(bytes.toString('utf8'), separation, joined.isOpen)
      if (open || joined.isOpen) {
        const record = joined.add({ bytes, number }, open)
        if (record !== undefined) readWhole(record.bytes, record.number)
        else if (joined.isTooLong) giveUpJoining()
        return
      }
    }
    readWhole(bytes, number)
  }

  return { read, end: giveUpJoining }
}

function placesOf({ layout, ignoresRatings }: LineReaderOptions): Places | undefined {
  const { cells } = layout.reading
  if (layout.separation === undefined || cells === undefined) return undefined
  return ignoresRatings ? { ...cells.index, rating: -1 } : cells.index
}

function fieldsOf(value: Buffer, separation: Separation, at: Places): Fields {
  const { delimiter, quoted } = separation
  const plain = delimiter !== 'blanks' && !(quoted && value.includes(quote))
  if (plain) return cutCells(value, delimiter, at)
  return pickCells(splitCells(value.toString('utf8'), separation), at)
}
