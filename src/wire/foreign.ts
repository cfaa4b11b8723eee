// Avro written with schemas of others, read as plain values: every field by its own name, longs exact, unions without
// their wrapping, times with their unit. avsc trusts the counts of arrays and maps (a message of 6 bytes can abort the
// process) and follows any recursion: a schema is walked before a byte is read with it, and no more elements are read
// than a datum has bytes.

import type { Type } from 'avsc'
import type { Fault } from '../types.ts'
import { avsc, brief, type ReadDatum, readWhole } from './avro.ts'
import { isMillis, isPlausibleMs, LogicalTime, type LogicalUnit, logicalUnitOf } from './logical.ts'
import {
  boundElements,
  type Read,
  type Readable,
  readArray,
  readLong,
  readMap,
  unionReader,
} from './reading.ts'

export const schemaBounds = {
  /** Characters of a schema's text. */
  textMax: 1_048_576,
  /** Brackets within brackets in the schema's text; a type of depth 8 needs far fewer. */
  nestingMax: 64,
  /** Records, unions, arrays and maps within each other. */
  depthMax: 16,
  /** Types met when every reference is followed: bounds the work of one datum. */
  nodesMax: 4_096,
} as const

export interface ForeignSchema {
  readonly read: ReadDatum<unknown>
  /** The same where more may follow. */
  readonly readFirst: ReadDatum<unknown>
  /** Names of the fields where the schema is a record; undefined where it is a union of several, or no record. */
  readonly fields: readonly string[] | undefined
  /** A record, or a union with one. */
  readonly isRecord: boolean
}

/** What data of this schema are read with, or why none are. */
/** `plainMillis`: a number that is a plausible time in ms may come as it is where the schema says ms. */
export function readForeign(
  text: string,
  { plainMillis = false } = {},
): ForeignSchema | { readonly fault: Fault } {
  const parsed = parse(text, plainMillis)
  if ('fault' in parsed) return parsed
  const { type } = parsed
  const isRecord = [type, ...childrenOf(type)].some(({ typeName }) => typeName === 'record')
  return {
    read(bytes, start) {
      boundElements(bytes.length - start)
      return readWhole(type, bytes, start)
    },
    readFirst(bytes, start) {
      boundElements(bytes.length - start)
      const { value, offset } = type.decode(bytes, start)
      if (offset < 0) throw new Error(`it is cut short, ${bytes.length - start} bytes came`)
      return value
    },
    fields: type.typeName === 'record' ? fieldsOf(type) : undefined,
    isRecord,
  }
}

function parse(
  text: string,
  plainMillis: boolean,
): { readonly type: Type } | { readonly fault: Fault } {
  if (text.length > schemaBounds.textMax) {
    return refuse(
      'bad_schema',
      `${text.length} characters, expected at most ${schemaBounds.textMax}`,
    )
  }
  if (nesting(text) > schemaBounds.nestingMax) {
    return refuse('schema_refused', `nested deeper than ${schemaBounds.nestingMax} brackets`)
  }
  try {
    const type = avsc().Type.forSchema(JSON.parse(text), {
      registry: Object.create(null),
      wrapUnions: true,
      typeHook: createHook(plainMillis),
    })
    const objection = objectionTo(type)
    return objection === undefined ? { type } : refuse('schema_refused', objection)
  } catch (error) {
    return refuse('bad_schema', `not an Avro schema: ${brief(error)}`)
  }
}

type Hook = NonNullable<NonNullable<Parameters<typeof Type.forSchema>[1]>['typeHook']>

/**
 * Gives longs, arrays, maps and unions our ways of reading. The library freezes its types, so each stands behind an
 * object that has everything else from it.
 */
function createHook(plainMillis: boolean): Hook {
  let underWay: unknown
  return (schema, options) => {
    if (schema === underWay || typeof schema !== 'object') {
      underWay = undefined
      return undefined
    }
    const own = Array.isArray(schema) || ownReading.has((schema as { type?: unknown }).type)
    if (!own) return undefined
    underWay = schema
    const type = avsc().Type.forSchema(schema, options)
    const read = readerOf(type, logicalUnitOf(schema), plainMillis)
    return read === undefined ? type : Object.create(type, { _read: { value: read } })
  }
}

const ownReading = new Set<unknown>(['long', 'int', 'array', 'map'])

function nesting(text: string): number {
  let depth = 0
  let deepest = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (code === 0x7d || code === 0x5d) depth--
  }
  return deepest
}

/** Why a schema must not be read with, or undefined. */
function objectionTo(root: Type): string | undefined {
  let nodes = 0
  const open = new Set<Type>()
  function visit(type: Type, depth: number): string | undefined {
    if (++nodes > schemaBounds.nodesMax) return `more than ${schemaBounds.nodesMax} types in all`
    const children = childrenOf(type)
    if (children.length === 0) return undefined
    if (open.has(type)) return 'it is recursive'
    if (depth >= schemaBounds.depthMax) return `nested deeper than ${schemaBounds.depthMax}`
    open.add(type)
    for (const child of children) {
      const objection = visit(child, depth + 1)
      if (objection !== undefined) return objection
    }
    open.delete(type)
    return undefined
  }
  return visit(root, 0)
}

/** avsc's types are told apart by name, and the typings leave out what differs between them. */
interface Inner {
  readonly fields?: readonly { readonly name: string; readonly type: Type }[]
  readonly types?: readonly Type[]
  readonly itemsType?: Type
  readonly valuesType?: Type
}

function fieldsOf(type: Type): readonly string[] {
  return ((type as unknown as Inner).fields ?? []).map(({ name }) => name)
}

function childrenOf(type: Type): readonly Type[] {
  const { fields, types, itemsType, valuesType } = type as unknown as Inner
  const name = type.typeName
  if (name === 'record' || name === 'error') return (fields ?? []).map((field) => field.type)
  if (name.startsWith('union')) return types ?? []
  if (name === 'array') return itemsType === undefined ? [] : [itemsType]
  return name === 'map' && valuesType !== undefined ? [valuesType] : []
}

function readerOf(
  type: Type,
  unit: LogicalUnit | undefined,
  plainMillis: boolean,
): Read | undefined {
  const inner = type as unknown as Inner
  const name = type.typeName
  if (unit !== undefined && plainMillis && isMillis(unit)) {
    return (tap) => {
      const value = Number(readLong(tap))
      return isPlausibleMs(value) ? value : new LogicalTime(value, unit)
    }
  }
  if (unit !== undefined) return (tap) => new LogicalTime(Number(readLong(tap)), unit)
  if (name === 'long') return readLong
  if (name === 'array') return (tap) => readArray(tap, inner.itemsType as unknown as Readable)
  if (name === 'map') return (tap) => readMap(tap, inner.valuesType as unknown as Readable)
  return name.startsWith('union') ? unionReader(inner.types as unknown as Readable[]) : undefined
}

function refuse(reason: Fault['reason'], detail: string): { readonly fault: Fault } {
  return { fault: { reason, detail } }
}
