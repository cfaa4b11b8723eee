// A checkpoint as bytes in pieces, and back: a head of JSON, then the numbers of all tensors as they lie in memory.

import { createHash } from 'node:crypto'
import { endianness } from 'node:os'
import type { Checkpoint, Tensor, TensorData } from '../../ports/checkpoint-store.ts'

const kinds = { Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array } as const
type Kind = keyof typeof kinds

interface Head {
  readonly endianness: string
  readonly generation: number
  readonly facts: Checkpoint['facts']
  readonly texts: readonly (readonly [name: string, texts: readonly string[]])[]
  readonly tensors: readonly {
    readonly name: string
    readonly kind: Kind
    readonly shape: readonly number[]
    readonly bytes: number
  }[]
}

/** Numbers begin at multiples of this many bytes. */
const alignment = 8
const hashBytes = 32

export function packCheckpoint({ generation, facts, texts, tensors }: Checkpoint): Buffer {
  const all = [...tensors]
  const head: Head = {
    ...{ endianness: endianness(), generation, facts },
    texts: [...texts].map(([name, list]) => [name, [...list]] as const),
    tensors: all.map(([name, { shape, data }]) => {
      return { name, kind: kindOf(data), shape, bytes: data.byteLength }
    }),
  }
  const json = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(alignment)
  length.writeUInt32LE(json.length)
  const parts = [length, padded(json), ...all.map(([, { data }]) => padded(bytesOf(data)))]
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return Buffer.concat([...parts, hash.digest()])
}

/** @throws Error where the bytes are not those of a whole checkpoint */
export function unpackCheckpoint(packed: Buffer): Checkpoint {
  const end = packed.length - hashBytes
  const whole = end > alignment && isHash(packed.subarray(0, end), packed.subarray(end))
  if (!whole) throw new Error('its bytes do not add up')
  // From the beginning of a buffer of its own, so that numbers can be read where they lie.
  const bytes = Buffer.from(new Uint8Array(packed.subarray(0, end)).buffer)
  const length = bytes.readUInt32LE()
  const head = JSON.parse(bytes.toString('utf8', alignment, alignment + length)) as Head
  if (head.endianness !== endianness()) throw new Error(`its numbers are ${head.endianness}`)
  let at = alignment + paddedLength(length)
  const tensors = new Map<string, Tensor>()
  for (const { name, kind, shape, bytes: size } of head.tensors) {
    const Numbers = kinds[kind]
    const data = new Numbers(bytes.buffer, at, size / Numbers.BYTES_PER_ELEMENT) as TensorData
    tensors.set(name, { shape, data })
    at += paddedLength(size)
  }
  const { generation, facts, texts } = head
  return { generation, facts, tensors, texts: new Map(texts) }
}

function kindOf(data: TensorData): Kind {
  return data.constructor.name as Kind
}

function bytesOf({ buffer, byteOffset, byteLength }: TensorData): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

function isHash(bytes: Buffer, hash: Buffer): boolean {
  return createHash('sha256').update(bytes).digest().equals(hash)
}

const paddedLength = (length: number): number => Math.ceil(length / alignment) * alignment

function padded(bytes: Buffer): Buffer {
  const more = paddedLength(bytes.length) - bytes.length
  return more === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(more)])
}
