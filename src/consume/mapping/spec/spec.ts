// The settings of the mapping, read and checked once: paths, shape, actions, times. Which columns are still open is
// decided by the names and values that come.

import { Failure } from '../../../errors.ts'
import type { ShapeName, TimeUnit } from '../../../settings/mapping.ts'
import { createTimes, type Times } from '../times/times.ts'
import { type ActionRules, parseActions } from './actions.ts'
import { type Alternative, type Path, parsePath, splitOutside } from './path.ts'
import { type Role, roles, type Shape, shapes } from './shapes.ts'

/** As the settings have them. */
export interface MappingSettings {
  readonly columns: string
  readonly shape: 'none' | ShapeName
  readonly actions: string
  readonly measureActions: string
  readonly ratingMin: number | 'any'
  readonly timeUnit: TimeUnit
  readonly timeZone: string
  readonly timeFormat: string
  readonly elementsMax: number
  readonly sampleRecords: number
  readonly actionNamesMax: number
}

export const mappingDefaults: MappingSettings = {
  columns: '',
  shape: 'none',
  actions: '',
  measureActions: '',
  ratingMin: 'any',
  timeUnit: 'auto',
  timeZone: 'UTC',
  timeFormat: '',
  elementsMax: 1_000,
  sampleRecords: 500,
  actionNamesMax: 50,
}

export type Columns = Readonly<Partial<Record<Role, Path>>>

export interface MappingSpec {
  readonly settings: MappingSettings
  /** Told by --columns, as they are written. */
  readonly told: Columns
  readonly shapeName: 'none' | ShapeName
  readonly shape: Shape | undefined
  readonly actions: ActionRules
  readonly ratingMin: number
  readonly times: Times
}

/** @throws Failure SETTINGS_INVALID with every fault */
export function parseMapping(settings: MappingSettings = mappingDefaults): MappingSpec {
  const faults: string[] = []
  const told = parseColumns(settings.columns, faults)
  const shape = settings.shape === 'none' ? undefined : shapes[settings.shape]
  const inherited = shape?.actions ?? ''
  const actions = parseActions(settings.actions, inherited, settings.measureActions, faults)
  const times = createTimes(settings, faults)
  if (faults.length > 0) {
    throw new Failure('SETTINGS_INVALID', `settings refused:\n  ${faults.join('\n  ')}`)
  }
  return {
    ...{ settings, told, shapeName: settings.shape, shape, actions, times },
    ratingMin: settings.ratingMin === 'any' ? Number.NEGATIVE_INFINITY : settings.ratingMin,
  }
}

function parseColumns(text: string, faults: string[]): Columns {
  const columns: Partial<Record<Role, Path>> = {}
  if (text.trim() === '') return columns
  for (const pair of splitOutside(text, ',')) {
    const cut = pair.indexOf('=')
    const role = (cut < 0 ? pair : pair.slice(0, cut)).trim() as Role
    const path = cut < 0 ? 'has no =' : parsePath(pair.slice(cut + 1))
    if (!roles.includes(role)) {
      faults.push(
        `--columns: «${pair}» begins with none of ${roles.map((one) => `${one}=`).join(' ')}`,
      )
    } else if (typeof path === 'string') faults.push(`--columns: «${pair}» ${path}`)
    else if (columns[role] !== undefined) faults.push(`--columns: ${role}= is given twice`)
    else columns[role] = path
  }
  return columns
}

/** The path of a role out of what is told or found (relative to the shape's rows) and what the shape says itself. */
export function pathOf(
  role: Role,
  found: Path | undefined,
  shape: Shape | undefined,
): Path | undefined {
  const own = shape?.columns[role]
  const alternatives: Alternative[] = (found?.alternatives ?? []).flatMap((one) =>
    shape === undefined ? [one] : underRoots(one, shape.roots),
  )
  const behind = role === 'timestamp' || role === 'action'
  if (own !== undefined && (found === undefined || behind)) {
    alternatives.push(...ofShape(own))
  }
  if (alternatives.length === 0) return undefined
  return { text: found?.text ?? own ?? '', alternatives }
}

function underRoots(one: Alternative, roots: readonly string[]): Alternative[] {
  if (one.kind !== 'field' || one.absolute) return [one]
  return roots.map((root) => {
    const steps =
      root === '' ? [] : root.split('.').map((name) => ({ kind: 'name', name }) as const)
    return { ...one, steps: [...steps, ...one.steps] }
  })
}

/** @throws Error for a shape that is written wrongly */
export function ofShape(text: string): readonly Alternative[] {
  const path = parsePath(text)
  if (typeof path === 'string') throw new Error(`${text} ${path}`)
  return path.alternatives
}
