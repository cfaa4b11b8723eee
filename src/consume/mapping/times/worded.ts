// Dates with names of months, and dates in a form that the settings name: read by luxon, which is loaded when the first
// of them comes, for most streams have none. A form that has matched is tried first from then on.

import { createRequire } from 'node:module'
import type { DateTimeOptions } from 'luxon'

type Luxon = typeof import('luxon')

let loaded: Luxon | undefined

function luxon(): Luxon {
  loaded ??= createRequire(import.meta.url)('luxon') as Luxon
  return loaded
}

/** Twitter and Unix `date`, ctime, RFC 2822 and HTTP, web server logs, JavaScript's own. English names. */
const knownForms = [
  'EEE MMM d HH:mm:ss ZZZ yyyy',
  'EEE, d MMM yyyy HH:mm:ss ZZZ',
  'EEE MMM d HH:mm:ss yyyy',
  'MMM d HH:mm:ss ZZZ yyyy',
  'd MMM yyyy HH:mm:ss ZZZ',
  'd/MMM/yyyy:HH:mm:ss ZZZ',
  "EEE MMM d yyyy HH:mm:ss 'GMT'ZZZ",
  'EEE MMM d HH:mm:ss z yyyy',
  'EEE, d MMM yyyy HH:mm:ss',
  'MMM d HH:mm:ss yyyy',
  'MMM d, yyyy h:mm:ss a',
  'MMM d, yyyy HH:mm:ss',
  'd MMM yyyy HH:mm:ss',
  'd MMM yyyy',
  'MMM d, yyyy',
] as const

/** Zones that mail writes as letters; `z` of a form wants a name of the IANA. */
const letters = /\b(?:GMT|UTC|UT|Z)$/
/** Every form has a month and a year: most texts that are no dates lack them, and need not be tried. */
const month = /\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b/i
const year = /\d{4}/

/** Milliseconds since the epoch, or NaN. */
export type ParseWorded = (text: string) => number

/** @param zone for texts that name none */
export function createWordedParser(zone: string): ParseWorded {
  let forms: ParseWorded[] | undefined
  return (text) => {
    if (text.length > 64 || !month.test(text) || !year.test(text)) return Number.NaN
    const plain = text
      .replace(/\s*\([^)]*\)$/, '')
      .replace(letters, '+0000')
      .replace(/\b(\d{2}:\d{2}:\d{2}) (?:UTC|GMT) (\d{4})$/, '$1 +0000 $2')
      .replace(/\s+/g, ' ')
    forms ??= knownForms.map((form) => createFormParser(form, zone))
    for (const [at, parse] of forms.entries()) {
      const ms = parse(plain)
      if (Number.isNaN(ms)) continue
      if (at > 0) forms.unshift(...forms.splice(at, 1))
      return ms
    }
    return Number.NaN
  }
}

/** A parser of one form, in luxon's letters. */
export function createFormParser(form: string, zone: string): ParseWorded {
  const { DateTime } = luxon()
  const options: DateTimeOptions = { zone, locale: 'en-US' }
  const parser = DateTime.buildFormatParser(form, options)
  return (text) => DateTime.fromFormatParser(text, parser, options).toMillis()
}

const strptime: Readonly<Record<string, string>> = {
  Y: 'yyyy',
  y: 'yy',
  m: 'M',
  d: 'd',
  e: 'd',
  H: 'H',
  k: 'H',
  I: 'h',
  l: 'h',
  M: 'm',
  S: 's',
  f: 'u',
  p: 'a',
  b: 'MMM',
  h: 'MMM',
  B: 'MMMM',
  a: 'EEE',
  A: 'EEEE',
  j: 'o',
  z: 'ZZZ',
  Z: 'z',
  T: 'H:m:s',
  F: 'yyyy-M-d',
  '%': "'%'",
}

/** A form in the letters of strptime (`%d.%m.%Y`) in luxon's; undefined: a letter that is not known. */
export function fromStrptime(form: string): string | undefined {
  let known = true
  const translated = form.replaceAll(/%(.)|([A-Za-z]+)/g, (_, letter?: string, word?: string) => {
    if (letter === undefined) return `'${word}'`
    known &&= strptime[letter] !== undefined
    return strptime[letter] ?? ''
  })
  return known ? translated : undefined
}

/** Milliseconds that a zone is ahead of UTC at a moment; undefined: no zone of this name. */
export function offsetOf(zone: string): ((ms: number) => number) | undefined {
  const { FixedOffsetZone, IANAZone } = luxon()
  const fixed = /^(?:UTC)?[+-]\d/.test(zone) ? FixedOffsetZone.parseSpecifier(withUtc(zone)) : null
  if (fixed !== null) return (ms) => fixed.offset(ms) * 60_000
  if (!IANAZone.isValidZone(zone)) return undefined
  const named = IANAZone.create(zone)
  return (ms) => named.offset(ms) * 60_000
}

/** luxon's word for a zone of the settings. */
export function zoneName(zone: string): string {
  return /^[+-]/.test(zone) ? withUtc(zone) : zone
}

function withUtc(zone: string): string {
  const [, sign = '+', hours = '0', minutes = '00'] = /([+-])(\d{1,2}):?(\d{2})?/.exec(zone) ?? []
  return `UTC${sign}${Number(hours)}:${minutes}`
}
