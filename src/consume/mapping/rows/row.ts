// From the values of one row (user, item, time, action, rating) to what it means: every rule on what a value may be,
// whatever form it came in. Details quote nothing of a record but the name of an action.

import type { Decoded, Fault } from '../../../types.ts'
import { LogicalTime } from '../../../wire/logical.ts'
import { dead, judge } from '../../verdict.ts'
import { type Rule, ruleFor } from '../spec/actions.ts'
import type { MappingSpec } from '../spec/spec.ts'
import { implausible } from '../times/times.ts'

/** What a decoder does with rows of one mapping. `latest`: the newest believable time in ms. */
export interface Row {
  readonly user: unknown
  readonly item: unknown
  readonly timestamp: unknown
  readonly action: unknown
  readonly rating: unknown
}

export interface RowRules {
  readonly spec: MappingSpec
  readonly idBytesMax: number
}

/**
 * An id that a JSON number cannot hold exactly: the text has to be read again, with its long integers
 * as texts. Returned as it is, never copied.
 */
export const inexact: Decoded = dead('unsafe_long', 'an id beyond 2^53 is not exact as a number')

/**
 * The short way of rows that are as our own schema has them, without a row being made: texts for ids, a number or an
 * Avro time, ADD or REMOVE. undefined: anything else, which judgeRow() has a word for.
 */
export function judgePlain(
  value: Partial<Row> | null,
  { spec, idBytesMax }: RowRules,
  latest: number,
): Decoded | undefined {
  if (value === null) return undefined
  const { user, item, timestamp, action = 'ADD' } = value
  if (typeof user !== 'string' || typeof item !== 'string') return undefined
  if (action !== 'ADD' && action !== 'REMOVE') return undefined
  let ms: number
  if (typeof timestamp === 'number') ms = spec.times.ofNumber(timestamp)
  else if (timestamp instanceof LogicalTime) {
    ms = spec.times.ofNumber(timestamp.value, timestamp.unit)
  } else return undefined
  return ms > 0 ? judge(user, item, ms, action, latest, idBytesMax) : undefined
}

/** As judgePlain(), of cells: the time is a text, and an action may be none. */
export function judgePlainText(
  user: string | undefined,
  item: string | undefined,
  timestamp: string,
  action: string | undefined,
  { spec, idBytesMax }: RowRules,
  latest: number,
): Decoded | undefined {
  if (user === undefined || item === undefined) return undefined
  const effect = action === undefined || action === '' ? 'ADD' : action
  if (effect !== 'ADD' && effect !== 'REMOVE') return undefined
  const ms = spec.times.ofText(timestamp.trim())
  return ms > 0 ? judge(user, item, ms, effect, latest, idBytesMax) : undefined
}

/** @param removed the record takes the item away, whatever its action */
export function judgeRow(row: Row, rules: RowRules, latest: number, removed = false): Decoded {
  const { spec } = rules
  const rule = removed ? spec.actions.plain.REMOVE : ruleOfValue(row.action, spec)
  if (!('effect' in rule)) return rule
  const { effect } = rule
  if (effect === 'SKIP')
    return { kind: 'skip', reason: 'skipped_action', detail: named(row.action) }
  if (effect === 'ADD' && spec.ratingMin > Number.NEGATIVE_INFINITY) {
    const low = ratingVerdict(row.rating, spec.ratingMin)
    if (low !== undefined) return low
  }
  const user = typeof row.user === 'string' ? row.user : idOf('user', row.user, spec)
  if (typeof user !== 'string') return user
  const item = typeof row.item === 'string' ? row.item : idOf('item', row.item, spec)
  if (typeof item !== 'string') return item
  const time = timeOf(row.timestamp, spec)
  if (typeof time !== 'number') return time
  return judge(user, item, time, effect, latest, rules.idBytesMax, rule.kind)
}

function idOf(role: 'user' | 'item', value: unknown, spec: MappingSpec): string | Decoded {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return String(value)
    if (Number.isInteger(value)) return inexact
    return dead('wrong_type', `${role} is a number that is not whole, expected an id`)
  }
  if (typeof value === 'bigint') return value.toString()
  if (value === undefined) return missing(role, spec)
  if (isText(value)) return value.toString('utf8')
  return dead('wrong_type', `${role} is ${typeName(value)}, expected a string or a whole number`)
}

function missing(role: 'user' | 'item' | 'timestamp', { told }: MappingSpec): Decoded {
  const path = told[role]?.text ?? role
  const what = path === role ? `the field ${role}` : `${path}, which --columns names for ${role},`
  return dead('missing_field', `${what} is missing`)
}

function isText(value: unknown): value is Buffer {
  return value instanceof Buffer
}

function timeOf(value: unknown, spec: MappingSpec): number | Decoded {
  const { times } = spec
  let ms: number
  if (typeof value === 'number') ms = times.ofNumber(value)
  else if (typeof value === 'string') ms = times.ofText(value.trim())
  else if (typeof value === 'bigint') ms = times.ofNumber(Number(value))
  else if (value instanceof LogicalTime) ms = times.ofNumber(value.value, value.unit)
  else if (value instanceof Moment) ms = value.ms
  else if (value === undefined) return missing('timestamp', spec)
  else return dead('wrong_type', `timestamp is ${typeName(value)}, expected a number or a date`)
  if (ms === implausible) {
    const flag = times.unit === 'auto' ? '; --time-unit names another unit' : ''
    return dead('bad_time', `timestamp is no time since ${sinceOf(times.unit)}${flag}`)
  }
  if (Number.isNaN(ms)) {
    return dead(
      'wrong_type',
      'timestamp is neither a number nor a date; --time-format names its form',
    )
  }
  return ms
}

/** A time that is known as it is: the broker's, or the place in the input. */
export class Moment {
  readonly ms: number
  constructor(ms: number) {
    this.ms = ms
  }
}

function sinceOf(unit: string): string {
  return unit === 'auto' ? '1990 in any unit' : `1970 in ${unit}`
}

function ratingVerdict(value: unknown, ratingMin: number): Decoded | undefined {
  const rating = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof rating === 'number' && !Number.isNaN(rating)) {
    return rating < ratingMin ? { kind: 'skip', reason: 'low_rating' } : undefined
  }
  if (typeof rating === 'bigint') {
    return rating < ratingMin ? { kind: 'skip', reason: 'low_rating' } : undefined
  }
  return value === undefined || value === null || value === ''
    ? dead('missing_field', 'the field rating is missing, which --rating-min needs')
    : dead('wrong_type', `rating is ${typeName(value)}, expected a number`)
}

function ruleOfValue(value: unknown, spec: MappingSpec): Rule | Decoded {
  if (value === undefined || value === null) return spec.actions.plain.ADD
  if (typeof value === 'object') {
    return dead('wrong_type', `action is ${typeName(value)}, expected the name of an action`)
  }
  const name = typeof value === 'string' ? value : String(value)
  return ruleFor(spec.actions, name) ?? unmapped(name, typeof value, spec)
}

const word = /^[A-Za-z][A-Za-z0-9_.:-]{0,63}$/
const words = /^[\p{L}\p{N}][\p{L}\p{N} _.:/&+-]{0,63}$/u

/** A word that is not mapped is another kind of event and passed over; anything else is a mistake. */
function unmapped(name: string, type: string, spec: MappingSpec): Decoded {
  const misspelt = /^(add|remove)$/i.test(name)
  const known = spec.actions.named.size > 0 ? words : word
  if (!misspelt && type === 'string' && known.test(name) && !/^\d+$/.test(name)) {
    return { kind: 'skip', reason: 'ignored_type', detail: named(name) }
  }
  const what = words.test(name)
    ? `action "${name}" is not mapped`
    : 'action is no name of an action'
  return dead(
    'bad_action',
    `${what}: expected ADD or REMOVE, or say what it does: ${flagFor(name)}`,
  )
}

/** The flag that maps an action, to be pasted. */
function flagFor(name: string): string {
  return `--actions '${words.test(name) ? name : 'NAME'}=${effectGuess(name)}'`
}

/** What a name usually means: for advice, never for reading. */
export function effectGuess(name: string): 'add' | 'remove' | 'skip' {
  if (/^(0|false)$/i.test(name)) return 'skip'
  return /remove|unlike|dislike|delete|refund|cancel/i.test(name) ? 'remove' : 'add'
}

function named(action: unknown): string {
  const name = String(action)
  return words.test(name) ? `action "${name}"` : 'an action'
}

export function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

export function faultOf(decoded: Decoded): Fault | undefined {
  return decoded.kind === 'dead' ? decoded.fault : undefined
}
