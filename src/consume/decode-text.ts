// Interactions out of JSON: one object a record, or an array of columns. What its fields mean, the mapping says. A text
// in which an id is a number too long for a number is read once more, with its long integers as texts.

import type { Decoded, SourceRecord } from '../types.ts'
import type { Mapping } from './mapping/rows/compile.ts'
import { withLongIntegersAsText } from './mapping/rows/json.ts'
import { inexact, typeName } from './mapping/rows/row.ts'
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
