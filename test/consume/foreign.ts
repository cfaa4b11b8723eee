// One datum of a foreign schema through the decoder of framed Avro.

import avsc from 'avsc'
import { createDecoder } from '../../src/consume/decode.ts'
import {
  type MappingSettings,
  mappingDefaults,
  parseMapping,
} from '../../src/consume/mapping/spec/spec.ts'
import type { Decoded, SourceRecord } from '../../src/types.ts'
import { framed, limits, nowMs, record } from './inputs.ts'

export const t0 = 1_433_221_651_000

interface Told extends Partial<MappingSettings> {
  readonly key?: Buffer
  readonly others?: Readonly<Record<number, object | string>>
}

/** What a datum of a schema is decoded to. */
export async function decoded(schema: object, value: unknown, told: Told = {}): Promise<Decoded> {
  const { key, others = {}, ...settings } = told
  const schemas: Readonly<Record<number, unknown>> = { 1: schema, ...others }
  const { decode } = createDecoder({
    ...{ form: 'confluent' as const, now: () => nowMs, limits },
    mapping: parseMapping({ ...mappingDefaults, ...settings }),
    schemaById: async (id) => (schemas[id] === undefined ? undefined : JSON.stringify(schemas[id])),
  })
  const bytes =
    value instanceof Buffer || value === null
      ? value
      : avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: false }).toBuffer(value)
  const one: SourceRecord = {
    ...record(bytes === null ? null : framed(1, bytes), key?.toString('utf8') ?? 'k1'),
    ...(key && { keyBytes: key }),
    timestamp: t0 + 7,
  }
  return (await decode([one]))[0]!
}

export function shown(one: Decoded): string {
  if (one.kind === 'dead') return `dead ${one.fault.reason}: ${one.fault.detail}`
  if (one.kind === 'forget') return `forget ${one.user}`
  if (one.kind === 'skip') return `skip ${one.reason}`
  const events = one.kind === 'interaction' ? [one.interaction] : one.interactions
  return events.map((e) => `${e.user} ${e.item} ${e.timestamp} ${e.action}`).join(', ')
}
