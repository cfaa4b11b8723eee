// Lists to bytes and back: Avro by schemas/top-list.avsc, plain or in Confluent's framing, or the JSON
// form of the same schema. Bytes only; where they go is the sink's matter.

import type { OutRecord, TopList } from '../types.ts'
import { createCodec } from '../wire/avro.ts'
import { topListSchema } from '../wire/schemas.ts'

export type ListForm =
  | { readonly form: 'json' }
  | { readonly form: 'avro' }
  /** `schemaId` is what the registry gave for schemas/top-list.avsc. */
  | { readonly form: 'confluent'; readonly schemaId: number }

const codec = createCodec<TopList>(topListSchema)
/** Lists that versions before 0.6 wrote end before the newest field. */
const earlierCodec = createCodec<Omit<TopList, 'beatsNext'>>(withoutLastField(topListSchema))
const frameBytes = 5

export function createListEncoder(choice: ListForm): (list: TopList) => OutRecord {
  if (choice.form === 'json') {
    return (list) => ({ key: list.user, value: Buffer.from(JSON.stringify(inSchemaOrder(list))) })
  }
  if (choice.form === 'avro') return (list) => ({ key: list.user, value: codec.encode(list) })
  const frame = Buffer.alloc(frameBytes)
  frame.writeInt32BE(choice.schemaId, 1)
  return (list) => ({ key: list.user, value: Buffer.concat([frame, codec.encode(list)]) })
}

/** The record that says a user was forgotten. */
export function encodeForgotten(user: string): OutRecord {
  return { key: user, value: null }
}

/**
 * A list out of bytes in any of the forms: JSON begins with a brace, Confluent's frame with a zero
 * byte, plain Avro with the length of a user id, which is neither.
 * @throws Error when the bytes are no whole list
 */
export function decodeList(value: Uint8Array): TopList {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (bytes[0] === 0) return fromAvro(bytes, frameBytes)
  if (bytes[0] === openingBrace && bytes[1] === quote) {
    return { beatsNext: [], ...JSON.parse(bytes.toString('utf8')) }
  }
  return fromAvro(bytes, 0)
}

function fromAvro(bytes: Buffer, from: number): TopList {
  try {
    return plainObject(codec.decode(bytes, from))
  } catch (cause) {
    const earlier = earlierList(bytes, from)
    if (earlier === undefined) throw cause
    return plainObject({ ...earlier, beatsNext: [] })
  }
}

/** undefined: it is none of those either. */
function earlierList(bytes: Buffer, from: number): Omit<TopList, 'beatsNext'> | undefined {
  try {
    return earlierCodec.decode(bytes, from)
  } catch {
    return undefined
  }
}

function withoutLastField(schema: string): string {
  const parsed = JSON.parse(schema) as { fields: unknown[] }
  return JSON.stringify({ ...parsed, fields: parsed.fields.slice(0, -1) })
}

const openingBrace = 0x7b
const quote = 0x22

/** The same fields in the same order whoever made the list, so equal lists are equal bytes. */
function inSchemaOrder(list: TopList): TopList {
  return {
    user: list.user,
    items: list.items.map(({ item, score }) => ({ item, score })),
    modelVersion: list.modelVersion,
    generatedAt: list.generatedAt,
    newestEvent: list.newestEvent,
    position: { stream: list.position.stream, offset: list.position.offset },
    source: list.source,
    beatsNext: [...list.beatsNext],
  }
}

/** avsc makes objects of classes of its own. */
function plainObject(list: TopList): TopList {
  return inSchemaOrder(list)
}
