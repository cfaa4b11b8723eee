// Lines of one file to records: the first lines are held until it is clear how they are to be read; then cells are cut
// out of the bytes, lines with an open quote joined, blank and overlong lines marked. The offset of a record is the
// number of its (first) line, from 0. Does not judge what is in a cell; that is decoding.

import { refuse } from '../../consume/mapping/detect/reading.ts'
import type { Fault, SourceRecord } from '../../types.ts'
import { endsInQuotes, type Separation, splitCells } from './form/cells.ts'
import { cutCells, type Places, pickCells } from './form/fields.ts'
import { isBlank, type Layout, type LayoutOptions, type Line, layoutOf } from './form/layout.ts'
import type { Overlong } from './form/lines.ts'
import type { Marker } from './mark.ts'

export interface RecordOptions extends LayoutOptions {
  readonly stream: string
  /** Records before this offset are read but not given. */
  readonly from: number
  readonly recordBytesMax: number
  readonly onRecord: (record: SourceRecord) => void
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
}

const quote = 0x22
/** Lines that one CSV record may stretch over. */
const joinedLinesMax = 1_000
/** Of the first lines, held until they are judged. */
const heldBytesMax = 8 * 1024 * 1024

type Fields = Readonly<Record<string, string>>
const noFields: Fields = Object.freeze({})

interface Held extends Line {
  readonly overlong?: Overlong | undefined
}

export function createRecordMaker(options: RecordOptions): RecordMaker {
  const { stream, recordBytesMax, onRecord, marker } = options
  const { sampleRecords, ratingMin } = options.spec.settings
  let { from } = options
  let layout: Layout | undefined
  let places: Places | undefined
  let isStream = false
  let header = false
  let held: Held[] = []
  let heldBytes = 0
  /** Lines of a CSV record whose quote has not closed. */
  let joining: Line[] = []
  let joiningBytes = 0

  /** Whether the record is to be given. One that has grown since it was read is given again. */
  function isDue(value: Buffer, offset: number): boolean {
    if (marker?.isNew(offset, value) && from === offset + 1) from = offset
    return offset >= from
  }

  function give(value: Buffer, offset: number, fields?: Fields, fault?: Fault): void {
    const position = { stream, offset }
    if (fault !== undefined) onRecord({ position, key: null, value, fault })
    else if (fields !== undefined) onRecord({ position, key: null, value, fields })
    else onRecord({ position, key: null, value })
  }

  function whole(value: Buffer, offset: number): void {
    const blank = isBlank(value)
    if (header && !blank) {
      header = false
      return
    }
    if (!isDue(value, offset)) return
    if (blank) give(value, offset, noFields)
    else if (places === undefined) give(value, offset)
    else give(value, offset, fieldsOf(value, layout!.separation!, places))
  }

  function fieldsOf(value: Buffer, separation: Separation, at: Places): Fields {
    const { delimiter, quoted } = separation
    const plain = delimiter !== 'blanks' && !(quoted && value.includes(quote))
    if (plain) return cutCells(value, delimiter, at)
    return pickCells(splitCells(value.toString('utf8'), separation), at)
  }

  function join(line: Line, open: boolean): void {
    joining.push(line)
    joiningBytes += line.bytes.length + 1
    if (!open) {
      const value = Buffer.concat(joining.flatMap(({ bytes }) => [bytes, newline])).subarray(0, -1)
      const offset = joining[0]!.number
      joining = []
      joiningBytes = 0
      whole(value, offset)
    } else if (joiningBytes > recordBytesMax || joining.length > joinedLinesMax) giveUpJoining()
  }

  /** The quote never closed: only the line it opened on is bad, and the others are read as if it were not there. */
  function giveUpJoining(): void {
    const [first, ...others] = joining
    joining = []
    joiningBytes = 0
    if (first === undefined) return
    const detail = 'a double quote opens and does not close'
    if (isDue(first.bytes, first.number)) {
      give(first.bytes, first.number, undefined, { reason: 'decode', detail })
    }
    for (const other of others) read(other)
  }

  function read({ bytes, number, overlong }: Held): void {
    if (overlong !== undefined) {
      giveUpJoining()
      const { length, sha256 } = overlong
      const detail = `${length} bytes, expected at most ${recordBytesMax}; SHA-256 ${sha256}`
      if (isDue(bytes, number)) give(bytes, number, undefined, { reason: 'too_large', detail })
      return
    }
    const { separation } = layout!
    const wasOpen = joining.length > 0
    if (separation?.quoted && (wasOpen || bytes.includes(quote))) {
      const open = endsInQuotes(bytes.toString('utf8'), separation, wasOpen)
      if (open || wasOpen) {
        join({ bytes, number }, open)
        return
      }
    }
    whole(bytes, number)
  }

  /** `last`: there is no more to judge by. */
  function decide(last: boolean): void {
    const lines = held.filter(({ overlong }) => overlong === undefined)
    if (lines.every(({ bytes }) => isBlank(bytes)) && !last) return
    const found = layoutOf(stream, lines, isStream, options)
    // More lines may yet make it clear.
    if (found.reading.refusal !== undefined && !last) return
    options.onLayout?.(found)
    refuse(found.reading, stream)
    layout = found
    const { cells } = found.reading
    header = cells?.hasHeader ?? false
    if (found.separation !== undefined && cells !== undefined) {
      places = ratingMin === 'any' ? { ...cells.index, rating: -1 } : cells.index
    }
    const first = held
    held = []
    heldBytes = 0
    for (const line of first) read(line)
  }

  return {
    values() {
      isStream = true
    },
    line(bytes, number, overlong) {
      if (layout !== undefined) return read({ bytes, number, overlong })
      held.push({ bytes, number, overlong })
      heldBytes += bytes.length
      if (held.length > sampleRecords || heldBytes > heldBytesMax) decide(true)
    },
    pause() {
      if (layout === undefined && held.length > 0) decide(false)
    },
    end() {
      if (layout === undefined && held.length > 0) decide(true)
      giveUpJoining()
    },
  }
}

const newline = Buffer.from('\n')
