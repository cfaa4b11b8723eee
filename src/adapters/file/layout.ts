// Which column of a text line is what: told by the settings, by a header, or by what the first line
// looks like. Decided once per file, so the same file is always read the same way.

import { parseTime } from '../../consume/decode-text.ts'
import { Failure } from '../../errors.ts'

export const fileFormats = ['ndjson', 'tsv', 'csv', 'movielens'] as const
export type FileFormat = (typeof fileFormats)[number]
export type { TimeUnit } from '../../settings/mapping.ts'

/** Column indices from 0; `action` is −1 where there is none. */
export interface Columns {
  readonly user: number
  readonly item: number
  readonly timestamp: number
  readonly action: number
}

export interface Layout {
  readonly format: FileFormat
  readonly delimiter: string
  readonly columns: Columns
  /** The first line names the columns and is no event. */
  readonly hasHeader: boolean
}

type Role = keyof Columns
const aliases: Readonly<Record<Role, readonly string[]>> = {
  user: ['user', 'userid', 'uid', 'customer', 'customerid', 'reviewerid', 'visitorid'],
  item: ['item', 'itemid', 'movie', 'movieid', 'product', 'productid', 'asin', 'sku', 'contentid'],
  timestamp: ['timestamp', 'time', 'ts', 'date', 'datetime', 'eventtime', 'unixreviewtime'],
  action: ['action', 'event', 'eventtype'],
}
const roles = ['user', 'item', 'timestamp', 'action'] as const

export interface LayoutOptions {
  /** Default `auto`: by the name's ending, else by the first line. */
  readonly format?: FileFormat | 'auto'
  /** `user=uid,item=sku,timestamp=when,action=what`: names of the header, or numbers from 1. */
  readonly columns?: string
}

export function detectFormat(name: string, firstLine: string): FileFormat {
  if (firstLine.trimStart().startsWith('{')) return 'ndjson'
  const ending = /\.(\w+?)(\.gz)?$/.exec(name.toLowerCase())?.[1]
  if (ending === 'ndjson' || ending === 'jsonl') return 'ndjson'
  if (ending === 'tsv' || ending === 'csv') return ending
  if (firstLine.includes('::')) return 'movielens'
  if (firstLine.includes('\t')) return 'tsv'
  return firstLine.includes(',') ? 'csv' : 'ndjson'
}

/** @throws Failure SOURCE_UNREADABLE when columns cannot be told apart. */
export function layoutOf(name: string, firstLine: string, options: LayoutOptions): Layout {
  const { format: asked = 'auto' } = options
  const format = asked === 'auto' ? detectFormat(name, firstLine) : asked
  const delimiter = delimiterOf(format, firstLine)
  if (format === 'ndjson') return { format, delimiter, columns: positional, hasHeader: false }
  const cells = splitCells(firstLine, delimiter, format)
  if (options.columns) return { format, delimiter, ...chosen(name, options.columns, cells) }
  const named = byHeader(cells)
  if (named !== undefined) return { format, delimiter, columns: named, hasHeader: true }
  if (format === 'movielens') return { format, delimiter, columns: rated, hasHeader: false }
  if (looksRated(cells)) return { format, delimiter, columns: rated, hasHeader: false }
  if (format === 'csv' && !isTime(cells[2])) {
    const message =
      `${name}: expected columns named user, item and timestamp, found ${cells.length} columns ` +
      'of other names; say which they are, as in columns=user=uid,item=sku,timestamp=when'
    throw new Failure('SOURCE_UNREADABLE', message)
  }
  return { format, delimiter, columns: positional, hasHeader: false }
}

const positional: Columns = { user: 0, item: 1, timestamp: 2, action: -1 }
/** user, item, rating, time: how MovieLens publishes `ratings.dat` and `u.data`. */
const rated: Columns = { user: 0, item: 1, timestamp: 3, action: -1 }

function looksRated(cells: readonly string[]): boolean {
  const rating = Number(cells[2])
  return cells.length === 4 && rating >= 0 && rating <= 10 && parseTime(cells[3]!, false) > 1e8
}

function isTime(cell: string | undefined): boolean {
  return cell !== undefined && !Number.isNaN(parseTime(cell, false))
}

function byHeader(cells: readonly string[]): Columns | undefined {
  const names = cells.map((cell) => cell.toLowerCase().replaceAll(/[^a-z0-9]/g, ''))
  const found = roles.map((role) => names.findIndex((name) => aliases[role].includes(name)))
  const [user = -1, item = -1, timestamp = -1, action = -1] = found
  return user < 0 || item < 0 || timestamp < 0 ? undefined : { user, item, timestamp, action }
}

function chosen(
  name: string,
  text: string,
  cells: readonly string[],
): { columns: Columns; hasHeader: boolean } {
  const columns = { user: 0, item: 1, timestamp: 2, action: -1 }
  let hasHeader = false
  for (const pair of text.split(',')) {
    const [role = '', column = ''] = pair.split('=').map((part) => part.trim())
    const byNumber = /^[1-9]\d{0,3}$/.test(column)
    const index = byNumber ? Number(column) - 1 : cells.indexOf(column)
    if (!(roles as readonly string[]).includes(role) || index < 0) {
      const message = `${name}: «${pair}» names no column of the first line (role=name or role=number)`
      throw new Failure('SOURCE_UNREADABLE', message)
    }
    columns[role as Role] = index
    hasHeader ||= !byNumber
  }
  return { columns, hasHeader: hasHeader || byHeader(cells) !== undefined }
}

function delimiterOf(format: FileFormat, firstLine: string): string {
  if (format === 'movielens') return '::'
  if (format !== 'csv') return '\t'
  if (firstLine.includes(',')) return ','
  return firstLine.includes(';') ? ';' : firstLine.includes('\t') ? '\t' : ','
}

/** Cells of one line; in CSV a cell may stand in double quotes, and a doubled quote is one. */
export function splitCells(line: string, delimiter: string, format: FileFormat): string[] {
  if (format !== 'csv' || !line.includes('"')) return line.split(delimiter)
  const cells: string[] = []
  for (let at = 0; at <= line.length; ) {
    let cell = ''
    if (line[at] === '"') {
      const closed = /"((?:[^"]|"")*)"?/y
      closed.lastIndex = at
      const [whole = '', inner = ''] = closed.exec(line) ?? []
      cell = inner.replaceAll('""', '"')
      at += whole.length
    }
    const end = line.indexOf(delimiter, at)
    cells.push(cell + line.slice(at, end < 0 ? line.length : end))
    at = end < 0 ? line.length + 1 : end + delimiter.length
  }
  return cells
}
