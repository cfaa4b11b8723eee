// Avro by way of avsc, and the guards that library needs against foreign schemas and bytes: it trusts
// array counts (a message of 6 bytes can abort the process) and follows any recursion. Therefore a
// foreign schema is walked once, before a single byte is read with it. The only file that knows avsc.

import avsc, { type Type } from 'avsc'
import type { Fault } from '../types.ts'

export const schemaBounds = {
  /** Characters of a schema's text. */
  textMax: 1_048_576,
  /** Brackets within brackets in the schema's text; a type of depth 8 needs far fewer. */
  nestingMax: 64,
  /** Records and unions within each other. */
  depthMax: 8,
  /** Types met when every reference is followed: bounds the work of one datum. */
  nodesMax: 4_096,
} as const

/** Reads one datum that starts at `start` and must end with the bytes. Throws; see datumFault. */
export type ReadDatum<T> = (bytes: Buffer, start: number) => T

export interface Codec<T> {
  encode(value: T): Buffer
  decode: ReadDatum<T>
}

/** Encoder and decoder of a schema of our own. */
export function createCodec<T>(schema: string): Codec<T> {
  const type = avsc.Type.forSchema(JSON.parse(schema))
  return {
    encode: (value) => type.toBuffer(value),
    decode: (bytes, start) => readWhole<T>(type, undefined, bytes, start),
  }
}

/** Reads data of foreign writers as `schema`, by the rules of schema evolution, namespaces ignored. */
export function createReader<T>(
  schema: string,
): (writerSchema: string) => { readonly read: ReadDatum<T> } | { readonly fault: Fault } {
  const reader = avsc.Type.forSchema(JSON.parse(schema))
  return (writerSchema) => {
    const parsed = parseForeign(writerSchema)
    if ('fault' in parsed) return parsed
    const micros = otherTimeUnit(writerSchema)
    if (micros !== undefined) return refuse('incompatible_schema', micros)
    try {
      const resolver = reader.createResolver(parsed.type, { ignoreNamespaces: true })
      return { read: (bytes, start) => readWhole<T>(reader, resolver, bytes, start) }
    } catch (error) {
      return refuse('incompatible_schema', `cannot be read as ${reader.name}: ${brief(error)}`)
    }
  }
}

/** What an error thrown by a ReadDatum says of the datum. */
export function datumFault(error: unknown): Fault {
  const text = brief(error)
  if (text.includes('precision loss')) {
    return { reason: 'unsafe_long', detail: 'a long beyond 2^53 cannot be read exactly' }
  }
  return { reason: 'decode', detail: `expected one whole Avro datum: ${text}` }
}

function readWhole<T>(
  type: Type,
  resolver: Parameters<Type['decode']>[2],
  bytes: Buffer,
  start: number,
): T {
  const { value, offset } = type.decode(bytes, start, resolver)
  if (offset === bytes.length) return value as T
  if (offset < 0) throw new Error(`it is cut short, ${bytes.length - start} bytes came`)
  throw new Error(`${bytes.length - offset} bytes too many follow it`)
}

function parseForeign(text: string): { readonly type: Type } | { readonly fault: Fault } {
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
    const type = avsc.Type.forSchema(JSON.parse(text), { registry: Object.create(null) })
    const objection = walk(type)
    return objection === undefined ? { type } : refuse('schema_refused', objection)
  } catch (error) {
    return refuse('bad_schema', `not an Avro schema: ${brief(error)}`)
  }
}

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

/** Why a type must not be read with, or undefined. */
function walk(root: Type): string | undefined {
  let nodes = 0
  const open = new Set<Type>()
  function visit(type: Type, depth: number): string | undefined {
    if (++nodes > schemaBounds.nodesMax) return `more than ${schemaBounds.nodesMax} types in all`
    const name = type.typeName
    if (name === 'array' || name === 'map') return `it has a field of type ${name}`
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
}

function childrenOf(type: Type): readonly Type[] {
  const inner = type as unknown as Inner
  if (type.typeName === 'record' || type.typeName === 'error') {
    return (inner.fields ?? []).map((field) => field.type)
  }
  return type.typeName.startsWith('union') ? (inner.types ?? []) : []
}

/** Avro reads a long as it stands, whatever its unit: microseconds would be taken for milliseconds. */
function otherTimeUnit(writerSchema: string): string | undefined {
  const { fields } = JSON.parse(writerSchema) as { readonly fields?: unknown }
  if (!Array.isArray(fields)) return undefined
  const field = fields.find((one) => one?.name === 'timestamp')
  const unit: unknown = field?.type?.logicalType
  if (unit === undefined || unit === 'timestamp-millis') return undefined
  return 'the field timestamp is not in timestamp-millis'
}

function refuse(reason: Fault['reason'], detail: string): { readonly fault: Fault } {
  return { fault: { reason, detail } }
}

/** The first line of a message, short: a schema is quoted in some of them. */
function brief(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return (text.split('\n')[0] ?? '').slice(0, 200)
}
