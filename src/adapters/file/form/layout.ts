// How the records of one file are read, decided by its first lines: JSON or cells, whether a header names them, and
// where each role stands; or why that is not clear.

import { readCells } from '../../../consume/mapping/detect/read-cells.ts'
import { readValues } from '../../../consume/mapping/detect/read-values.ts'
import type { Reading } from '../../../consume/mapping/detect/reading.ts'
import type { MappingSpec } from '../../../consume/mapping/spec/spec.ts'
import type { SourceRecord } from '../../../types.ts'
import { endsInQuotes, type Separation, splitCells } from './cells.ts'
import { type FileFormat, type Form, formOf } from './form.ts'
import { isBlank } from './lines.ts'

/** Of a line, in a message. */
const shownChars = 60

/** A line as it was cut. */
export interface Line {
  readonly bytes: Buffer
  readonly number: number
}

export interface LayoutOptions {
  readonly format: FileFormat | 'auto'
  readonly spec: MappingSpec
  /** The newest believable time in ms. */
  readonly latestMs: () => number
  readonly idBytesMax: number
}

export interface Layout {
  readonly format: FileFormat | 'none'
  readonly reading: Reading
  /** Of cells; undefined: JSON. */
  readonly separation?: Separation
}

export function layoutOf(
  stream: string,
  lines: readonly Line[],
  isStream: boolean,
  options: LayoutOptions,
): Layout {
  const filled = lines.filter(({ bytes }) => !isBlank(bytes))
  const texts = filled.map(({ bytes }) => bytes.toString('utf8'))
  const form: Form = isStream ? { kind: 'json' } : formOf(texts, options.format, stream)
  const latest = options.latestMs()
  if (form.kind === 'json') {
    const values = filled.flatMap((line, k) => sampleOf(stream, line, texts[k]!))
    const reading = readValues(values, options.spec, latest, options.idBytesMax)
    return { format: isStream ? 'json' : 'ndjson', reading }
  }
  if (form.kind === 'none') return { format: 'none', reading: formless(texts) }
  const { separation, format } = form
  const rows = rowsOf(texts, separation)
  const reading = readCells(rows, options.spec, latest, options.idBytesMax)
  return { format, separation, reading: withCharset(reading, texts) }
}

function formless(lines: readonly string[]): Reading {
  const message =
    'its lines are neither JSON nor cells between tabs, commas, semicolons, bars, :: or blanks: ' +
    `«${lines[0]!.slice(0, shownChars)}»`
  return {
    ...{ columns: {}, unit: 'none', why: [], warnings: [], samples: [], actions: {} },
    counts: { read: lines.length, usable: 0, dead: {}, skipped: {} },
    refusal: { message, candidates: {}, flag: '--format' },
  }
}

function sampleOf(stream: string, { bytes, number }: Line, text: string) {
  const record: SourceRecord = { position: { stream, offset: number }, key: null, value: bytes }
  try {
    return [{ value: JSON.parse(text) as unknown, record }]
  } catch (cause) {
    // What is no JSON becomes a dead letter; here it says nothing.
    if (cause instanceof SyntaxError) return []
    throw cause
  }
}

function rowsOf(lines: readonly string[], separation: Separation): string[][] {
  const rows: string[][] = []
  let joined = ''
  let open = false
  for (const line of lines) {
    joined = open ? `${joined}\n${line}` : line
    open = endsInQuotes(line, separation, open)
    if (!open) rows.push(splitCells(joined, separation))
  }
  return rows
}

/** U+FFFD stands where bytes are no UTF-8. */
function withCharset(reading: Reading, texts: readonly string[]): Reading {
  const strange = texts.filter((text) => text.includes('\ufffd')).length
  if (strange === 0) return reading
  const warning = `${strange} of the first ${texts.length} lines are not UTF-8; --encoding latin1 reads Latin-1`
  return { ...reading, warnings: [...reading.warnings, warning] }
}
