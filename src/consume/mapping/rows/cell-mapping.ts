// The mapping of lines that a source has split: texts by role. Blanks around a text do not count, and the words that
// tables write where nothing is are nothing.

import type { Decoded, SourceRecord } from '../../../types.ts'
import { dead } from '../../verdict.ts'
import { type Role, roles } from '../spec/shapes.ts'
import type { MappingSpec } from '../spec/spec.ts'
import { judgePlainText, judgeRow, type Row } from './row.ts'
import { contextGetter, firstOf, type Get } from './values.ts'

export type Fields = Readonly<Record<string, string>>

export interface CellMapping {
  map(fields: Fields, record: SourceRecord, latest: number): Decoded
}

const nothing = new Set(['NA', 'N/A', 'NaN', 'nan', 'NULL', 'null', 'None', '\\N', '<NA>'])

export function holdsNothing(text: string): boolean {
  return text === '' || (text.length <= 4 && nothing.has(text))
}

export function createCellMapping(spec: MappingSpec, idBytesMax: number): CellMapping {
  const beside = Object.fromEntries(
    roles.map((role) => {
      const told = spec.told[role]?.alternatives.filter((one) => one.kind !== 'field') ?? []
      return [role, told.length === 0 ? undefined : firstOf(told.map(contextGetter))]
    }),
  ) as Readonly<Record<Role, Get | undefined>>
  const rules = { spec, idBytesMax }
  const isPlain =
    spec.ratingMin === Number.NEGATIVE_INFINITY &&
    spec.actions.plain.ADD.kind === undefined &&
    roles.every((role) => beside[role] === undefined)

  return {
    map(fields, record, latest) {
      const { user, item, timestamp, action, rating } = fields
      if (isPlain && timestamp !== undefined) {
        const plain = judgePlainText(idText(user), idText(item), timestamp, action, rules, latest)
        if (plain !== undefined) return plain
      }
      const row: Row = {
        user: idText(user) ?? beside.user?.(undefined, record),
        item: idText(item) ?? beside.item?.(undefined, record),
        timestamp: filled(timestamp) ?? beside.timestamp?.(undefined, record),
        action: filled(action) ?? beside.action?.(undefined, record),
        rating: filled(rating),
      }
      if (row.user === undefined || row.item === undefined || row.timestamp === undefined) {
        if (isBlank(fields)) return { kind: 'skip', reason: 'blank' }
      }
      const verdict = judgeRow(row, rules, latest)
      if (verdict.kind !== 'dead' || verdict.fault.reason !== 'missing_field') return verdict
      const role = roles.find((one) => row[one] === undefined) ?? 'user'
      return dead('missing_field', `the column ${role} is missing or holds no value`)
    },
  }
}

function isBlank(fields: Fields): boolean {
  return Object.keys(fields).length === 0
}

/** An id keeps its emptiness: «empty» says more than «missing». */
function idText(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const plain = trimmed(text)
  return plain !== '' && holdsNothing(plain) ? undefined : plain
}

function filled(text: string | undefined): string | undefined {
  const plain = text === undefined ? '' : trimmed(text)
  return plain === '' ? undefined : plain
}

function trimmed(text: string): string {
  if (text.length === 0) return text
  return text.charCodeAt(0) <= 0x20 || text.charCodeAt(text.length - 1) <= 0x20 ? text.trim() : text
}
