// Schemas that refer to others: the text of a registry's answer with every type that it refers to put where its name
// stands first, so that it can be read by itself.

/** As a registry writes it: the name that is used, and where its definition is. */
export interface SchemaReference {
  readonly name: string
  readonly subject: string
  readonly version: number
}

/** Schemas that one may refer to, directly or through others. */
const referencesMax = 100
/** Characters of the whole. */
const textMax = 1_048_576

type Fetch = (reference: SchemaReference) => Promise<string | undefined>

/**
 * The Avro text of a registry's answer; the empty text for what is no Avro schema, or refers to what is not there.
 * `fetch` gives the registry's answer for a reference. @throws what `fetch` throws
 */
export async function avroText(body: string | undefined, fetch: Fetch): Promise<string> {
  const { schema, schemaType = 'AVRO', references = [] } = parsed(body)
  if (typeof schema !== 'string' || schemaType !== 'AVRO' || !Array.isArray(references)) return ''
  if (references.length === 0) return schema
  const definitions = new Map<string, unknown>()
  if (!(await collect(references, definitions, fetch))) return ''
  const whole = asJson(schema)
  if (whole === undefined) return ''
  const text = JSON.stringify(inlined(whole, '', definitions))
  return text.length <= textMax ? text : ''
}

/** Fetches what is referred to, and what that refers to. False where something is not there. */
async function collect(
  references: readonly unknown[],
  definitions: Map<string, unknown>,
  fetch: Fetch,
): Promise<boolean> {
  for (const reference of references) {
    if (!isReference(reference)) return false
    if (definitions.has(reference.name)) continue
    if (definitions.size >= referencesMax) return false
    const { schema, references: more = [] } = parsed(await fetch(reference))
    const definition = typeof schema === 'string' ? asJson(schema) : undefined
    if (definition === undefined || !Array.isArray(more)) return false
    definitions.set(reference.name, definition)
    if (!(await collect(more, definitions, fetch))) return false
  }
  return true
}

function isReference(value: unknown): value is SchemaReference {
  const { name, subject, version } = (value ?? {}) as Partial<SchemaReference>
  return typeof name === 'string' && typeof subject === 'string' && Number.isInteger(version)
}

type Json = Readonly<Record<string, unknown>>

/** A copy in which each name of a definition is the definition, the first time it stands. */
function inlined(schema: unknown, namespace: string, definitions: Map<string, unknown>): unknown {
  if (typeof schema === 'string') {
    const full = schema.includes('.') || namespace === '' ? schema : `${namespace}.${schema}`
    const name = definitions.has(full) ? full : schema
    const definition = definitions.get(name)
    if (definition === undefined) return schema
    definitions.delete(name)
    return inlined(definition, '', definitions)
  }
  if (Array.isArray(schema)) return schema.map((one) => inlined(one, namespace, definitions))
  if (typeof schema !== 'object' || schema === null) return schema
  const given = schema as Json
  const inner = namespaceOf(given, namespace)
  const copy: Record<string, unknown> = { ...given }
  for (const place of ['type', 'items', 'values'] as const) {
    if (given[place] !== undefined) copy[place] = inlined(given[place], inner, definitions)
  }
  if (Array.isArray(given.fields)) {
    copy.fields = given.fields.map((field: Json) => ({
      ...field,
      type: inlined(field.type, inner, definitions),
    }))
  }
  return copy
}

function namespaceOf({ name, namespace }: Json, outer: string): string {
  if (typeof name === 'string' && name.includes('.')) return name.slice(0, name.lastIndexOf('.'))
  return typeof namespace === 'string' ? namespace : outer
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The object that a body of JSON holds, or an empty one. */
export function parsed(body: string | undefined): Json {
  const value = body === undefined ? undefined : asJson(body)
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}
