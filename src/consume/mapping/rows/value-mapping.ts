// The mapping of JSON and Avro values where columns are left open: our own names first, and where a record has them
// not, the usual names among its own fields. Each record is read by what it says itself; what was chosen is kept for
// the records to come.

import type { Decoded, SourceRecord } from '../../../types.ts'
import { LogicalTime } from '../../../wire/logical.ts'
import { dead } from '../../verdict.ts'
import { quotedName } from '../spec/names.ts'
import { defaultColumns, type Found, findColumns, openRoles } from '../spec/open.ts'
import type { MappingSpec } from '../spec/spec.ts'
import { implausible } from '../times/times.ts'
import { compileMapping, type Mapping } from './compile.ts'
import { stepsGetter } from './values.ts'

/** Mappings kept, by the columns they read. */
const mappingsMax = 100
/** Names told in a detail. */
const namesShownMax = 12
const nameCharsMax = 40

export function createValueMapping(spec: MappingSpec, idBytesMax: number): Mapping {
  const initial = compileMapping(spec, defaultColumns(spec), idBytesMax)
  if (openRoles(spec).length === 0) return initial
  const compiled = new Map<string, Mapping>()
  let current = initial
  // In the rows of a shape all names are to be looked at before the shape's own columns are.
  let chosen = spec.shape === undefined

  function compile({ columns }: Found): Mapping {
    const name = JSON.stringify(columns)
    const known = compiled.get(name)
    if (known !== undefined) return known
    const made = compileMapping(spec, columns, idBytesMax)
    if (compiled.size >= mappingsMax) compiled.clear()
    compiled.set(name, made)
    return made
  }

  function map(value: unknown, record: SourceRecord, latest: number): Decoded {
    const first = current.map(value, record, latest)
    if (chosen && !lacksField(first)) return first
    const fields = rowOf(spec, value)
    if (fields === undefined) return first
    const names = Object.keys(fields)
    const found = findColumns(spec, names, (role, index) =>
      suits(spec, role, fields[names[index]!]),
    )
    if (found.missing.length > 0) return lacksField(first) ? lacking(first, found, names) : first
    chosen = true
    current = compile(found)
    return current.map(value, record, latest)
  }

  return {
    get columns() {
      return current.columns
    },
    map,
    byNumber: initial.byNumber,
    row: (value, record) => current.row(value, record),
    user: (value, record) => current.user(value, record),
  }
}

function lacksField(decoded: Decoded): boolean {
  return decoded.kind === 'dead' && decoded.fault.reason === 'missing_field'
}

type Fields = Readonly<Record<string, unknown>>

/** The object whose fields are an event's. */
export function rowOf(spec: MappingSpec, value: unknown): Fields | undefined {
  for (const root of spec.shape?.roots ?? ['']) {
    const steps =
      root === '' ? [] : root.split('.').map((name) => ({ kind: 'name', name }) as const)
    const at = stepsGetter(steps)(value)
    if (typeof at === 'object' && at !== null && !Array.isArray(at)) return at as Fields
  }
  return undefined
}

/** Whether a value may be what a role needs: ids are texts and numbers, times are plausible. */
export function suits(spec: MappingSpec, role: string, value: unknown): boolean {
  if (role === 'timestamp') {
    const ms =
      typeof value === 'string'
        ? spec.times.ofText(value.trim())
        : typeof value === 'number' || typeof value === 'bigint'
          ? spec.times.ofNumber(Number(value))
          : value instanceof LogicalTime
            ? spec.times.ofNumber(value.value, value.unit)
            : Number.NaN
    return !Number.isNaN(ms) && ms !== implausible
  }
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}

function lacking(first: Decoded, found: Found, names: readonly string[]): Decoded {
  const detail = first.kind === 'dead' ? first.fault.detail : ''
  const shown = names.slice(0, namesShownMax).map((name) => name.slice(0, nameCharsMax))
  const more = names.length > shown.length ? ' …' : ''
  const flag = found.missing.map((role) => `${role}=…`).join(',')
  const there = shown.length === 0 ? 'no field' : shown.map(quotedName).join(', ') + more
  return dead('missing_field', `${detail}; there is ${there}; say which it is: --columns ${flag}`)
}
