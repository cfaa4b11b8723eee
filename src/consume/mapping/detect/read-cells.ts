// How a text file's first rows are to be read: told by the settings, else by the names of a header, else, without one,
// in the two orders that are usual (user, item, time and user, item, rating, time) where the values bear that out.

import type { SourceRecord } from '../../../types.ts'
import { createCellMapping } from '../rows/cell-mapping.ts'
import type { Row } from '../rows/row.ts'
import { bareName, candidates, quotedName } from '../spec/names.ts'
import { findColumns } from '../spec/open.ts'
import { type Role, roles } from '../spec/shapes.ts'
import type { MappingSpec } from '../spec/spec.ts'
import { byPlace } from './by-place.ts'
import { refusalOfCells } from './cell-refusal.ts'
import { hasHeader } from './header.ts'
import { isFilled, isPlausible, isTimes, profileOf } from './profile.ts'
import { type Reading, type Sampled, summarize } from './reading.ts'
import { type Decision, type Index, nowhere, type Rows, type Table } from './table.ts'

/**
 * @param rows the cells of the first lines, a header among them
 * @param latest the newest believable time in ms
 */
export function readCells(
  rows: Rows,
  spec: MappingSpec,
  latest: number,
  idBytesMax = 256,
): Reading {
  const filled = rows.filter((row) => row.some((cell) => cell.trim() !== ''))
  const header = hasHeader(filled, spec)
  const names = header ? filled[0]!.map((name) => name.trim()) : undefined
  const data = header ? filled.slice(1) : filled
  const width = Math.max(0, ...filled.map((row) => row.length))
  const profiles = Array.from({ length: width }, (_, k) =>
    profileOf(
      data.map((row) => row[k]),
      spec,
    ),
  )
  const table = { names, data, profiles, spec }
  const decision = names === undefined ? byPlace(table) : byNames(table, names)
  const checked = decision.fault === undefined ? checkTimes(table, decision) : decision
  const sampled = sample(data, checked.index, spec, latest, idBytesMax)
  const refusal = checked.fault === undefined ? undefined : refusalOfCells(table, checked)
  return {
    columns: columnsOf(checked.index, names, spec),
    cells: { hasHeader: header, index: checked.index },
    why: checked.why,
    ...summarize(sampled, spec),
    ...(refusal && { refusal }),
  }
}

function byNames(table: Table, names: readonly string[]): Decision {
  const { spec, profiles, data } = table
  const found = findColumns(spec, names, (role, k) =>
    role === 'timestamp' ? isTimes(profiles[k]) : isFilled(profiles[k], data.length),
  )
  const index = { ...nowhere }
  const why: string[] = []
  for (const role of roles) {
    const path = found.columns[role]
    const told = spec.told[role]
    if (path === undefined) continue
    const places = path.alternatives.map((one) =>
      one.kind !== 'field'
        ? -1
        : one.column !== undefined
          ? one.column - 1
          : placeOf(names, one.literal),
    )
    index[role] = places.find((place) => place >= 0) ?? -1
    const beside = path.alternatives.some(({ kind }) => kind !== 'field')
    if (index[role] < 0 && !beside) {
      return { index, why, fault: `no column is called ${path.text}` }
    }
    why.push(`${role} is ${path.text}: ${told === undefined ? 'by its name' : 'as given'}`)
  }
  const rated = candidates('rating', names)[0]
  if (index.rating < 0 && rated !== undefined) index.rating = rated
  const missing = found.missing.filter((role) => spec.told[role] === undefined)
  if (missing.length === 0) return { index, why }
  return { index, why, fault: `no column has a name like ${missing.map(meaning).join(' or ')}` }
}

function meaning(role: Role): string {
  return role === 'timestamp' ? 'a time' : role === 'user' ? 'a user' : 'an item'
}

function placeOf(names: readonly string[], name: string): number {
  const exact = names.indexOf(name)
  if (exact >= 0) return exact
  const bare = names.findIndex((one) => bareName(one) === bareName(name))
  return bare >= 0 ? bare : names.findIndex((one) => one.toLowerCase() === name.toLowerCase())
}

/** A column that is to be the time holds times, whoever says so: unless the unit is told, too. */
function checkTimes({ profiles, spec, data, names }: Table, decision: Decision): Decision {
  const at = decision.index.timestamp
  const profile = profiles[at]
  if (at < 0 || profile === undefined || profile.filled === 0 || isTimes(profile)) return decision
  const seen = data
    .map((row) => row[at]?.trim() ?? '')
    .find((cell) => cell !== '' && !isPlausible(cell, spec))
  const name = names?.[at] ?? `${at + 1}`
  const fault = `column ${name} holds no times since 1990: «${(seen ?? '').slice(0, 40)}»`
  return { ...decision, fault }
}

function sample(
  data: Rows,
  index: Index,
  spec: MappingSpec,
  latest: number,
  idBytesMax: number,
): Sampled[] {
  const mapping = createCellMapping(spec, idBytesMax)
  return data.map((cells, offset) => {
    const fields: Record<string, string> = {}
    for (const role of roles) {
      const cell = cells[index[role]]
      if (index[role] >= 0 && cell !== undefined) fields[role] = cell
    }
    const record: SourceRecord = {
      position: { stream: '', offset },
      key: null,
      value: null,
      fields,
    }
    const { user, item, timestamp, action, rating } = fields
    const row: Row = { user, item, timestamp, action, rating }
    return { row, decoded: mapping.map(fields, record, latest) }
  })
}

function columnsOf(
  index: Index,
  names: readonly string[] | undefined,
  spec: MappingSpec,
): Partial<Record<Role, string>> {
  const columns: Partial<Record<Role, string>> = {}
  for (const role of roles) {
    const at = index[role]
    if (at >= 0) columns[role] = names?.[at] ? quotedName(names[at]) : String(at + 1)
    else if (spec.told[role] !== undefined) columns[role] = spec.told[role].text
  }
  return columns
}
