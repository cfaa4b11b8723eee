// Dates that begin with the year, in every common dress: ISO 8601, SQL, with and without a zone, `UTC`, `+00`, slashes,
// and the digits alone (20150602, 20150602T050731Z). Strict about what is a day or an hour; the zone is handed in.

/** Milliseconds that the zone is ahead of UTC at a local time, which is given as if it were UTC. */
export type LocalOffset = (localMs: number) => number

const dated =
  /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(.*))?$/i
const packed = /^(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?(?:[.,](\d{1,9}))?\s*(.*))?$/i
const offset = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?\d{2})?(?:\[[\w/+-]+\])?$/i
const utc = /^(?:Z|UTC|GMT)(?:\[[\w/+-]+\])?$/i

/** Milliseconds since the epoch, or NaN. */
export function parseIso(text: string, local: LocalOffset): number {
  const fast = plainIso(text)
  if (!Number.isNaN(fast)) return fast
  const match = dated.exec(text)
  if (match !== null) {
    const [, year, , month, day, hour, minute, second, fraction, zone = ''] = match
    return zoned(dayMs(year, month, day) + timeMs(hour, minute, second, fraction), zone, local)
  }
  const dense = packed.exec(text)
  if (dense === null) return Number.NaN
  const [, year, month, day, hour, minute, second, fraction, zone = ''] = dense
  return zoned(dayMs(year, month, day) + timeMs(hour, minute, second, fraction), zone, local)
}

/** Whether a text that parseIso() reads leaves its zone open. */
export function namesNoZone(text: string): boolean {
  const match = dated.exec(text) ?? packed.exec(text)
  return match !== null && (match.at(-1) ?? '') === ''
}

const minutesMs = 60_000

function zoned(localMs: number, zone: string, local: LocalOffset): number {
  if (zone === '') return localMs - local(localMs)
  if (utc.test(zone)) return localMs
  const match = offset.exec(zone)
  if (match === null) return Number.NaN
  const [, sign, hours, minutes = '0'] = match
  if (Number(hours) > 18 || Number(minutes) > 59) return Number.NaN
  const ahead = (Number(hours) * 60 + Number(minutes)) * minutesMs
  return sign === '-' ? localMs + ahead : localMs - ahead
}

/** NaN for a day that no calendar has. */
function dayMs(year = '', month = '', day = ''): number {
  const m = Number(month)
  const d = Number(day)
  if (m < 1 || m > 12 || d < 1 || d > 31) return Number.NaN
  const ms = Date.UTC(Number(year), m - 1, d)
  return new Date(ms).getUTCDate() === d ? ms : Number.NaN
}

function timeMs(hour = '0', minute = '0', second = '0', fraction = ''): number {
  const h = Number(hour)
  const m = Number(minute)
  const s = Number(second)
  // A leap second is the next second's first.
  if (h > 24 || m > 59 || s > 60 || (h === 24 && m + s > 0)) return Number.NaN
  return ((h * 60 + m) * 60 + s) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'))
}

/** What nearly every text looks like, without a regular expression: 2015-06-02T05:07:31[.373]Z. */
function plainIso(text: string): number {
  const { length } = text
  if ((length !== 20 && length !== 24) || text.charCodeAt(length - 1) !== 0x5a) return Number.NaN
  if (text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':') return Number.NaN
  if (text[16] !== ':' || (length === 24 && text[19] !== '.')) return Number.NaN
  const month = digits(text, 5, 2)
  const day = digits(text, 8, 2)
  const hour = digits(text, 11, 2)
  const rest = length === 24 ? digits(text, 20, 3) : 0
  const minute = digits(text, 14, 2)
  const second = digits(text, 17, 2)
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 28)) return Number.NaN
  if (!(hour < 24 && minute < 60 && second < 60)) return Number.NaN
  return Date.UTC(digits(text, 0, 4), month - 1, day, hour, minute, second, rest)
}

function digits(text: string, from: number, count: number): number {
  let value = 0
  for (let at = from; at < from + count; at++) {
    const digit = text.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}
