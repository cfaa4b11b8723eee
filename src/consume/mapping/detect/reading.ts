// How a source is read, decided and told before anything is believed: which columns and why, in which unit, two events
// as they are read, and what is odd. Or why it is refused: what was found, what may be what, and the flag to paste.

import { Failure } from '../../../errors.ts'
import type { Decoded, Interaction } from '../../../types.ts'
import { effectGuess, type Row } from '../rows/row.ts'
import { textOf } from '../rows/values.ts'
import { type Role, roles } from '../spec/shapes.ts'
import type { MappingSpec } from '../spec/spec.ts'
import { namesNoZone } from '../times/iso.ts'
import { formOfNumber, type NumberForm } from '../times/times.ts'

export interface Refusal {
  /** What was found, in sentences without the name of the source. */
  readonly message: string
  readonly candidates: Readonly<Partial<Record<Role, readonly string[]>>>
  /** To be pasted; '' where there is nothing to say. */
  readonly flag: string
}

export interface Reading {
  readonly columns: Readonly<Partial<Record<Role, string>>>
  /** Of text files: whether the first row names the columns, and where each role stands (from 0; -1: nowhere). */
  readonly cells?: { readonly hasHeader: boolean; readonly index: Readonly<Record<Role, number>> }
  /** Of most times. `mixed`: of less than 19 in 20 the same; each row is read by itself. */
  readonly unit: NumberForm | 'text' | 'mixed' | 'none'
  readonly why: readonly string[]
  readonly warnings: readonly string[]
  readonly samples: readonly Interaction[]
  readonly actions: Readonly<Record<string, number>>
  readonly counts: {
    readonly read: number
    readonly usable: number
    readonly dead: Readonly<Record<string, number>>
    readonly skipped: Readonly<Record<string, number>>
  }
  readonly refusal?: Refusal
}

/** One record of a sample: what came, and what it is taken for. */
export interface Sampled {
  readonly row: Row
  readonly decoded: Decoded
}

const samplesMax = 5

/** What a sample says, without the choice of columns. */
export function summarize(sampled: readonly Sampled[], spec: MappingSpec) {
  const counts = { read: sampled.length, usable: 0, dead: {}, skipped: {} }
  const samples: Interaction[] = []
  const actions: Record<string, number> = {}
  for (const { row, decoded } of sampled) {
    if (decoded.kind === 'dead') add(counts.dead, decoded.fault.reason)
    else if (decoded.kind === 'skip') add(counts.skipped, decoded.reason)
    else counts.usable++
    const name = textOf(row.action) || 'none'
    if (Object.keys(actions).length < spec.settings.actionNamesMax || name in actions) {
      add(actions, name.slice(0, 64))
    }
    const events =
      decoded.kind === 'interaction'
        ? [decoded.interaction]
        : decoded.kind === 'interactions'
          ? decoded.interactions
          : []
    samples.push(...events.slice(0, Math.max(0, samplesMax - samples.length)))
  }
  const unit = unitOf(sampled)
  const warnings = [
    ...timeWarnings(sampled, unit, spec),
    ...ratingWarnings(sampled, spec),
    ...actionWarnings(sampled),
    ...idWarnings(sampled),
  ]
  return { counts, samples, actions, unit, warnings }
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}

const numeric = /^[+-]?[\d.]+(?:[eE][+-]?\d+)?$/

function formOf(time: unknown): NumberForm | 'text' | undefined {
  if (typeof time === 'number' || typeof time === 'bigint') return formOfNumber(Number(time))
  if (typeof time !== 'string' || time.trim() === '') return undefined
  return numeric.test(time.trim()) ? formOfNumber(Number(time)) : 'text'
}

/** The share of times that the unit must have to be the unit. */
const unitShare = 0.95

function unitOf(sampled: readonly Sampled[]): Reading['unit'] {
  const forms = new Map<NumberForm | 'text', number>()
  for (const { row } of sampled) {
    const form = formOf(row.timestamp)
    if (form !== undefined) forms.set(form, (forms.get(form) ?? 0) + 1)
  }
  const [most] = [...forms].sort((a, b) => b[1] - a[1])
  if (most === undefined) return 'none'
  const all = [...forms.values()].reduce((sum, one) => sum + one, 0)
  return most[1] >= unitShare * all ? most[0] : 'mixed'
}

function timeWarnings(
  sampled: readonly Sampled[],
  unit: Reading['unit'],
  { times }: MappingSpec,
): string[] {
  const warnings: string[] = []
  if (unit === 'mixed' && times.unit === 'auto') {
    warnings.push(
      'times are in several units: each row is read by the size of its number; --time-unit names one for all',
    )
  }
  const zoneless = sampled.some(
    ({ row: { timestamp } }) => typeof timestamp === 'string' && namesNoZone(timestamp.trim()),
  )
  if (zoneless && unit === 'text') {
    warnings.push(`times have no zone and are read as ${times.zone}; --time-zone names another`)
  }
  return warnings
}

function ratingWarnings(sampled: readonly Sampled[], spec: MappingSpec): string[] {
  if (spec.ratingMin > Number.NEGATIVE_INFINITY) return []
  const ratings = sampled
    .map(({ row }) => Number(textOf(row.rating) || Number.NaN))
    .filter(Number.isFinite)
  if (ratings.length === 0) return []
  const [low, high] = [Math.min(...ratings), Math.max(...ratings)]
  if (low === high) return []
  const flag = `--rating-min ${Math.round(low + 0.7 * (high - low))}`
  return [`ratings from ${low} to ${high} all count as liked; ${flag} leaves lower ones out`]
}

function actionWarnings(sampled: readonly Sampled[]): string[] {
  const unmapped = new Map<string, number>()
  for (const { row, decoded } of sampled) {
    const isUnmapped =
      (decoded.kind === 'skip' && decoded.reason === 'ignored_type' && row.action !== undefined) ||
      (decoded.kind === 'dead' && decoded.fault.reason === 'bad_action')
    if (!isUnmapped) continue
    const name = textOf(row.action).slice(0, 64)
    unmapped.set(name, (unmapped.get(name) ?? 0) + 1)
  }
  if (unmapped.size === 0) return []
  const most = [...unmapped].sort((a, b) => b[1] - a[1]).slice(0, 8)
  const counted = most.map(([name, count]) => `${count} "${name}"`).join(', ')
  return [
    `actions without a rule: ${counted}; say which of them count: ${actionsFlag(most.map(([name]) => name))}`,
  ]
}

/** `--actions 'purchase=add,view=skip,*=skip'`: what such names usually mean, to be corrected and pasted. */
export function actionsFlag(names: readonly string[]): string {
  const effects = names.map((name) => (isView(name) ? 'skip' : effectGuess(name)))
  const onlyViews = !effects.includes('add')
  const rules = names.map((name, k) => {
    const effect = onlyViews && isView(name) ? 'add' : effects[k]
    return `${name}=${effect}`
  })
  return `--actions '${[...rules, '*=skip'].join(',')}'`
}

function isView(name: string): boolean {
  return /view|click|impression|visit|seen|detail|search|^pv$/i.test(name)
}

/** Amazon's ids are made so that they can be told apart. */
const asin = /^(?:B[0-9A-Z]{9}|\d{9}[\dX])$/
const reviewer = /^A[0-9A-Z]{10,30}$/

function idWarnings(sampled: readonly Sampled[]): string[] {
  return looksSwapped(sampled.map(({ row }) => [row.user, row.item]))
    ? ['the users look like items and the items like users: look at the sample']
    : []
}

export function looksSwapped(pairs: readonly (readonly [unknown, unknown])[]): boolean {
  const swapped = pairs.filter(
    ([user, item]) => asin.test(textOf(user)) && reviewer.test(textOf(item)),
  )
  return pairs.length > 0 && swapped.length > 0.8 * pairs.length
}

/** Lines for people: what is read as what, and why. */
export function describe(reading: Reading): string[] {
  const columns = roles.flatMap((role) => {
    const path = reading.columns[role]
    return path === undefined ? [] : [`${role}=${path}`]
  })
  if (columns.length === 0) return ['no field of an event was found']
  return [`columns ${columns.join(',')}; times: ${unitNames[reading.unit]}`, ...reading.why]
}

const unitNames: Readonly<Record<Reading['unit'], string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  date: 'dates written as numbers',
  text: 'dates',
  mixed: 'of several units',
  none: 'none came',
}

/** @throws Failure SOURCE_UNUSABLE where the reading is refused */
export function refuse(reading: Reading, name: string): void {
  if (reading.refusal === undefined) return
  const { message, flag } = reading.refusal
  throw new Failure('SOURCE_UNUSABLE', `${name}: ${message}${adviceOf(flag)}`)
}

/** What ends the sentence of a refusal. */
export function adviceOf(flag: string): string {
  return flag === '' ? '' : `; if this is right, give: ${flag}`
}
