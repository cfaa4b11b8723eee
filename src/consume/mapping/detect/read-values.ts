// How the first records of JSON or Avro are to be read.

import type { SourceRecord } from '../../../types.ts'
import { inexact, type Row } from '../rows/row.ts'
import { createValueMapping, rowOf, suits } from '../rows/value-mapping.ts'
import { candidates, quotedName } from '../spec/names.ts'
import { neededRoles, openRoles } from '../spec/open.ts'
import { type Role, roles } from '../spec/shapes.ts'
import type { MappingSpec } from '../spec/spec.ts'
import { type Reading, type Refusal, type Sampled, summarize } from './reading.ts'

export interface SampleValue {
  readonly value: unknown
  readonly record: SourceRecord
}

/** Fields within fields that are looked at for candidates. */
const nestedMax = 4
const pathsMax = 200
/** Records that are looked at for a known shape: the first may be of a kind without items. */
const shapeSampleMax = 100

/** @param latest the newest believable time in ms */
export function readValues(
  values: readonly SampleValue[],
  spec: MappingSpec,
  latest: number,
  idBytesMax = 256,
): Reading {
  const mapping = createValueMapping(spec, idBytesMax)
  const sampled: Sampled[] = values.map(({ value, record }) => {
    const decoded = mapping.map(value, record, latest)
    const row = rated(mapping.row(value, record), value, spec)
    if (decoded !== inexact) return { row, decoded }
    const exact = { ...row, user: textOf(row.user), item: textOf(row.item) }
    return { row: exact, decoded: { kind: 'skip', reason: 'blank' } as const }
  })
  const summary = summarize(sampled, spec)
  const columns = seenColumns(mapping.columns, sampled, spec)
  const why = whyOf(spec, columns)
  const refusal = refusalOf(values, spec, sampled)
  return { columns, why, ...summary, ...(refusal && { refusal }) }
}

/** With the rating that a record has under a usual name: nobody needs it, but somebody may want to know. */
function rated(row: Row, value: unknown, spec: MappingSpec): Row {
  if (row.rating !== undefined) return row
  const fields = rowOf(spec, value) ?? {}
  const names = Object.keys(fields)
  const [index] = candidates('rating', names)
  return index === undefined ? row : { ...row, rating: fields[names[index]!] }
}

/** Without the columns that nobody told and no record has: an action is not needed. */
function seenColumns(
  columns: Reading['columns'],
  sampled: readonly Sampled[],
  spec: MappingSpec,
): Reading['columns'] {
  const told = Object.entries(columns).filter(
    ([role]) =>
      spec.told[role as Role] !== undefined ||
      sampled.some(({ row }) => row[role as Role] !== undefined),
  )
  return Object.fromEntries(told)
}

function textOf(value: unknown): unknown {
  return typeof value === 'number' ? String(value) : value
}

function whyOf(spec: MappingSpec, columns: Reading['columns']): string[] {
  return roles.flatMap((role) => {
    const path = columns[role]
    if (path === undefined) return []
    if (spec.told[role] !== undefined) return [`${role} is ${path}: as given`]
    const open = openRoles(spec).includes(role)
    return open
      ? [`${role} is ${path}: by its name`]
      : [`${role} is ${path}: shape ${spec.shapeName}`]
  })
}

function refusalOf(
  values: readonly SampleValue[],
  spec: MappingSpec,
  sampled: readonly Sampled[],
): Refusal | undefined {
  const faults = sampled.flatMap(({ decoded }) => (decoded.kind === 'dead' ? [decoded.fault] : []))
  const usable = sampled.filter(({ decoded }) => decoded.kind.startsWith('interaction')).length
  const why = faults.filter(({ reason }) => unreadable.includes(reason))
  if (why.length <= usable) return undefined
  const [first] = values
  const paths = first === undefined ? [] : scalarPaths(first.value)
  const names = paths.map(([path]) => path)
  // A record of a topic has a time of its own, a line of a file has its place.
  const otherTime = first?.record.timestamp === undefined ? '@line' : '@timestamp'
  const guesses = guess(spec, paths, otherTime)
  const found = roles.filter((role) => sampled.some(({ row }) => row[role] !== undefined))
  const flag = flagOf(spec, values, guesses, found)
  // The flag that is proposed stands for what the fault of one record asks for, and the fields are named once.
  const [fault] = why[0]!.detail.split('; there is ')
  const message =
    `${why.length} of ${values.length} records cannot be read as events: ${fault}; ` +
    `there is ${names.slice(0, 20).join(', ')}`
  return { message, candidates: candidatesOf(spec, paths), flag }
}

const unreadable = ['missing_field', 'bad_time', 'wrong_type']

type ScalarPath = readonly [path: string, value: unknown]

/** Paths to texts and numbers, arrays by their first element. */
function scalarPaths(value: unknown): ScalarPath[] {
  const found: ScalarPath[] = []
  function visit(at: unknown, path: string, depth: number): void {
    if (found.length >= pathsMax || depth > nestedMax) return
    if (Array.isArray(at)) visit(at[0], `${path}[]`, depth)
    else if (typeof at === 'object' && at !== null) {
      for (const [name, inner] of Object.entries(at)) {
        visit(inner, path === '' ? quotedName(name) : `${path}.${quotedName(name)}`, depth + 1)
      }
    } else if (path !== '') found.push([path, at])
  }
  visit(value, '', 0)
  return found
}

function lastName(path: string): string {
  return path.replaceAll('[]', '').split('.').at(-1)!
}

function candidatesOf(spec: MappingSpec, paths: readonly ScalarPath[]): Refusal['candidates'] {
  const names = paths.map(([path]) => lastName(path))
  return Object.fromEntries(
    neededRoles.map((role) => {
      const byName = candidates(role, names).map((index) => paths[index]![0])
      if (role !== 'timestamp') return [role, byName]
      const byValue = paths.filter(([, value]) => suits(spec, role, value)).map(([path]) => path)
      return [role, [...new Set([...byName.filter((path) => byValue.includes(path)), ...byValue])]]
    }),
  )
}

function guess(
  spec: MappingSpec,
  paths: readonly ScalarPath[],
  otherTime: string,
): Partial<Record<Role, string>> {
  const found = candidatesOf(spec, paths)
  const ids = paths.filter(([, value]) => suits(spec, 'item', value)).map(([path]) => path)
  const timestamp = found.timestamp?.[0] ?? otherTime
  const user = found.user?.[0] ?? ids.find((path) => path !== timestamp)
  const item =
    found.item?.find((path) => path !== user) ??
    ids.find((path) => path !== user && path !== timestamp && /id$/i.test(path)) ??
    ids.find((path) => path !== user && path !== timestamp)
  return { ...(user && { user }), ...(item && { item }), timestamp }
}

function flagOf(
  spec: MappingSpec,
  values: readonly SampleValue[],
  guesses: Partial<Record<Role, string>>,
  found: readonly Role[],
): string {
  const shapes = values.slice(0, shapeSampleMax).map(({ value }) => shapeOf(value))
  const shape = shapes.find((one) => one !== undefined)
  if (shape !== undefined && spec.shapeName === 'none') return `--shape ${shape}`
  const told = neededRoles.map((role) => {
    // What was told and is in no record is a mistake: it is not proposed again.
    const path = found.includes(role) ? spec.told[role]?.text : undefined
    return `${role}=${path ?? guesses[role] ?? '…'}`
  })
  return `--columns '${told.join(',')}'`
}

/** A shape that the record has by its looks. */
function shapeOf(value: unknown): string | undefined {
  const has = (at: unknown, ...names: string[]): boolean =>
    typeof at === 'object' && at !== null && names.every((name) => Object.hasOwn(at, name))
  if (has(value, 'specversion', 'type', 'source')) return 'cloudevents'
  if (has(value, 'op', 'after') || has(rowOfPayload(value), 'op', 'after')) return 'debezium'
  if (has(value, 'schema', 'payload')) return 'connect'
  if (has(value, 'event_name', 'event_timestamp')) return 'ga4'
  if (has(value, 'type', 'event', 'properties')) return 'segment'
  if (has(value, 'collector_tstamp')) return 'snowplow'
  if (has(value, 'session', 'events')) return 'otto'
  return undefined
}

function rowOfPayload(value: unknown): unknown {
  return typeof value === 'object' && value !== null
    ? (value as { readonly payload?: unknown }).payload
    : undefined
}
