// Whom a record without a value asks to forget: its key, read as the values are.

import type { Decoded, SourceRecord } from '../types.ts'
import type { Mapping } from './mapping/rows/compile.ts'
import { keyValue } from './mapping/rows/keys.ts'
import { candidates } from './mapping/spec/names.ts'
import type { MappingSpec } from './mapping/spec/spec.ts'
import { dead, forget } from './verdict.ts'

/** The key as it came may be JSON or Avro: a text, a number, or an object one of whose fields is the user. */
export function decodeForget(
  record: SourceRecord,
  spec: MappingSpec,
  mapping: Mapping,
  idBytesMax: number,
): Decoded {
  // The row of a table is gone; the change that took it away came before.
  if (spec.shape?.tombstones === true) return { kind: 'skip', reason: 'tombstone' }
  const key = keyValue(record)
  if (typeof key !== 'object' || key === null) return byText(key, idBytesMax)
  const user = userOf(key, record, mapping)
  if (user !== undefined) return byText(user, idBytesMax)
  const names = Object.keys(key).slice(0, 10).join(', ')
  return dead(
    'bad_id',
    `the key is an object of which no field is the user: ${names.slice(0, 100)}`,
  )
}

function byText(key: unknown, idBytesMax: number): Decoded {
  if (typeof key === 'string') return forget(key, idBytesMax)
  if (key === undefined || key === null) return forget(null, idBytesMax)
  if (typeof key === 'bigint' || Number.isSafeInteger(key)) return forget(String(key), idBytesMax)
  return dead('bad_id', 'the key is neither a text nor a whole number')
}

/** By the mapping's own path, by the usual names, or the only field there is. */
function userOf(key: object, record: SourceRecord, mapping: Mapping): unknown {
  const told = mapping.user(key, record)
  if (told !== undefined && told !== null && typeof told !== 'object') return told
  const names = Object.keys(key)
  const [named] = candidates('user', names)
  const name = named === undefined && names.length === 1 ? names[0] : names[named ?? -1]
  const value = name === undefined ? undefined : (key as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'object' ? undefined : value
}
