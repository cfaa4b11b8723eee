// Which field of a record of the item feed means what: told by --item-columns, else by the usual names.

import { Failure } from '../../errors.ts'
import type { SourceRecord } from '../../types.ts'
import { keyValue } from '../mapping/rows/keys.ts'
import { contextGetter, firstOf, type Get, isAbsent, stepsGetter } from '../mapping/rows/values.ts'
import { candidates, plainName } from '../mapping/spec/names.ts'
import { type Path, parsePath, splitOutside } from '../mapping/spec/path.ts'

export const itemRoles = ['item', 'available', 'from', 'until'] as const
export type ItemRole = (typeof itemRoles)[number]

/** The values of a record, as they came; undefined where it has none. */
export type ItemFields = Readonly<Record<ItemRole, unknown>>

/** The likeliest first. Case, blanks, dashes and underscores do not count. */
const usual: Readonly<Record<Exclude<ItemRole, 'item'>, readonly string[]>> = {
  available: words(
    'available availability isavailable instock isinstock listable active isactive enabled stock ' +
      'stocklevel stockquantity quantity inventory inventoryquantity',
  ),
  from: words('from availablefrom availabilitydate validfrom startsat'),
  until: words(
    'until availableuntil availableto validuntil validto expirationdate expiresat endsat',
  ),
}

function words(text: string): readonly string[] {
  return text.split(' ')
}

/** Reads the fields of a record out of its value and key. @throws Failure SETTINGS_INVALID with every fault */
export function itemFieldsReader(
  text: string,
): (value: unknown, record: SourceRecord) => ItemFields {
  const told = toldGetters(text)
  const read = (role: ItemRole, value: unknown, record: SourceRecord): unknown => {
    const get = told.get(role)
    if (get !== undefined) return get(value, record)
    return role === 'item' ? usualItem(value, record) : usualField(role, value)
  }
  return (value, record) => ({
    item: read('item', value, record),
    available: read('available', value, record),
    from: read('from', value, record),
    until: read('until', value, record),
  })
}

function toldGetters(text: string): ReadonlyMap<ItemRole, Get> {
  const getters = new Map<ItemRole, Get>()
  if (text.trim() === '') return getters
  const faults: string[] = []
  for (const pair of splitOutside(text, ',')) {
    const cut = pair.indexOf('=')
    const role = (cut < 0 ? pair : pair.slice(0, cut)).trim() as ItemRole
    const path = cut < 0 ? 'has no =' : parsePath(pair.slice(cut + 1))
    if (!itemRoles.includes(role)) {
      faults.push(`«${pair}» begins with none of ${itemRoles.map((one) => `${one}=`).join(' ')}`)
    } else if (typeof path === 'string') faults.push(`«${pair}» ${path}`)
    else if (hasEach(path)) faults.push(`«${pair}» has [], and a record is about one item`)
    else if (getters.has(role)) faults.push(`${role}= is given twice`)
    else getters.set(role, getterOf(path))
  }
  if (faults.length === 0) return getters
  const lines = faults.map((fault) => `--item-columns: ${fault}`)
  throw new Failure('SETTINGS_INVALID', `settings refused:\n  ${lines.join('\n  ')}`)
}

function hasEach({ alternatives }: Path): boolean {
  return alternatives.some((one) => 'steps' in one && one.steps.some(({ kind }) => kind === 'each'))
}

function getterOf({ alternatives }: Path): Get {
  return firstOf(
    alternatives.map((one) => (one.kind === 'field' ? stepsGetter(one.steps) : contextGetter(one))),
  )
}

type Fields = Readonly<Record<string, unknown>>

function usualItem(value: unknown, record: SourceRecord): unknown {
  const names = namesOf(value)
  const [named] = candidates('item', names)
  const name = named === undefined ? names.find((one) => plainName(one) === 'id') : names[named]
  const found = name === undefined ? undefined : (value as Fields)[name]
  return isAbsent(found) ? keyOf(record) : found
}

/** The key as a text or number; of a key that is an object the field that is the item, or the only one. */
export function keyOf(record: SourceRecord): unknown {
  const key = keyValue(record)
  if (typeof key !== 'object' || key === null) return key
  const names = namesOf(key)
  const [named] = candidates('item', names)
  const name = named === undefined && names.length === 1 ? names[0] : names[named ?? -1]
  return name === undefined ? undefined : (key as Fields)[name]
}

function usualField(role: Exclude<ItemRole, 'item'>, value: unknown): unknown {
  const names = namesOf(value)
  const plain = names.map(plainName)
  for (const one of usual[role]) {
    const at = plain.indexOf(one)
    if (at >= 0 && !isAbsent((value as Fields)[names[at]!])) return (value as Fields)[names[at]!]
  }
  return undefined
}

function namesOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.keys(value)
    : []
}
