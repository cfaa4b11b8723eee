// Counts what became of the records of a source, tells the first of each kind that could not be used with its place and
// its text, and says at the end what was lost and what to do. Nothing is dropped without a word.

import type { Decoded, Position, SourceRecord } from '../types.ts'
import { actionsFlag } from './mapping/detect/reading.ts'

export interface TallyOptions {
  /** Names of actions that are counted one by one. */
  readonly namesMax: number
  /** Where a record stands, for people; default: the line of a file. */
  readonly placeOf?: (position: Position) => string
  /** Told of the first dead letter and the first skip of each reason. */
  readonly onFirst?: (text: string) => void
}

export interface Counts {
  readonly read: number
  readonly usable: number
  readonly dead: Readonly<Record<string, number>>
  readonly skipped: Readonly<Record<string, number>>
}

export interface Tally {
  add(records: readonly SourceRecord[], decoded: readonly Decoded[]): void
  readonly counts: Counts
  /** No record came, blank lines left out. */
  readonly empty: boolean
  /** Records came, and none was usable. */
  readonly nothing: boolean
  /** The same, though no setting told to skip them. */
  readonly nothingUntold: boolean
  /** What could not be used, in one sentence; undefined where all could. */
  closing(): string | undefined
  /** What the settings told to leave out, in one sentence; undefined where there was nothing. */
  leftOut(): string | undefined
}

/** Of a record, in a message. */
const shownChars = 120
/** Skips of which nobody needs to hear: an empty line, what follows a deletion that was read. */
const quiet: readonly string[] = ['blank', 'tombstone']
/** Skips that a setting told. */
const asTold: readonly string[] = ['skipped_action', 'low_rating', ...quiet]
/** Actions named in a sentence. */
const namedMax = 8

/** The place of a record of a file, and of one of a topic. */
export function lineOf({ stream, offset }: Position): string {
  return `line ${offset + 1} of ${stream}`
}

export function offsetOf({ stream, offset }: Position): string {
  return `offset ${offset} of ${stream}`
}

export function createTally(options: TallyOptions): Tally {
  const { namesMax, placeOf = lineOf, onFirst } = options
  const dead: Record<string, number> = {}
  const skipped: Record<string, number> = {}
  /** By the detail of a skip: `action "view"`. */
  const unmapped = new Map<string, number>()
  let read = 0
  let usable = 0

  function first(record: SourceRecord, reason: string, detail: string | undefined): void {
    if (onFirst === undefined || quiet.includes(reason)) return
    const text = textOf(record)
    const why = detail === undefined ? reason : `${reason}: ${detail}`
    onFirst(`${placeOf(record.position)} is not used (${why})${text === '' ? '' : `: «${text}»`}`)
  }

  function addOne(record: SourceRecord, one: Decoded): void {
    read++
    const fault = one.kind === 'dead' || one.kind === 'interactions' ? one.fault : undefined
    if (fault !== undefined) {
      if (add(dead, fault.reason)) first(record, fault.reason, fault.detail)
      if (fault.reason === 'bad_action') addUnmapped(fault.detail)
    }
    if (one.kind === 'skip') {
      if (add(skipped, one.reason)) first(record, one.reason, one.detail)
      if (one.reason === 'ignored_type') addUnmapped(one.detail)
    } else if (one.kind !== 'dead') usable++
  }

  function addUnmapped(detail = 'another kind of event'): void {
    const named = /^action "[^"]*"/.exec(detail)?.[0] ?? detail
    const name = unmapped.has(named) || unmapped.size < namesMax ? named : 'other actions'
    unmapped.set(name, (unmapped.get(name) ?? 0) + 1)
  }

  const filled = () => filledOf({ read, usable, dead, skipped })

  return {
    add(records, decoded) {
      for (const [k, one] of decoded.entries()) addOne(records[k]!, one)
    },
    get counts() {
      return { read, usable, dead: { ...dead }, skipped: { ...skipped } }
    },
    get empty() {
      return filled() === 0
    },
    get nothing() {
      return usable === 0 && filled() > 0
    },
    get nothingUntold() {
      return usable === 0 && filled() > sumOf(skipped, (why) => asTold.includes(why))
    },
    closing: () => closingText({ read, usable, dead, skipped }, unmapped),
    leftOut: () => leftOutText({ read, usable, dead, skipped }),
  }
}

function sumOf(
  reasons: Readonly<Record<string, number>>,
  chosen: (reason: string) => boolean = () => true,
): number {
  return Object.entries(reasons).reduce((sum, [why, n]) => sum + (chosen(why) ? n : 0), 0)
}

/** Records that asked for something. */
function filledOf({ read, skipped }: Counts): number {
  return read - sumOf(skipped, (why) => quiet.includes(why))
}

function closingText(counts: Counts, unmapped: ReadonlyMap<string, number>): string | undefined {
  const { dead, skipped } = counts
  const lost = sumOf(dead) + sumOf(skipped, (why) => !asTold.includes(why))
  if (lost === 0) return undefined
  const names = [...unmapped].sort((a, b) => b[1] - a[1]).slice(0, namedMax)
  const reasons = [
    ...Object.entries(dead).filter(([why]) => why !== 'bad_action' || names.length === 0),
    ...Object.entries(skipped).filter(([why]) => ![...asTold, 'ignored_type'].includes(why)),
  ].map(([why, n]) => `${n} ${why}`)
  const actions = names.map(([detail, n]) => `${n} ${detail}`)
  const flag = names.length === 0 ? '' : ` (say which count: ${flagFor(names)})`
  return `${lost} of ${filledOf(counts)} records were not usable: ${[...reasons, ...actions].join(', ')}${flag}`
}

function leftOutText(counts: Counts): string | undefined {
  const told = Object.entries(counts.skipped).filter(
    ([why]) => asTold.includes(why) && !quiet.includes(why),
  )
  if (told.length === 0) return undefined
  const count = told.reduce((sum, [, n]) => sum + n, 0)
  const which = told.map(([why, n]) => `${n} ${why}`).join(', ')
  return `${count} of ${filledOf(counts)} records were left out as the settings say: ${which}`
}

/** Adds one; true for the first. */
function add(counts: Record<string, number>, reason: string): boolean {
  counts[reason] = (counts[reason] ?? 0) + 1
  return counts[reason] === 1
}

function flagFor(names: readonly (readonly [string, number])[]): string {
  const quoted = names.flatMap(([detail]) => /"(.+)"/.exec(detail)?.[1] ?? [])
  return quoted.length === 0 ? '--actions' : actionsFlag(quoted)
}

function textOf({ value, key }: SourceRecord): string {
  const bytes = Buffer.from(value ?? []).subarray(0, 4 * shownChars)
  const text = bytes.length === 0 ? (key ?? '') : bytes.toString('utf8')
  const shown = [...text].slice(0, shownChars).join('')
  // Control characters would write on the terminal.
  return shown.replaceAll(/\p{Cc}/gu, '·') + (shown.length < text.length ? '…' : '')
}
