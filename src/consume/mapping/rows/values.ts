// Paths as functions over values of JSON and Avro and over what stands beside a record. Only a value's own properties
// count: no path leads into what the language adds.

import type { SourceRecord } from '../../../types.ts'
import type { Alternative, Step } from '../spec/path.ts'
import { keyValue } from './keys.ts'
import { Moment } from './row.ts'

export type Get = (value: unknown, record: SourceRecord) => unknown

type GetInner = (value: unknown) => unknown

/** The value at steps without «each»; undefined where there is none. */
export function stepsGetter(steps: readonly Step[]): GetInner {
  const gets = steps.map(stepGetter)
  const [first, second, third, ...others] = gets
  if (first === undefined) return (value) => value
  if (second === undefined) return first
  if (third === undefined) return (value) => second(first(value))
  if (others.length === 0) return (value) => third(second(first(value)))
  return (value) => gets.reduce((at, get) => get(at), value)
}

type Fields = Readonly<Record<string, unknown>>

/** What every object of the language, or every record of avsc, has without its writer's doing. */
const inherited = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  ...['length', 'clone', 'compare', 'isValid', 'toBuffer', 'unwrap', 'wrap', 'wrapped'],
])

/** The names that most records have get functions of their own, which the engine can make short. */
function stepGetter(step: Step): GetInner {
  if (step.kind !== 'name') {
    const index = step.kind === 'index' ? step.index : -1
    return (value) => (Array.isArray(value) ? value[index] : undefined)
  }
  const { name } = step
  if (Object.hasOwn(usual, name)) return usual[name as keyof typeof usual]
  if (!inherited.has(name)) {
    return (value) =>
      typeof value === 'object' && value !== null ? (value as Fields)[name] : undefined
  }
  return (value) =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, name)
      ? (value as Fields)[name]
      : undefined
}

const usual = {
  user: (value: unknown): unknown => (value as Fields | null)?.user,
  item: (value: unknown): unknown => (value as Fields | null)?.item,
  timestamp: (value: unknown): unknown => (value as Fields | null)?.timestamp,
  action: (value: unknown): unknown => (value as Fields | null)?.action,
} as const

/** Positions begin at 0, and no time is 0. */
const firstLineMs = 1

export function contextGetter(one: Exclude<Alternative, { kind: 'field' }>): Get {
  if (one.kind === 'key') {
    const inside = stepsGetter(one.steps)
    return (_, record) => inside(keyValue(record))
  }
  if (one.kind === 'line') return (_, { position }) => new Moment(position.offset + firstLineMs)
  if (one.kind === 'timestamp') {
    return (_, { timestamp }) => (timestamp === undefined ? undefined : new Moment(timestamp))
  }
  const { name } = one
  return (_, { headers }) =>
    headers !== undefined && Object.hasOwn(headers, name) ? headers[name] : undefined
}

/** The first alternative whose value is there; else what the last one gave: undefined, null or an empty text. */
export function firstOf(gets: readonly Get[]): Get {
  const [only, ...others] = gets
  if (only === undefined) return () => undefined
  if (others.length === 0) return only
  return (value, record) => {
    let found: unknown
    for (const get of gets) {
      const one = get(value, record)
      if (!isAbsent(one)) return one
      found ??= one
    }
    return found
  }
}

export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** A text or number as text; '' for what is neither. Not every object can be made text. */
export function textOf(value: unknown): string {
  return typeof value === 'object' || typeof value === 'function' || value === undefined
    ? ''
    : String(value)
}
