// Interactions out of Avro: plain with one fixed writer schema, or framed as Confluent's serializers
// do (a zero byte, the schema's id in 4 bytes, the datum). A record is read by the names of its fields, whatever it
// is called itself. Schemas are fetched when a record needs them, by whatever way is handed in.

import type { Decoded, Fault, SourceRecord } from '../types.ts'
import { datumFault } from '../wire/avro.ts'
import { type ForeignSchema, readForeign } from '../wire/foreign.ts'
import { createValueMapping } from './mapping/rows/value-mapping.ts'
import { findColumns } from './mapping/spec/open.ts'
import type { MappingSpec } from './mapping/spec/spec.ts'
import { dead } from './verdict.ts'

/** How data of one writer's schema are read. */
export interface DatumDecoder {
  /** What the datum that begins at `start` means. */
  decode(bytes: Buffer, start: number, record: SourceRecord, latest: number): Decoded
  /** The datum itself, as a record's key has it, or its fault. */
  value(bytes: Buffer, start: number): { readonly value: unknown } | { readonly fault: Fault }
}

/** Data written with a schema that is no use are dead letters one and all, with its fault. */
export function decoderFor(schema: string, spec: MappingSpec, idBytesMax: number): DatumDecoder {
  const read = readForeign(schema, { plainMillis: spec.settings.timeFormat === '' })
  if ('fault' in read) {
    const { fault } = read
    return { decode: () => ({ kind: 'dead', fault }), value: () => ({ fault }) }
  }
  const foreign: ForeignSchema = read
  const unsuited = foreign.isRecord ? lacking(foreign.fields, spec) : 'it is no record'
  const mapping = createValueMapping(spec, idBytesMax)

  function value(bytes: Buffer, start: number) {
    try {
      return { value: foreign.read(bytes, start) }
    } catch (error) {
      return { fault: datumFault(error) }
    }
  }

  return {
    value,
    decode(bytes, start, record, latest) {
      if (unsuited !== undefined) return dead('incompatible_schema', unsuited)
      const datum = value(bytes, start)
      if ('value' in datum) return mapping.map(datum.value, record, latest)
      const { reason, detail } = datum.fault
      return dead(reason, detail + (start === 0 ? jsonHint(bytes) : ''))
    },
  }
}

/** Where the settings leave columns open, a record has to have them under their usual names. */
function lacking(fields: readonly string[] | undefined, spec: MappingSpec): string | undefined {
  if (fields === undefined || spec.shape !== undefined) return undefined
  const { missing } = findColumns(spec, fields)
  if (missing.length === 0) return undefined
  const shown = fields.slice(0, 12).join(', ') + (fields.length > 12 ? ', …' : '')
  const flag = missing.map((role) => `${role}=…`).join(',')
  return `the record has no field for ${missing.join(', ')}: it has ${shown}; say which: --columns ${flag}`
}

export const frameBytes = 5

/** The schema id of a framed value, or what is wrong with the frame. */
export function schemaIdOf(bytes: Buffer): number | Decoded {
  if (bytes.length < frameBytes) {
    return dead('short_frame', `${bytes.length} bytes, expected at least ${frameBytes}`)
  }
  if (bytes[0] !== 0) {
    const found = bytes.toString('hex', 0, 4)
    return dead('bad_magic', `begins with ${found}, expected a zero byte${jsonHint(bytes)}`)
  }
  return bytes.readInt32BE(1)
}

/** The likeliest mistake of whoever feeds a topic by hand. */
function jsonHint(bytes: Buffer): string {
  return bytes[0] === 0x7b ? '; it looks like JSON, which --record-form json takes' : ''
}

/** Schemas kept; the oldest goes first. */
const schemasMax = 1_000
/** Schemas asked for at once. */
const fetchesMax = 4

/** The decoders of the schemas that a registry knows by their ids. */
export interface Schemas {
  /** undefined: not fetched yet, or not there. */
  get(id: number): DatumDecoder | undefined
  /** The schema was asked for with the batch under way, and the registry has none of this id. */
  isAbsent(id: number): boolean
  /**
   * Fetches what the verdicts of a batch lack, a number being the id of a schema, and puts the final ones in their
   * place: first the schemas of keys, then those of values. Each is asked for once a batch.
   */
  complete(
    verdicts: (Decoded | number)[],
    decode: (index: number) => Decoded | number,
  ): Promise<void>
}

export function createSchemas(
  schemaById: ((id: number) => Promise<string | undefined>) | undefined,
  decoderOf: (schema: string) => DatumDecoder,
): Schemas {
  const known = new Map<number, DatumDecoder>()
  const absent = new Set<number>()

  async function fetch(ids: readonly number[]): Promise<void> {
    for (let first = 0; first < ids.length; first += fetchesMax) {
      const some = ids.slice(first, first + fetchesMax)
      const texts = await Promise.all(some.map((id) => schemaById?.(id)))
      texts.forEach((text, index) => {
        if (text === undefined) absent.add(some[index]!)
        else known.set(some[index]!, decoderOf(text))
      })
    }
  }

  function dropOldest(): void {
    for (const oldest of known.keys()) {
      if (known.size <= schemasMax) return
      known.delete(oldest)
    }
  }

  return {
    get: (id) => known.get(id),
    isAbsent: (id) => absent.has(id),
    async complete(verdicts, decode) {
      let wanted = new Set(verdicts.filter((verdict) => typeof verdict === 'number'))
      absent.clear()
      while (wanted.size > 0) {
        await fetch([...wanted])
        wanted = new Set()
        verdicts.forEach((verdict, index) => {
          if (typeof verdict !== 'number') return
          const again = decode(index)
          const isGone = typeof again === 'number' && absent.has(again)
          if (typeof again === 'number' && !isGone) wanted.add(again)
          verdicts[index] = isGone
            ? dead('unknown_schema', `the registry has no schema ${again}`)
            : again
        })
      }
      dropOldest()
    },
  }
}
