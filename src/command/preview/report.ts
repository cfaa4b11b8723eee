// What is found in a source before anything is run on it, for programs and for people.

import { adviceOf, describe, type Reading } from '../../consume/mapping/detect/reading.ts'
import type { Counts } from '../../consume/tally.ts'
import type { Interaction } from '../../types.ts'
import { eventText, timeText } from '../../worker/tell-found.ts'

/** Printed by --json as it is: programs read it. */
export interface Report {
  readonly format: string
  readonly encoding: string
  readonly columns: Readonly<Record<string, string>>
  readonly timeUnit: string
  readonly events: readonly Interaction[]
  readonly counts: Counts
  readonly actions: Readonly<Record<string, number>>
  /** Of actions whose additions are not full; absent: there are none. */
  readonly weights?: Readonly<Record<string, string>>
  readonly times: {
    readonly first: number | null
    readonly last: number | null
    readonly backwards: number
  }
  readonly warnings: readonly string[]
}

/** What people read besides. */
export interface Preview {
  readonly report: Report
  readonly isUsable: boolean
  /** How it was decided. */
  readonly reading: Reading | undefined
  /** Packed, several files, not read to the end. */
  readonly notes: readonly string[]
  /** To paste behind a command that reads the source. */
  readonly flags: string
}

export function previewText(source: string, preview: Preview): string {
  const { report, reading, notes, flags, isUsable } = preview
  const { counts, times, actions, events } = report
  const lines = [`${source}: ${report.format}, ${report.encoding}`, ...notes]
  if (reading !== undefined) lines.push('', ...describe(reading))
  if (events.length > 0)
    lines.push('', 'The first events:', ...events.map((e) => `  ${eventText(e)}`))
  lines.push('', `${counts.usable} of ${counts.read} records are usable.`)
  const named = Object.entries(actions)
  if (named.length > 0) {
    const weight = (name: string) => report.weights?.[name]
    const texts = named.map(
      ([name, n]) => `${name} ${n}${weight(name) === undefined ? '' : ` (${weight(name)})`}`,
    )
    lines.push(`Actions: ${texts.join(', ')}.`)
  }
  if (times.first !== null && times.last !== null) {
    const order =
      times.backwards === 0 ? 'in order' : `${times.backwards} earlier than the one before`
    lines.push(`Times: ${timeText(times.first)} to ${timeText(times.last)}, ${order}.`)
  }
  // The flags have lines of their own.
  const advice = adviceOf(reading?.refusal?.flag ?? '')
  for (const warning of report.warnings) {
    const isTwice = advice !== '' && warning.endsWith(advice)
    lines.push('', `Note: ${isTwice ? warning.slice(0, -advice.length) : warning}`)
  }
  if (flags !== '') {
    const intro = isUsable
      ? 'To have it read like this, whatever comes:'
      : 'If this is right, give:'
    lines.push('', intro, `  ${flags}`)
  }
  if (!isUsable) lines.push('', 'As it is, it cannot be used.')
  return `${lines.join('\n')}\n`
}
