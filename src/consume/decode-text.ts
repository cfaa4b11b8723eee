// Interactions out of JSON: one object a record, or an array of columns. What its fields mean, the mapping says. A text
// in which an id is a number too long for a number is read once more, with its long integers as texts.

import type { Decoded, SourceRecord } from '../types.ts'
import type { Mapping } from './mapping/compile.ts'
import { withLongIntegersAsText } from './mapping/json.ts'
import { inexact, typeName } from './mapping/row.ts'
import { dead } from './verdict.ts'

export function decodeJson(
  bytes: Buffer,
  record: SourceRecord,
  mapping: Mapping,
  latest: number,
): Decoded {
  const text = bytes.toString('utf8')
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    // The parser's message quotes the record.
    return dead('not_json', 'expected one JSON object, this is not JSON')
  }
  // An array of columns is read where the mapping names them by number.
  const isRow = Array.isArray(parsed) && mapping.byNumber
  if (typeof parsed !== 'object' || parsed === null || (Array.isArray(parsed) && !isRow)) {
    return dead('wrong_type', `expected a JSON object, got ${typeName(parsed)}`)
  }
  const decoded = mapping.map(parsed, record, latest)
  if (decoded !== inexact) return decoded
  return mapping.map(JSON.parse(withLongIntegersAsText(text)), record, latest)
}

const numeric = /^[+-]?\d{1,20}(\.\d{0,20})?$/
const isoDate = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/

/** Milliseconds out of a number, or of an ISO 8601 date (a time of day needs its zone); or NaN. */
export function parseTime(text: string, inSeconds: boolean): number {
  const digits = wholeNumber(text)
  const value = Number.isNaN(digits) && numeric.test(text) ? Number(text) : digits
  if (!Number.isNaN(value)) return Math.round(inSeconds ? value * 1000 : value) + 0
  return isoDate.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN
}

const zeroCode = 0x30

/** What nearly every line has, without a regular expression: up to 15 digits and nothing else. */
function wholeNumber(text: string): number {
  if (text.length === 0 || text.length > 15) return Number.NaN
  let value = 0
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - zeroCode
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}
