// Interactions out of Avro: plain with one fixed writer schema, or framed as Confluent's serializers
// do (a zero byte, the schema's id in 4 bytes, the datum). Does not fetch schemas: it is handed how.

import type { Decoded } from '../types.ts'
import { createReader, datumFault, type ReadDatum } from '../wire/avro.ts'
import { interactionSchema } from '../wire/schemas.ts'
import { dead, judge } from './verdict.ts'

interface RawInteraction {
  readonly user: string
  readonly item: string
  readonly timestamp: number
  readonly action: string
}

/** Reads one datum that begins at `start`. */
export type DecodeDatum = (
  bytes: Buffer,
  start: number,
  latest: number,
  idBytesMax: number,
) => Decoded

/** Stands for every symbol of a writer's enum that is not ours; judged as another kind of event. */
const otherSymbol = 'OTHER'

const resolve = createReader<RawInteraction>(withOtherSymbol(interactionSchema))

/** What becomes of data written with a schema: read, or dead-lettered one and all with its fault. */
export function decoderFor(writerSchema: string): DecodeDatum {
  const resolved = resolve(writerSchema)
  if ('fault' in resolved) {
    const { fault } = resolved
    return () => ({ kind: 'dead', fault })
  }
  return (bytes, start, latest, idBytesMax) =>
    decodeDatum(resolved.read, bytes, start, latest, idBytesMax)
}

function decodeDatum(
  read: ReadDatum<RawInteraction>,
  bytes: Buffer,
  start: number,
  latest: number,
  idBytesMax: number,
): Decoded {
  let raw: RawInteraction
  try {
    raw = read(bytes, start)
  } catch (error) {
    const { reason, detail } = datumFault(error)
    return dead(reason, detail + (start === 0 ? jsonHint(bytes) : ''))
  }
  return judge(raw.user, raw.item, raw.timestamp + 0, raw.action, latest, idBytesMax)
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

function withOtherSymbol(schema: string): string {
  const parsed = JSON.parse(schema) as { fields: { name: string; type: unknown }[] }
  const action = parsed.fields.find((field) => field.name === 'action')
  const type = action?.type as { symbols: string[]; default?: string }
  type.symbols.push(otherSymbol)
  type.default = otherSymbol
  return JSON.stringify(parsed)
}
