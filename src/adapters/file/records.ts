// Lines of one file to records: columns cut out of the bytes, CSV lines with an open quote joined,
// blank and overlong lines marked. The offset of a record is the number of its (first) line, from 0.
// Does not judge what is in a column; that is decoding.

import { parseTime } from '../../consume/decode-text.ts'
import type { Fault, SourceRecord } from '../../types.ts'
import type { TimeUnit } from './layout.ts'
import { type Columns, type Layout, type LayoutOptions, layoutOf, splitCells } from './layout.ts'
import type { Overlong } from './lines.ts'

export interface RecordOptions extends LayoutOptions {
  readonly stream: string
  /** Records before this offset are read but not given. */
  readonly from: number
  readonly recordBytesMax: number
  /** Of time columns. `auto`: the first time of the file decides; below 10^11 it is in seconds. */
  readonly timeUnit: TimeUnit
  readonly onRecord: (record: SourceRecord) => void
}

export interface RecordMaker {
  line(bytes: Buffer, number: number, overlong?: Overlong): void
  /** The file has ended. */
  end(): void
}

/** 10^11 s is the year 5138, 10^11 ms is March 1973. */
const secondsBelow = 1e11
const quote = 0x22
/** Lines that one CSV record may stretch over. */
const joinedLinesMax = 1_000

type Fields = Readonly<Record<string, string>>
const noFields: Fields = Object.freeze({})

export function createRecordMaker(options: RecordOptions): RecordMaker {
  const { stream, from, recordBytesMax, onRecord } = options
  let layout: Layout | undefined
  let inSeconds: boolean | undefined =
    options.timeUnit === 'auto' ? undefined : options.timeUnit === 's'
  /** Lines of a CSV record whose quote has not closed. */
  let joining: { readonly bytes: Buffer; readonly number: number }[] = []
  let joiningBytes = 0

  function give(value: Buffer, offset: number, fields?: Fields, fault?: Fault): void {
    if (offset < from) return
    const position = { stream, offset }
    if (fault !== undefined) onRecord({ position, key: null, value, fault })
    else if (fields !== undefined) onRecord({ position, key: null, value, fields })
    else onRecord({ position, key: null, value })
  }

  function whole(value: Buffer, offset: number): void {
    const blank = isBlank(value)
    if (layout === undefined && !blank) {
      layout = layoutOf(stream, value.toString('utf8'), options)
      if (layout.hasHeader) return
    }
    if (blank || layout === undefined) give(value, offset, noFields)
    else if (layout.format === 'ndjson') give(value, offset)
    else columns(value, offset, layout)
  }

  function columns(value: Buffer, offset: number, { format, delimiter, columns }: Layout): void {
    // Lines that were done before are read only until the unit of time is known.
    if (offset < from && inSeconds !== undefined) return
    const cells =
      format === 'csv' && value.includes(quote)
        ? pick(quotedCells(value, delimiter), columns)
        : cut(value, delimiter, columns)
    if (inSeconds === undefined && cells.timestamp !== undefined) {
      const time = parseTime(cells.timestamp, false)
      if (!Number.isNaN(time)) inSeconds = /^\d/.test(cells.timestamp) && time < secondsBelow
    }
    give(value, offset, named(cells, inSeconds ?? false))
  }

  function join(bytes: Buffer, number: number): void {
    joining.push({ bytes, number })
    joiningBytes += bytes.length + 1
    const closes = hasOddQuotes(bytes) && joining.length > 1
    if (closes) {
      const value = Buffer.concat(joining.flatMap((part) => [part.bytes, newline])).subarray(0, -1)
      const offset = joining[0]!.number
      joining = []
      joiningBytes = 0
      whole(value, offset)
    } else if (joiningBytes > recordBytesMax || joining.length > joinedLinesMax) giveUpJoining()
  }

  /** The quote never closed: only the line it opened on is bad. The others have no odd quotes. */
  function giveUpJoining(): void {
    const [first, ...others] = joining
    joining = []
    joiningBytes = 0
    if (first === undefined) return
    const detail = 'a double quote opens and does not close'
    give(first.bytes, first.number, undefined, { reason: 'decode', detail })
    for (const other of others) whole(other.bytes, other.number)
  }

  return {
    line(bytes, number, overlong) {
      if (overlong !== undefined) {
        giveUpJoining()
        const { length, sha256 } = overlong
        const detail = `${length} bytes, expected at most ${recordBytesMax}; SHA-256 ${sha256}`
        give(bytes, number, undefined, { reason: 'too_large', detail })
        return
      }
      const isCsv = layout === undefined ? options.format === 'csv' : layout.format === 'csv'
      if (joining.length > 0 || (isCsv && hasOddQuotes(bytes))) join(bytes, number)
      else whole(bytes, number)
    },
    end: giveUpJoining,
  }
}

const newline = Buffer.from('\n')

interface Cells {
  user: string | undefined
  item: string | undefined
  timestamp: string | undefined
  action: string | undefined
}

/** The wanted columns straight out of the bytes: a slice of a long line's text would keep it alive. */
function cut(line: Buffer, delimiter: string, columns: Columns): Cells {
  const cells: Cells = { user: undefined, item: undefined, timestamp: undefined, action: undefined }
  const { user, item, timestamp, action } = columns
  const last = Math.max(user, item, timestamp, action)
  const code = delimiter.charCodeAt(0)
  const width = delimiter.length
  const { length } = line
  let start = 0
  for (let column = 0; column <= last && start <= length; column++) {
    let end = start
    while (end < length && (line[end] !== code || (width === 2 && line[end + 1] !== code))) end++
    if (column === user) cells.user = line.toString('utf8', start, end)
    else if (column === item) cells.item = line.toString('utf8', start, end)
    else if (column === timestamp) cells.timestamp = line.toString('utf8', start, end)
    else if (column === action) cells.action = line.toString('utf8', start, end)
    start = end + width
  }
  return cells
}

function quotedCells(line: Buffer, delimiter: string): string[] {
  return splitCells(line.toString('utf8'), delimiter, 'csv')
}

function pick(cells: readonly string[], columns: Columns): Cells {
  return {
    user: owned(cells[columns.user]),
    item: owned(cells[columns.item]),
    timestamp: cells[columns.timestamp],
    action: cells[columns.action],
  }
}

/** A copy that does not keep the line alive that it was cut from. */
function owned(cell: string | undefined): string | undefined {
  return cell === undefined ? undefined : Buffer.from(cell).toString('utf8')
}

function named(cells: Cells, inSeconds: boolean): Fields {
  const { user, item, timestamp, action } = cells
  if (user !== undefined && item !== undefined && timestamp !== undefined && action === undefined) {
    return inSeconds ? { user, item, timestamp_s: timestamp } : { user, item, timestamp }
  }
  const fields: Record<string, string> = {}
  // A line that is not blank has a first column, so that there is always a column to name.
  fields.user = user ?? ''
  if (item !== undefined) fields.item = item
  if (timestamp !== undefined) fields[inSeconds ? 'timestamp_s' : 'timestamp'] = timestamp
  if (action !== undefined) fields.action = action
  return fields
}

function isBlank(line: Buffer): boolean {
  for (const byte of line) {
    if (byte !== 0x20 && byte !== 0x09) return false
  }
  return true
}

function hasOddQuotes(line: Buffer): boolean {
  let odd = false
  for (let at = line.indexOf(quote); at >= 0; at = line.indexOf(quote, at + 1)) odd = !odd
  return odd
}
