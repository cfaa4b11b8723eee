// A mapping, compiled once into a function from one parsed record to what it means. A record without arrays takes the
// short way; where paths have «each», one row is made per element, and what stands outside of the array holds for all.

import type { Decoded, SourceRecord } from '../../../types.ts'
import { dead } from '../../verdict.ts'
import type { Alternative, Path } from '../spec/path.ts'
import { type Role, roles } from '../spec/shapes.ts'
import { type Columns, type MappingSpec, ofShape, pathOf } from '../spec/spec.ts'
import { type Plan, plansOf } from './plans.ts'
import { inexact, judgePlain, judgeRow, type Row, type RowRules } from './row.ts'
import { contextGetter, firstOf, type Get, isAbsent, stepsGetter, textOf } from './values.ts'

export interface Mapping {
  /** Where each role is read, as a person would write it. */
  readonly columns: Readonly<Partial<Record<Role, string>>>
  /**
   * What a parsed record means. `latest`: the newest believable time in ms. The result may be `inexact`.
   */
  map(value: unknown, record: SourceRecord, latest: number): Decoded
  /** Columns are told by number: a record may be an array of them. */
  readonly byNumber: boolean
  /** The values of a record's first row, as they came. */
  row(value: unknown, record: SourceRecord): Row
  /** The user alone, arrays passed over: for keys that are objects. */
  readonly user: Get
}

/** @param columns what is told or found, relative to the shape's rows. @throws Failure SETTINGS_INVALID */
export function compileMapping(spec: MappingSpec, columns: Columns, idBytesMax: number): Mapping {
  const paths: Partial<Record<Role, Path>> = {}
  for (const role of roles) {
    const path = pathOf(role, columns[role], spec.shape)
    if (path !== undefined) paths[role] = path
  }
  const plans = plansOf(paths)
  const judgedRemoval = matcher(spec.shape?.removal)
  const wanted = matcher(spec.shape?.only)
  const { elementsMax } = spec.settings
  const [first] = plans
  const otherwise = plans.find(({ chain }) => chain.length === 0) ?? first!
  const simple = plans.length === 1 && first!.chain.length === 0 ? first!.gets : undefined
  const rules = { spec, idBytesMax }
  const isPlain = simple !== undefined && isOurs(paths, spec) && spec.shape === undefined

  return {
    columns: Object.fromEntries(Object.entries(paths).map(([role, path]) => [role, path.text])),
    byNumber: Object.values(paths).some(({ alternatives }) =>
      alternatives.some((one) => one.kind === 'field' && one.column !== undefined),
    ),
    user: firstOf((paths.user?.alternatives ?? []).map(keyGetter)),
    row(value, record) {
      const plan = plans.find((one) => suits(one, value, record)) ?? otherwise
      return firstRow(plan, value, record)
    },
    map(value, record, latest) {
      const plain = isPlain ? judgePlain(value as Partial<Row> | null, rules, latest) : undefined
      if (plain !== undefined) return plain
      if (wanted !== undefined && wanted(value, record) === false) {
        return { kind: 'skip', reason: 'ignored_type', detail: 'another kind of event' }
      }
      const removed = judgedRemoval?.(value, record) === true
      if (simple !== undefined)
        return judgeRow(rowOf(simple, value, record), rules, latest, removed)
      const plan = plans.find((one) => suits(one, value, record)) ?? otherwise
      if (plan.chain.length === 0) {
        return judgeRow(rowOf(plan.gets, value, record), rules, latest, removed)
      }
      return explode(plan, value, record, { rules, latest, removed, elementsMax })
    },
  }
}

/** Our own names, read as they are, with ADD and REMOVE as they are. */
function isOurs(paths: Readonly<Partial<Record<Role, Path>>>, { actions, ratingMin }: MappingSpec) {
  return (
    ratingMin === Number.NEGATIVE_INFINITY &&
    actions.plain.ADD.kind === undefined &&
    (['user', 'item', 'timestamp', 'action'] as const).every((role) => {
      const [one, ...others] = paths[role]?.alternatives ?? []
      return others.length === 0 && one?.kind === 'field' && one.literal === role
    })
  )
}

function rowOf(gets: Readonly<Record<Role, Get>>, value: unknown, record: SourceRecord): Row {
  return {
    user: gets.user(value, record),
    item: gets.item(value, record),
    timestamp: gets.timestamp(value, record),
    action: gets.action(value, record),
    rating: gets.rating(value, record),
  }
}

function suits(plan: Plan, value: unknown, record: SourceRecord): boolean {
  const [array] = plan.chain
  if (array === undefined) return !isAbsent(plan.gets.item(value, record))
  const elements = array(value)
  return Array.isArray(elements) && elements.length > 0
}

function firstRow(plan: Plan, value: unknown, record: SourceRecord): Row {
  const row = emptyRow()
  let at = value
  for (let depth = 0; depth <= plan.chain.length; depth++) {
    for (const role of roles) {
      if (plan.depths[role] === depth) row[role] = plan.gets[role](at, record)
    }
    const elements = plan.chain[depth]?.(at)
    at = Array.isArray(elements) ? elements[0] : undefined
  }
  return row
}

function emptyRow(): Record<Role, unknown> {
  return {
    user: undefined,
    item: undefined,
    timestamp: undefined,
    action: undefined,
    rating: undefined,
  }
}

interface Exploding {
  readonly rules: RowRules
  readonly latest: number
  readonly removed: boolean
  readonly elementsMax: number
}

function explode(plan: Plan, value: unknown, record: SourceRecord, how: Exploding): Decoded {
  const { rules, latest, removed, elementsMax } = how
  const row = emptyRow()
  const verdicts: Decoded[] = []
  let count = 0
  let wrong: Decoded | undefined
  function visit(at: unknown, depth: number): void {
    for (const role of roles) {
      if (plan.depths[role] === depth) row[role] = plan.gets[role](at, record)
    }
    const inside = plan.chain[depth]
    if (inside === undefined) {
      if (++count <= elementsMax) verdicts.push(judgeRow(row, rules, latest, removed))
      return
    }
    const elements = inside(at)
    if (Array.isArray(elements)) for (const one of elements) visit(one, depth + 1)
    else if (elements !== undefined && elements !== null) {
      wrong = dead('wrong_type', 'what has [] behind it in --columns is not an array')
    }
  }
  visit(value, 0)
  if (count > elementsMax) {
    return dead('too_large', `${count} elements, expected at most ${elementsMax} (--elements-max)`)
  }
  return wrong ?? joined(verdicts)
}

/** One verdict of many: what is usable counts, and where nothing is, the first fault or else the first skip. */
function joined(verdicts: readonly Decoded[]): Decoded {
  if (verdicts.length === 0) return { kind: 'skip', reason: 'no_elements' }
  if (verdicts.includes(inexact)) return inexact
  const interactions = verdicts.flatMap((one) =>
    one.kind === 'interaction' ? [one.interaction] : [],
  )
  const at = verdicts.findIndex(({ kind }) => kind === 'dead')
  const failed = verdicts[at]
  if (failed?.kind !== 'dead') {
    return interactions.length === 0 ? verdicts[0]! : { kind: 'interactions', interactions }
  }
  const count = verdicts.filter(({ kind }) => kind === 'dead').length
  const { reason } = failed.fault
  const detail = `${count} of ${verdicts.length} elements, the first is ${at + 1}: ${failed.fault.detail}`
  const fault = { reason, detail }
  return interactions.length === 0
    ? { kind: 'dead', fault }
    : { kind: 'interactions', interactions, fault }
}

/** Whether a path of a shape has one of some values; undefined where it has none at all. */
function matcher(rule: { readonly path: string; readonly values: readonly string[] } | undefined) {
  if (rule === undefined) return undefined
  const gets = ofShape(rule.path).map(keyGetter)
  return (value: unknown, record: SourceRecord): boolean | undefined => {
    let found: boolean | undefined
    for (const get of gets) {
      const one = get(value, record)
      if (isAbsent(one)) continue
      if (rule.values.includes(textOf(one))) return true
      found = false
    }
    return found
  }
}

function keyGetter(one: Alternative): Get {
  if (one.kind !== 'field') return contextGetter(one)
  return stepsGetter(one.steps.filter(({ kind }) => kind !== 'each'))
}
