// The key of a record as a value: text as it is, JSON where it is a JSON string or object, and the payload alone where
// Kafka Connect has wrapped it. A key that a schema describes has been decoded before and comes as `keyed`.

import type { SourceRecord } from '../../../types.ts'
import { parseExact } from './json.ts'

/** A record whose key has been decoded by its schema. */
interface KeyedRecord extends SourceRecord {
  readonly keyed: unknown
}

export function withKeyValue(record: SourceRecord, keyed: unknown): SourceRecord {
  const { position, key, value, timestamp, headers } = record
  const made: KeyedRecord = {
    ...{ position, key, value, keyed },
    ...(timestamp !== undefined && { timestamp }),
    ...(headers !== undefined && { headers }),
  }
  return made
}

export function keyValue(record: SourceRecord): unknown {
  if ('keyed' in record) return unwrapped((record as KeyedRecord).keyed)
  const { key } = record
  if (key === null) return undefined
  const first = key.trimStart()[0]
  if (first !== '"' && first !== '{') return key
  const parsed = parseExact(key)
  return parsed === undefined ? key : unwrapped(parsed)
}

/** Kafka Connect's {schema, payload} is its payload. */
function unwrapped(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'payload')) return value
  const names = Object.keys(value)
  if (names.some((name) => name !== 'schema' && name !== 'payload')) return value
  return (value as { readonly payload: unknown }).payload
}
