// The decoder of the item feed: JSON, plain Avro by schemas/item.avsc or Avro framed by a registry, to what each record
// says of an item. Total, as the decoder of events is: only a schema that cannot be fetched for now rejects.

import type { SourceRecord } from '../../types.ts'
import { datumFault } from '../../wire/avro.ts'
import { type ForeignSchema, readForeign } from '../../wire/foreign.ts'
import { itemSchema } from '../../wire/schemas.ts'
import { frameBytes, schemaIdOf } from '../decode-avro.ts'
import { parseExact } from '../mapping/rows/json.ts'
import { itemFieldsReader, keyOf } from './item-columns.ts'
import { type ItemRules, type ItemVerdict, judgeGone, judgeItem, refused } from './judge-item.ts'

export interface ItemDecoderOptions extends ItemRules {
  readonly form: 'json' | 'avro' | 'confluent'
  /** As in --item-columns. */
  readonly columns: string
  readonly recordBytesMax: number
  /** Form `confluent`: the text of a schema; undefined when there is none of this id. */
  readonly schemaById?: (id: number) => Promise<string | undefined>
}

export interface ItemDecoder {
  /** One verdict per record, in order. */
  decode(records: readonly SourceRecord[]): Promise<ItemVerdict[]>
}

/** Schemas kept. */
const schemasMax = 100

/** @throws Failure SETTINGS_INVALID */
export function createItemDecoder(options: ItemDecoderOptions): ItemDecoder {
  const { form, recordBytesMax } = options
  const fieldsOf = itemFieldsReader(options.columns)
  const known = new Map<number, ReturnType<typeof readForeign>>()
  const own = readForeign(itemSchema)

  async function schemaOf(id: number) {
    const found = known.get(id)
    if (found !== undefined) return found
    const text = await options.schemaById?.(id)
    if (text === undefined) {
      const detail = `the registry has no schema ${id}`
      return { fault: { reason: 'unknown_schema', detail } } as const
    }
    if (known.size >= schemasMax) known.clear()
    const read = readForeign(text)
    known.set(id, read)
    return read
  }

  function byDatum(
    schema: ForeignSchema,
    bytes: Buffer,
    start: number,
    record: SourceRecord,
  ): ItemVerdict {
    try {
      return judgeItem(fieldsOf(schema.read(bytes, start), record), options)
    } catch (error) {
      return { kind: 'refused', fault: datumFault(error) }
    }
  }

  async function decodeOne(record: SourceRecord): Promise<ItemVerdict> {
    const { value, fault } = record
    if (fault !== undefined) return { kind: 'refused', fault }
    if (value === null) return judgeGone(keyOf(record), options)
    if (value.length === 0) return refused('empty', 'the value has no bytes')
    if (value.length > recordBytesMax) {
      return refused('too_large', `${value.length} bytes, expected at most ${recordBytesMax}`)
    }
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    if (form === 'json') {
      const parsed = parseExact(bytes.toString('utf8'))
      if (parsed === undefined) return refused('not_json', 'expected one JSON object')
      if (parsed === null) return judgeGone(keyOf(record), options)
      return judgeItem(fieldsOf(parsed, record), options)
    }
    if (form === 'avro') {
      return 'fault' in own ? { kind: 'refused', ...own } : byDatum(own, bytes, 0, record)
    }
    const id = schemaIdOf(bytes)
    if (typeof id !== 'number') {
      return id.kind === 'dead' ? { kind: 'refused', fault: id.fault } : refused('bad_magic', '')
    }
    const schema = await schemaOf(id)
    if ('fault' in schema) return { kind: 'refused', fault: schema.fault }
    return byDatum(schema, bytes, frameBytes, record)
  }

  return {
    async decode(records) {
      const verdicts: ItemVerdict[] = []
      for (const record of records) verdicts.push(await decodeOne(record))
      return verdicts
    },
  }
}
