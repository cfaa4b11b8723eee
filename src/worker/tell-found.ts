// What is told of a file before it is read: how it is written, which column is what and why, two events as they are
// read, and what is odd.

import type { Found } from '../adapters/file/streams.ts'
import { describe, type Reading } from '../consume/mapping/detect/reading.ts'
import type { Logger } from '../ports/logger.ts'
import type { Interaction, Kind } from '../types.ts'

const shownEvents = 2

export function tellFound(found: Found, logger: Logger): void {
  const { stream, layout, packing, encoding } = found
  const { reading, format } = layout
  if (reading.refusal !== undefined) return
  const [columns, ...why] = describe(reading)
  logger.info(`reading ${stream}: ${columns}`, {
    ...{ format, encoding, why: why.join('; ') },
    ...(packing !== 'none' && { packing }),
    events: reading.samples.slice(0, shownEvents).map(eventText),
  })
  for (const warning of reading.warnings) logger.warn(`${stream}: ${warning}`)
}

/** How a topic's first records are read. */
export function tellReading(reading: Reading, stream: string, logger: Logger): void {
  const [columns, ...why] = describe(reading)
  logger.info(`reading ${stream}: ${columns}`, {
    why: why.join('; '),
    events: reading.samples.slice(0, shownEvents).map(eventText),
  })
  if (reading.refusal !== undefined) logger.warn(`${stream}: ${reading.refusal.message}`)
  for (const warning of reading.warnings) logger.warn(`${stream}: ${warning}`)
}

export function eventText({ user, item, timestamp, action, kind }: Interaction): string {
  const weight = weightText(kind)
  const as = weight === '' ? '' : ` (${kind?.name}: ${weight})`
  return `${user} ${action}${as} ${item} ${timeText(timestamp)}`
}

/** What makes the additions of an action other than full ones; empty where nothing does. */
export function weightText(kind: Kind | undefined): string {
  if (kind === undefined || (kind.weight === 1 && !kind.listable)) return ''
  return `weighs ${kind.weight}${kind.listable ? ', listable' : ''}`
}

/** Positions of lines that stand for times are no dates. */
export function timeText(ms: number): string {
  return ms < Date.UTC(1990) ? String(ms) : new Date(ms).toISOString()
}
