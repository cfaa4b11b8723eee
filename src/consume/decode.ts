// The one decoder of interactions, for every source and form. Total: whatever the bytes, each record
// becomes an interaction, a wish to be forgotten, a skip or a dead letter. Only a schema that cannot
// be fetched for now (a rejection of schemaById) rejects, and then nothing of the batch counts.

import type { Decoded, SourceRecord } from '../types.ts'
import { interactionSchema } from '../wire/schemas.ts'
import { createSchemas, decoderFor, frameBytes, type Schemas, schemaIdOf } from './decode-avro.ts'
import { decodeForget } from './forget.ts'
import { createCellMapping } from './mapping/rows/cell-mapping.ts'
import type { Mapping } from './mapping/rows/compile.ts'
import { parseExact, withLongIntegersAsText } from './mapping/rows/json.ts'
import { withKeyValue } from './mapping/rows/keys.ts'
import { inexact, typeName } from './mapping/rows/row.ts'
import { createValueMapping } from './mapping/rows/value-mapping.ts'
import { type MappingSpec, parseMapping } from './mapping/spec/spec.ts'
import { type DecodeLimits, dead } from './verdict.ts'

export type RecordForm = 'json' | 'avro' | 'confluent'

export interface DecoderOptions {
  /** Of values; records that carry `fields` are read as columns in every form. */
  readonly form: RecordForm
  /** Wall clock in ms, asked once per batch. */
  readonly now: () => number
  readonly limits: DecodeLimits
  /** What the fields of a record mean; by default user, item, timestamp and action, or the usual names. */
  readonly mapping?: MappingSpec
  /** Form `avro`: the schema the data were written with; default schemas/interaction.avsc. */
  readonly writerSchema?: string
  /**
   * Form `confluent`: the text of a schema, undefined when there is none of this id. A text is kept;
   * after undefined the next batch asks again, so the callee decides how long a «no» holds.
   */
  readonly schemaById?: (id: number) => Promise<string | undefined>
}

export interface Decoder {
  /** One verdict per record, in order. */
  decode(records: readonly SourceRecord[]): Promise<Decoded[]>
  /** The value of a record that decode() has seen, as it is before the mapping; undefined where it cannot be read. */
  parsed(record: SourceRecord): unknown
}

export function createDecoder(options: DecoderOptions): Decoder {
  const { form, now, limits } = options
  const { idBytesMax } = limits
  const spec = options.mapping ?? parseMapping()
  const values = createValueMapping(spec, idBytesMax)
  const cells = createCellMapping(spec, idBytesMax)
  const schemas = createSchemas(options.schemaById, (text) => decoderFor(text, spec, idBytesMax))
  const usesKey = readsKey(spec)
  const plain =
    form === 'avro'
      ? decoderFor(options.writerSchema ?? interactionSchema, spec, idBytesMax)
      : undefined

  /** The verdict, or the id of the schema that is needed first. */
  function decodeOne(record: SourceRecord, latest: number): Decoded | number {
    const { value, fields } = record
    if (record.fault !== undefined) return { kind: 'dead', fault: record.fault }
    if (value === null) {
      const keyed = form === 'confluent' ? withKey(record, schemas) : record
      return typeof keyed === 'number' ? keyed : decodeForget(keyed, spec, values, idBytesMax)
    }
    if (value.length > limits.recordBytesMax) return tooLarge(value.length, limits.recordBytesMax)
    if (fields !== undefined) return cells.map(fields, record, latest)
    if (value.length === 0) return dead('empty', 'the value has no bytes')
    const bytes = asBuffer(value)
    if (plain !== undefined) return plain.decode(bytes, 0, record, latest)
    if (form === 'json') return decodeJson(bytes, record, values, latest)
    const id = schemaIdOf(bytes)
    if (typeof id !== 'number') return id
    const keyed = usesKey ? withKey(record, schemas) : record
    if (typeof keyed === 'number') return keyed
    return schemas.get(id)?.decode(bytes, frameBytes, keyed, latest) ?? id
  }

  function parsed({ value }: SourceRecord): unknown {
    if (value === null || value.length === 0 || value.length > limits.recordBytesMax)
      return undefined
    const bytes = asBuffer(value)
    if (form === 'json') return parseExact(bytes.toString('utf8'))
    const id = plain === undefined ? schemaIdOf(bytes) : 0
    const decoder = plain ?? (typeof id === 'number' ? schemas.get(id) : undefined)
    const datum = decoder?.value(bytes, plain === undefined ? frameBytes : 0)
    return datum !== undefined && 'value' in datum ? datum.value : undefined
  }

  return {
    parsed,
    async decode(records) {
      const latest = now() + limits.futureMsMax
      const verdicts = records.map((record) => decodeOne(record, latest))
      if (verdicts.some((verdict) => typeof verdict === 'number')) {
        await schemas.complete(verdicts, (index) => decodeOne(records[index]!, latest))
      }
      return verdicts as Decoded[]
    },
  }
}

/**
 * A key that is framed as values are is read by its schema, too; else the record stays as it is. A number: the id of
 * the schema that is needed first.
 */
function withKey(record: SourceRecord, schemas: Schemas): SourceRecord | number {
  const { keyBytes } = record
  if (!keyBytes || keyBytes.length < frameBytes || keyBytes[0] !== 0) return record
  const bytes = asBuffer(keyBytes)
  const id = bytes.readInt32BE(1)
  const decoder = schemas.get(id)
  if (decoder === undefined) return schemas.isAbsent(id) ? record : id
  const key = decoder.value(bytes, frameBytes)
  return 'fault' in key ? record : withKeyValue(record, key.value)
}

/** Whether a column is read from the key. */
function readsKey(spec: MappingSpec): boolean {
  const told = Object.values(spec.told).flatMap(({ alternatives }) => alternatives)
  return told.some(({ kind }) => kind === 'key') || spec.shape !== undefined
}

function tooLarge(bytes: number, bytesMax: number): Decoded {
  return dead('too_large', `${bytes} bytes, expected at most ${bytesMax}`)
}

function asBuffer(value: Uint8Array): Buffer {
  if (value instanceof Buffer) return value
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

export function decodeJson(
  bytes: Buffer,
  record: SourceRecord,
  mapping: Mapping,
  latest: number,
): Decoded {
  const text = bytes.toString('utf8')
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    // The parser's message quotes the record.
    return dead('not_json', 'expected one JSON object, this is not JSON')
  }
  // An array of columns is read where the mapping names them by number.
  const isRow = Array.isArray(parsed) && mapping.byNumber
  if (typeof parsed !== 'object' || parsed === null || (Array.isArray(parsed) && !isRow)) {
    return dead('wrong_type', `expected a JSON object, got ${typeName(parsed)}`)
  }
  const decoded = mapping.map(parsed, record, latest)
  if (decoded !== inexact) return decoded
  return mapping.map(JSON.parse(withLongIntegersAsText(text)), record, latest)
}
