// What the fields of a record of the item feed mean, whatever form they came in. Details quote nothing of a record.

import type { Fault, ItemState } from '../../types.ts'
import { LogicalTime, latestMs } from '../../wire/logical.ts'
import { Moment, typeName } from '../mapping/rows/row.ts'
import { isAbsent } from '../mapping/rows/values.ts'
import { plainName } from '../mapping/spec/names.ts'
import { implausible, type Times } from '../mapping/times/times.ts'
import { idFault } from '../verdict.ts'
import type { ItemFields } from './item-columns.ts'

export interface ItemRules {
  readonly times: Times
  readonly idBytesMax: number
}

/** `gone`: the item may not be listed until the feed speaks of it again. */
export type ItemVerdict =
  | { readonly kind: 'state'; readonly state: ItemState }
  | { readonly kind: 'gone'; readonly item: string }
  | { readonly kind: 'refused'; readonly fault: Fault }

export function refused(reason: Fault['reason'], detail: string): ItemVerdict {
  return { kind: 'refused', fault: { reason, detail } }
}

/** An item that the feed says nothing of any more, by its key. */
export function judgeGone(key: unknown, { idBytesMax }: ItemRules): ItemVerdict {
  const item = itemOf(key, idBytesMax)
  return typeof item === 'string' ? { kind: 'gone', item } : item
}

export function judgeItem(fields: ItemFields, rules: ItemRules): ItemVerdict {
  const item = itemOf(fields.item, rules.idBytesMax)
  if (typeof item !== 'string') return item
  const { available, from, until } = fields
  if (isAbsent(available) && isAbsent(from) && isAbsent(until)) {
    return refused(
      'missing_field',
      'the record has none of available, from and until; name its fields: --item-columns available=…',
    )
  }
  const isAvailable = isAbsent(available) ? true : availability(available)
  if (isAvailable === undefined) {
    return refused(
      'wrong_type',
      `available is ${typeName(available)} that is neither yes nor no, expected true, false, a number in stock, ` +
        'or a word as in stock, out of stock',
    )
  }
  const bounds: { from?: number; until?: number } = {}
  for (const role of ['from', 'until'] as const) {
    if (isAbsent(fields[role])) continue
    const time = timeOf(role, fields[role], rules.times)
    if (typeof time === 'object') return time
    if (time !== undefined) bounds[role] = time
  }
  return { kind: 'state', state: { item, available: isAvailable, ...bounds } }
}

function itemOf(value: unknown, idBytesMax: number): string | ItemVerdict {
  const isNumber = typeof value === 'bigint' || Number.isSafeInteger(value)
  if (value === undefined || value === null) return refused('missing_field', 'no field is the item')
  if (typeof value !== 'string' && !isNumber) {
    return refused('wrong_type', `item is ${typeName(value)}, expected a string or a whole number`)
  }
  const id = String(value)
  const wrong = idFault('item', id, idBytesMax)
  return wrong === undefined ? id : refused('bad_id', wrong)
}

const yes = new Set(
  [
    ...['true', 'yes', 'y', 't', 'on', 'available', 'instock', 'active', 'enabled', 'published'],
    ...['preorder', 'presale', 'backorder', 'limitedavailability', 'onlineonly', 'instoreonly'],
  ].map(plainName),
)
const no = new Set(
  [
    ...['false', 'no', 'n', 'f', 'off', 'unavailable', 'outofstock', 'soldout', 'discontinued'],
    ...['inactive', 'disabled', 'unpublished', 'deleted', 'archived', 'draft'],
  ].map(plainName),
)

/** undefined: neither. A number is how many are in stock; a word may be one of schema.org, with its address. */
function availability(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (typeof value === 'bigint') return value > 0n
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value > 0
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  const stock = text === '' ? Number.NaN : Number(text)
  if (!Number.isNaN(stock)) return stock > 0
  const word = plainName(text.slice(text.lastIndexOf('/') + 1))
  if (yes.has(word)) return true
  return no.has(word) ? false : undefined
}

/** undefined: a time beyond 2100, which stands for none. */
function timeOf(role: string, value: unknown, times: Times): number | undefined | ItemVerdict {
  let ms: number
  if (typeof value === 'number') ms = times.ofNumber(value)
  else if (typeof value === 'bigint') ms = times.ofNumber(Number(value))
  else if (typeof value === 'string') ms = times.ofText(value.trim())
  else if (value instanceof LogicalTime) ms = times.ofNumber(value.value, value.unit)
  else if (value instanceof Moment) ms = value.ms
  else return refused('wrong_type', `${role} is ${typeName(value)}, expected a number or a date`)
  if (Number.isNaN(ms)) return refused('wrong_type', `${role} is neither a number nor a date`)
  if (ms !== implausible) return ms
  if (isBeyond(value)) return undefined
  return refused('bad_time', `${role} is no time since 1990; --time-unit names another unit`)
}

/** 9999-12-31 and its like. */
function isBeyond(value: unknown): boolean {
  const at = value instanceof LogicalTime ? value.value / value.unit.perMs : value
  if (typeof at === 'string') return Date.parse(at) >= latestMs
  return typeof at === 'number' && at >= latestMs
}
