// Makes records and bytes for the tests of decoding.

import { createDecoder, type DecoderOptions, type RecordForm } from '../../src/consume/decode.ts'
import type { Decoded, Interaction, SourceRecord } from '../../src/types.ts'
import { createCodec } from '../../src/wire/avro.ts'
import { interactionSchema } from '../../src/wire/schemas.ts'

export const nowMs = 1_700_000_000_000
export const limits = { recordBytesMax: 4_096, idBytesMax: 256, futureMsMax: 300_000 }

const codec = createCodec<Interaction>(interactionSchema)
export const good: Interaction = { user: 'u1', item: 'i1', timestamp: nowMs, action: 'ADD' }

export function avro(change: Partial<Interaction> = {}): Buffer {
  return codec.encode({ ...good, ...change })
}

export function framed(id: number, datum: Uint8Array): Buffer {
  const frame = Buffer.alloc(5)
  frame.writeInt32BE(id, 1)
  return Buffer.concat([frame, datum])
}

/** A long as Avro writes it, also where a double cannot hold it. */
export function zigzag(value: bigint): Buffer {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  const bytes: number[] = []
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}

/** An interaction in plain Avro with any bytes for an id and any long for a time. */
export function rawAvro(user: Uint8Array, timestamp: bigint, item: Uint8Array = user): Buffer {
  const text = (bytes: Uint8Array): Uint8Array[] => [zigzag(BigInt(bytes.length)), bytes]
  return Buffer.concat([...text(user), ...text(item), zigzag(timestamp), zigzag(0n)])
}

export function record(value: Uint8Array | null, key: string | null = 'u1'): SourceRecord {
  return { position: { stream: 's', offset: 0 }, key, value }
}

export function columns(fields: Readonly<Record<string, string>>): SourceRecord {
  return { ...record(Buffer.from('a line')), fields }
}

export function decoder(
  form: RecordForm,
  more: Partial<DecoderOptions> = {},
): (one: SourceRecord) => Promise<Decoded> {
  const { decode } = createDecoder({ form, now: () => nowMs, limits, ...more })
  return async (one) => (await decode([one]))[0]!
}

/** `interaction`, `forget`, `skip tombstone` or `dead bad_time`: what a table row expects. */
export function verdict(decoded: Decoded): string {
  if (decoded.kind === 'dead') return `dead ${decoded.fault.reason}`
  return decoded.kind === 'skip' ? `skip ${decoded.reason}` : decoded.kind
}
