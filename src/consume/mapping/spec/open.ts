// Which columns are still open once the settings have spoken, and what the names of a record's fields say of them.

import { bareName, chooseByName, quotedName } from './names.ts'
import { type Path, parsePath } from './path.ts'
import { type Role, roles } from './shapes.ts'
import type { Columns, MappingSpec } from './spec.ts'

export const neededRoles = ['user', 'item', 'timestamp'] as const

/** Roles that neither the settings nor the shape say. */
export function openRoles(spec: MappingSpec): Role[] {
  return roles.filter(
    (role) => spec.told[role] === undefined && !coveredBy(spec, role) && isOpen(spec, role),
  )
}

/** A shape of rows leaves user and item to the names in the rows, and says them itself where there are none. */
function coveredBy(spec: MappingSpec, role: Role): boolean {
  const { shape } = spec
  if (shape?.columns[role] === undefined) return false
  return shape.roots.length === 1 || (role === 'timestamp' && shape.timeInRows !== true)
}

/** Where the user told columns, a word for the action is looked for under its own name only. */
function isOpen(spec: MappingSpec, role: Role): boolean {
  return role !== 'rating' || spec.ratingMin > Number.NEGATIVE_INFINITY
}

export interface Found {
  readonly columns: Columns
  /** Of user, item and timestamp. */
  readonly missing: readonly Role[]
}

const exactNames = ['user', 'item', 'timestamp']

/**
 * The columns as told and found among names. An action is taken by another name than «action» only where all the
 * columns are found by their usual names: who tells columns, or has ours, tells the action too.
 */
export function findColumns(
  spec: MappingSpec,
  names: readonly string[],
  suits?: (role: Role, index: number) => boolean,
): Found {
  const columns: Partial<Record<Role, Path>> = { ...spec.told }
  const chosen = chooseByName(names, suits)
  const toldAny = Object.keys(spec.told).length > 0
  const ours = exactNames.every((name) => names.includes(name))
  for (const role of openRoles(spec)) {
    const exact = names.findIndex((name) => bareName(name) === role)
    const index = exact >= 0 && suits?.(role, exact) !== false ? exact : chosen[role]
    if (index === undefined) continue
    if (role === 'action' && (toldAny || ours) && index !== exact) continue
    columns[role] = parsePath(quotedName(names[index]!)) as Path
  }
  const missing = neededRoles.filter(
    (role) => columns[role] === undefined && spec.shape?.columns[role] === undefined,
  )
  return { columns, missing }
}

const defaults: Columns = Object.fromEntries(
  roles.map((role) => [role, parsePath(role) as Path]),
) as Columns

/** The columns as told, and our own names for those that are open. */
export function defaultColumns(spec: MappingSpec): Columns {
  const open = openRoles(spec).map((role) => [role, defaults[role]])
  return { ...Object.fromEntries(open), ...spec.told }
}
