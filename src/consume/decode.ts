// The one decoder of interactions, for every source and form. Total: whatever the bytes, each record
// becomes an interaction, a wish to be forgotten, a skip or a dead letter. Only a schema that cannot
// be fetched for now (a rejection of schemaById) rejects, and then nothing of the batch counts.

import type { Decoded, SourceRecord } from '../types.ts'
import { interactionSchema } from '../wire/schemas.ts'
import { type DecodeDatum, decoderFor, frameBytes, schemaIdOf } from './decode-avro.ts'
import { decodeJson } from './decode-text.ts'
import { decodeForget } from './forget.ts'
import { createCellMapping } from './mapping/cell-mapping.ts'
import { type MappingSpec, parseMapping } from './mapping/spec.ts'
import { createValueMapping } from './mapping/value-mapping.ts'
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
}

/** Schemas kept; the oldest goes first. */
const schemasMax = 1_000
/** Schemas asked for at once. */
const fetchesMax = 4

export function createDecoder(options: DecoderOptions): Decoder {
  const { form, now, limits } = options
  const { idBytesMax } = limits
  const spec = options.mapping ?? parseMapping()
  const values = createValueMapping(spec, idBytesMax)
  const cells = createCellMapping(spec, idBytesMax)
  const known = new Map<number, DecodeDatum>()
  const plain = form === 'avro' ? decoderFor(options.writerSchema ?? interactionSchema) : undefined

  /** The verdict, or the id of the schema that is needed first. */
  function decodeOne(record: SourceRecord, latest: number): Decoded | number {
    const { value, fields } = record
    if (record.fault !== undefined) return { kind: 'dead', fault: record.fault }
    if (value === null) return decodeForget(record, spec, values, idBytesMax)
    if (value.length > limits.recordBytesMax) return tooLarge(value.length, limits.recordBytesMax)
    if (fields !== undefined) return cells.map(fields, record, latest)
    if (value.length === 0) return dead('empty', 'the value has no bytes')
    const bytes = asBuffer(value)
    if (plain !== undefined) return plain(bytes, 0, latest, idBytesMax)
    if (form === 'json') return decodeJson(bytes, record, values, latest)
    const id = schemaIdOf(bytes)
    if (typeof id !== 'number') return id
    return known.get(id)?.(bytes, frameBytes, latest, idBytesMax) ?? id
  }

  async function learnSchemas(ids: readonly number[]): Promise<void> {
    for (let first = 0; first < ids.length; first += fetchesMax) {
      const some = ids.slice(first, first + fetchesMax)
      const texts = await Promise.all(some.map((id) => options.schemaById?.(id)))
      texts.forEach((text, index) => {
        if (text !== undefined) known.set(some[index]!, decoderFor(text))
      })
    }
  }

  return {
    async decode(records) {
      const latest = now() + limits.futureMsMax
      const verdicts: (Decoded | number)[] = new Array(records.length)
      const wanted = new Set<number>()
      for (let index = 0; index < records.length; index++) {
        const verdict = decodeOne(records[index]!, latest)
        if (typeof verdict === 'number') wanted.add(verdict)
        verdicts[index] = verdict
      }
      if (wanted.size === 0) return verdicts as Decoded[]
      await learnSchemas([...wanted])
      const whole = verdicts.map((verdict, index) => {
        if (typeof verdict !== 'number') return verdict
        const again = decodeOne(records[index]!, latest)
        if (typeof again !== 'number') return again
        return dead('unknown_schema', `the registry has no schema ${again}`)
      })
      dropOldest(known, schemasMax)
      return whole
    },
  }
}

function dropOldest(known: Map<number, DecodeDatum>, sizeMax: number): void {
  for (const oldest of known.keys()) {
    if (known.size <= sizeMax) return
    known.delete(oldest)
  }
}

function tooLarge(bytes: number, bytesMax: number): Decoded {
  return dead('too_large', `${bytes} bytes, expected at most ${bytesMax}`)
}

function asBuffer(value: Uint8Array): Buffer {
  if (value instanceof Buffer) return value
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}
