// Interactions out of text: columns that a source has split, or one JSON object in the JSON form of
// schemas/interaction.avsc. Where the text says no action, it is ADD.

import type { Decoded } from '../types.ts'
import { dead, judge } from './verdict.ts'

type Columns = Readonly<Record<string, string>>

/**
 * Columns: `user`, `item`, `action`, and the time as `timestamp` in milliseconds or `timestamp_s` in
 * seconds. No column at all says that the line was blank.
 */
export function decodeColumns(fields: Columns, latest: number, idBytesMax: number): Decoded {
  const { user, item, timestamp, timestamp_s: seconds } = fields
  const time = timestamp ?? seconds
  if (user === undefined || item === undefined || time === undefined || time === '') {
    if (Object.keys(fields).length === 0) return { kind: 'skip', reason: 'blank' }
    const missing = user === undefined ? 'user' : item === undefined ? 'item' : 'timestamp'
    return dead('missing_field', `the column ${missing} is missing`)
  }
  const value = parseTime(time, timestamp === undefined)
  if (Number.isNaN(value)) return dead('wrong_type', 'timestamp is neither a number nor a date')
  return judge(user, item, value, fields.action || 'ADD', latest, idBytesMax)
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

export function decodeJson(bytes: Buffer, latest: number, idBytesMax: number): Decoded {
  let parsed: unknown
  try {
    parsed = JSON.parse(bytes.toString('utf8'))
  } catch {
    // The parser's message quotes the record.
    return dead('not_json', 'expected one JSON object, this is not JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return dead('wrong_type', `expected a JSON object, got ${typeName(parsed)}`)
  }
  const { user, item, timestamp, action = 'ADD' } = parsed as Readonly<Record<string, unknown>>
  if (user === undefined) return dead('missing_field', 'the field user is missing')
  if (item === undefined) return dead('missing_field', 'the field item is missing')
  if (timestamp === undefined) return dead('missing_field', 'the field timestamp is missing')
  if (typeof user !== 'string') return wrongType('user', 'a string', user)
  if (typeof item !== 'string') return wrongType('item', 'a string', item)
  if (typeof timestamp !== 'number') return wrongType('timestamp', 'a whole number', timestamp)
  if (typeof action !== 'string') return wrongType('action', 'ADD or REMOVE', action)
  if (!Number.isInteger(timestamp)) {
    return dead('wrong_type', 'timestamp is not a whole number of milliseconds')
  }
  return judge(user, item, timestamp + 0, action, latest, idBytesMax)
}

function wrongType(name: string, expected: string, value: unknown): Decoded {
  return dead('wrong_type', `${name} is ${typeName(value)}, expected ${expected}`)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
