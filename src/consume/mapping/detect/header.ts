// Whether the first row of a text file names its columns.

import { bareName, chooseByName } from '../spec/names.ts'
import type { MappingSpec } from '../spec/spec.ts'
import { isNumeric, isPlausible } from './profile.ts'

/** A name that is told stands in it, or two of the usual names do, or it has words where all others have numbers. */
export function hasHeader(rows: readonly (readonly string[])[], spec: MappingSpec): boolean {
  const [first, ...others] = rows
  if (first === undefined) return false
  const names = first.map((cell) => cell.trim())
  const told = Object.values(spec.told).flatMap(({ alternatives }) =>
    alternatives.flatMap((one) =>
      one.kind === 'field' && one.column === undefined ? [one.literal] : [],
    ),
  )
  if (told.length > 0) {
    const bare = names.map((name) => bareName(name).toLowerCase())
    if (told.some((name) => bare.includes(bareName(name).toLowerCase()))) return true
  }
  if (names.some((name) => isPlausible(name, spec) || isNumeric(name))) return false
  const { user, item, timestamp, rating } = chooseByName(names)
  // A single cell names no columns.
  if (names.length < 2) return false
  const known = [user, item, timestamp, rating].filter((index) => index !== undefined)
  if (known.length >= 2) return true
  return names.some((_, k) => {
    const cells = others.map((row) => row[k]?.trim() ?? '').filter((cell) => cell !== '')
    const values = cells.filter((cell) => isNumeric(cell) || isPlausible(cell, spec))
    return cells.length > 0 && values.length > cells.length / 2
  })
}
