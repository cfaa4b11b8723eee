// The safetensors layout: 8 bytes of header length (little-endian), a JSON header that names every
// tensor with dtype, shape and offsets, then the raw numbers. Pure: bytes in, bytes out, no files.
// The reader takes only what the writer makes: five dtypes, no holes, no overlaps, one spelling.

import type { Tensor, TensorData } from '../../ports/checkpoint-store.ts'

/** The layout's own limit on the JSON header. */
export const headerBytesMax = 100_000_000
/** Bytes in front of the header: its length. */
export const prefixBytes = 8

const kinds = {
  F64: { bytes: 8, on: (memory: ArrayBufferLike): TensorData => new Float64Array(memory) },
  F32: { bytes: 4, on: (memory: ArrayBufferLike): TensorData => new Float32Array(memory) },
  I32: { bytes: 4, on: (memory: ArrayBufferLike): TensorData => new Int32Array(memory) },
  U32: { bytes: 4, on: (memory: ArrayBufferLike): TensorData => new Uint32Array(memory) },
  U8: { bytes: 1, on: (memory: ArrayBufferLike): TensorData => new Uint8Array(memory) },
} as const
export type Dtype = keyof typeof kinds

export interface TensorEntry {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
  /** Where the numbers stand behind the header, in bytes: [begin, end). */
  readonly begin: number
  readonly end: number
}

export interface Layout {
  /** Length and header together, a multiple of 8 bytes long. */
  readonly head: Uint8Array
  /** In order of their bytes: wide numbers first, so that every tensor is aligned; then by name. */
  readonly entries: readonly TensorEntry[]
}

/** Where each tensor will stand. Depends on names, dtypes and shapes only, not on the order given. */
export function layOut(tensors: ReadonlyMap<string, Tensor>): Layout {
  const sorted = [...tensors].map(([name, { shape, data }]) => ({
    name,
    shape,
    data,
    dtype: dtypeOf(data),
  }))
  sorted.sort((a, b) => kinds[b.dtype].bytes - kinds[a.dtype].bytes || (a.name < b.name ? -1 : 1))
  let begin = 0
  const entries = sorted.map(({ name, shape, data, dtype }) => {
    const end = begin + data.byteLength
    const entry: TensorEntry = { name, dtype, shape: [...shape], begin, end }
    begin = end
    return entry
  })
  const header = spell(entries)
  const headerBytes = Math.ceil(Buffer.byteLength(header) / 8) * 8
  if (headerBytes > headerBytesMax) {
    throw new RangeError(`header of ${headerBytes} bytes, expected at most ${headerBytesMax}`)
  }
  const head = Buffer.alloc(prefixBytes + headerBytes, ' ')
  head.writeBigUInt64LE(BigInt(headerBytes), 0)
  head.write(header, prefixBytes)
  return { head, entries }
}

/** The header's length from the first 8 bytes of a file of `fileBytes`. Throws on a hostile one. */
export function headerLength(prefix: Uint8Array, fileBytes: number): number {
  if (prefix.length < prefixBytes) throw new Error(`${prefix.length} bytes, shorter than a header`)
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefixBytes)
  const length = view.getBigUint64(0, true)
  const most = Math.min(headerBytesMax, fileBytes - prefixBytes)
  if (length > BigInt(most)) throw new Error(`header of ${length} bytes, expected at most ${most}`)
  return Number(length)
}

/** The tensors of a header, in order of their bytes, which must fill `dataBytes` without a hole. */
export function readHeader(header: Uint8Array, dataBytes: number): TensorEntry[] {
  const text = Buffer.from(header.buffer, header.byteOffset, header.length).toString('utf8')
  const parsed: unknown = JSON.parse(text)
  if (!isObject(parsed)) throw new Error('the header is not an object')
  const entries = Object.entries(parsed).map(([name, value]) => entryOf(name, value))
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  let expected = 0
  for (const { name, begin, end } of entries) {
    if (begin !== expected) throw new Error(`tensor ${name} begins at ${begin}, not ${expected}`)
    expected = end
  }
  if (expected !== dataBytes)
    throw new Error(`${dataBytes} bytes of numbers, header says ${expected}`)
  // Duplicate keys, blanks inside, other key orders: JSON.parse would take them silently.
  if (JSON.stringify(parsed) !== text.trimEnd())
    throw new Error('the header is spelled differently')
  return entries
}

/** Gives `bytes` bytes of zeros. */
export type Memory = (bytes: number) => ArrayBufferLike
export const ownMemory: Memory = (bytes) => new ArrayBuffer(bytes)
/** What lies there can be handed to another thread without a copy. */
export const sharedMemory: Memory = (bytes) => new SharedArrayBuffer(bytes)

export function allocate({ dtype, shape, begin, end }: TensorEntry, memory: Memory): Tensor {
  return { shape, data: kinds[dtype].on(memory(end - begin)) }
}

/** The bytes of an array in place, without a copy. */
export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

function spell(entries: readonly TensorEntry[]): string {
  const rows = entries.map(({ name, dtype, shape, begin, end }) => {
    return [name, { dtype, shape, data_offsets: [begin, end] }] as const
  })
  return JSON.stringify(Object.fromEntries(rows))
}

/** An array of zeros. Throws where there is no such dtype. */
export function zeros(dtype: string, count: number, memory: Memory): TensorData {
  return kinds[known(dtype)].on(memory(count * bytesEach(dtype)))
}

/** Throws where there is no such dtype. */
export function bytesEach(dtype: string): number {
  return kinds[known(dtype)].bytes
}

function known(dtype: string): Dtype {
  if (!Object.hasOwn(kinds, dtype)) throw new Error(`dtype ${dtype} is not one of this format`)
  return dtype as Dtype
}

export function dtypeOf(data: TensorData): Dtype {
  if (data instanceof Float64Array) return 'F64'
  if (data instanceof Float32Array) return 'F32'
  if (data instanceof Int32Array) return 'I32'
  return data instanceof Uint32Array ? 'U32' : 'U8'
}

function entryOf(name: string, value: unknown): TensorEntry {
  if (!isObject(value)) throw new Error(`tensor ${name} is not described`)
  const { dtype, shape, data_offsets: offsets } = value
  if (typeof dtype !== 'string' || !Object.hasOwn(kinds, dtype)) {
    throw new Error(
      `tensor ${name} has dtype ${String(dtype)}, not ${Object.keys(kinds).join(', ')}`,
    )
  }
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw new Error(`tensor ${name} has no valid shape or offsets`)
  }
  const [begin = 0, end = 0] = offsets
  const bytes = shape.reduce((product, side) => product * side, kinds[dtype as Dtype].bytes)
  if (end - begin !== bytes) {
    throw new Error(`tensor ${name} of shape [${shape.join(', ')}] has ${end - begin} bytes`)
  }
  return { name, dtype: dtype as Dtype, shape, begin, end }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((side) => Number.isSafeInteger(side) && side >= 0)
}
