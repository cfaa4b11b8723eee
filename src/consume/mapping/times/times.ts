// What is a time and in which unit. A number is taken in the unit in which it is plausible: the seconds,
// milliseconds, microseconds and nanoseconds of 1990 … 2100 never overlap, so every row can be judged by itself
// and nothing hangs on which row came first. Where a unit is told, it is obeyed and anything after 1970 goes.

import type { TimeUnit } from '../../../settings/mapping.ts'
import { earliestMs, type LogicalUnit, latestMs } from '../../../wire/logical.ts'
import { type LocalOffset, parseIso } from './iso.ts'
import { createFormParser, createWordedParser, fromStrptime, offsetOf, zoneName } from './worded.ts'

export interface Times {
  /** Milliseconds since the epoch; NaN: no time at all; -Infinity: none that is plausible. */
  ofNumber(value: number, known?: LogicalUnit): number
  ofText(text: string): number
  /** What numbers are taken for and where times without a zone are, for people. */
  readonly zone: string
  readonly unit: TimeUnit
}

export const implausible = Number.NEGATIVE_INFINITY
const unitsPerMs = { s: 1 / 1000, ms: 1, us: 1000, ns: 1_000_000 } as const

export type NumberForm = keyof typeof unitsPerMs | 'date'

/** The one reading of a number that gives 1990 … 2100, or undefined. */
export function formOfNumber(value: number): NumberForm | undefined {
  if (value < earliestMs / 1000) return isDigits(value, 8) ? 'date' : undefined
  if (value < latestMs / 1000) return 's'
  if (value < earliestMs) return isDigits(value, 12) ? 'date' : undefined
  if (value < latestMs) return 'ms'
  if (value < earliestMs * 1000) return isDigits(value, 14) ? 'date' : undefined
  if (value < latestMs * 1000) return 'us'
  return value >= earliestMs * 1e6 && value < latestMs * 1e6 ? 'ns' : undefined
}

/** 20150602, 201506020507, 20150602050731. */
function isDigits(value: number, count: number): boolean {
  return (
    Number.isInteger(value) &&
    value >= 1990 * 10 ** (count - 4) &&
    value < 2100 * 10 ** (count - 4) &&
    !Number.isNaN(parseIso(String(value), noOffset))
  )
}

const noOffset = (): number => 0
const numeric = /^[+-]?\d{1,25}(?:\.\d{0,25})?(?:[eE][+-]?\d{1,3})?$/

export interface TimeSettings {
  readonly timeUnit: TimeUnit
  readonly timeZone: string
  readonly timeFormat: string
}

/** Faults of the settings are pushed as sentences. */
export function createTimes(settings: TimeSettings, faults: string[]): Times {
  const { timeUnit: unit, timeZone: zone, timeFormat } = settings
  const local = localOffset(zone, faults)
  const byForm = formParser(timeFormat, zone, faults)
  const worded = createWordedParser(zoneName(zone))

  // Past 1970 everything goes where a unit is told; the bound on the future is the decoder's.
  const from = unit === 'auto' ? earliestMs : 1
  function plausible(ms: number): number {
    if (Number.isNaN(ms)) return ms
    return ms >= from && (unit !== 'auto' || ms < latestMs) ? ms : implausible
  }

  function ofNumber(value: number, known?: LogicalUnit): number {
    if (!Number.isFinite(value)) return Number.NaN
    if (unit !== 'auto') return plausible(Math.round(value / unitsPerMs[unit]))
    if (known !== undefined) {
      const ms = Math.round(value / known.perMs)
      return plausible(known.local ? ms - local(ms) : ms)
    }
    const form = formOfNumber(value)
    if (form === undefined) return implausible
    return form === 'date' ? parseIso(String(value), local) : Math.round(value / unitsPerMs[form])
  }

  return {
    unit,
    zone,
    ofNumber(value, known) {
      if (byForm === undefined || known !== undefined) return ofNumber(value, known)
      return plausible(byForm(String(value)))
    },
    ofText(text) {
      if (byForm !== undefined) return plausible(byForm(text))
      const whole = wholeNumber(text)
      if (!Number.isNaN(whole)) return ofNumber(whole)
      if (numeric.test(text)) return ofNumber(Number(text))
      const iso = parseIso(text, local)
      return plausible(Number.isNaN(iso) ? worded(text) : iso)
    },
  }
}

/** Of a zone of summer and winter: the offset at the moment that the local time means. */
function localOffset(zone: string, faults: string[]): LocalOffset {
  if (/^(UTC|GMT|Z)$/i.test(zone)) return noOffset
  const at = offsetOf(zone)
  if (at === undefined) {
    faults.push(
      `--time-zone is «${zone}», expected UTC, an offset as +02:00, or a name as Europe/Berlin`,
    )
    return noOffset
  }
  return (localMs) => {
    const first = at(localMs)
    const second = at(localMs - first)
    return second === first ? first : at(localMs - second)
  }
}

function formParser(text: string, zone: string, faults: string[]) {
  if (text === '') return undefined
  const form = text.includes('%') ? fromStrptime(text) : text
  const parser = form === undefined ? undefined : createFormParser(form, zoneName(zone))
  if (parser !== undefined) return parser
  faults.push(`--time-format is «${text}», which has a letter that is not known`)
  return undefined
}

const zeroCode = 0x30

/** What nearly every line has, without a regular expression: up to 15 digits and nothing else. */
function wholeNumber(text: string): number {
  if (text.length === 0 || text.length > 15) return Number.NaN
  let value = 0
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - zeroCode
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}
