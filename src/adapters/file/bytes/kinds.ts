// What a file is by its first bytes, whatever its name says: packed text that is read, or something that is not text
// and is refused with its name and what to do.

import { Failure } from '../../../errors.ts'

export type Packing = 'none' | 'gzip' | 'zstd'

interface Kind {
  readonly at?: number
  readonly bytes: readonly (number | string)[]
  readonly what: string
  readonly remedy: string
}

const toLines = 'write its events as lines of JSON or CSV'

const kinds: readonly Kind[] = [
  { bytes: ['BZh'], what: 'packed with bzip2', remedy: 'unpack it first: bunzip2 -k FILE' },
  { bytes: [0xfd, '7zXZ', 0], what: 'packed with xz', remedy: 'unpack it first: xz -dk FILE' },
  { bytes: [0x5d, 0, 0], what: 'packed with lzma', remedy: 'unpack it first: xz -dk FILE' },
  { bytes: ['7z', 0xbc, 0xaf, 0x27, 0x1c], what: 'a 7-Zip archive', remedy: 'unpack it first' },
  { bytes: ['Rar!', 0x1a, 7], what: 'a RAR archive', remedy: 'unpack it first' },
  { bytes: [0x1f, 0x9d], what: 'packed with compress', remedy: 'unpack it first: gunzip FILE' },
  { bytes: [4, 0x22, 0x4d, 0x18], what: 'packed with lz4', remedy: 'unpack it first: lz4 -d FILE' },
  { bytes: [0xff, 6, 0, 0, 'sNaP'], what: 'packed with snappy', remedy: 'unpack it first' },
  { at: 257, bytes: ['ustar'], what: 'a tar archive', remedy: 'take the file out of it first' },
  { bytes: ['PAR1'], what: 'a Parquet file', remedy: `${toLines}, for example with DuckDB` },
  { bytes: ['Obj', 1], what: 'an Avro container file', remedy: `${toLines}: avro-tools tojson` },
  { bytes: ['ORC'], what: 'an ORC file', remedy: toLines },
  { bytes: ['ARROW1'], what: 'an Arrow or Feather file', remedy: toLines },
  { bytes: ['FEA1'], what: 'a Feather file', remedy: toLines },
  { bytes: [0x89, 'HDF'], what: 'an HDF5 file', remedy: toLines },
  { bytes: ['SQLite format 3'], what: 'an SQLite database', remedy: 'export the table as CSV' },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], what: 'an Excel workbook', remedy: 'save it as CSV' },
  { bytes: [0xff, 0xfe, 0, 0], what: 'text in UTF-32', remedy: 'iconv -f UTF-32 -t UTF-8' },
  { bytes: ['%PDF'], what: 'a PDF document', remedy: toLines },
  { bytes: ['<!DOCTYPE'], what: 'a web page', remedy: 'was it downloaded without a login?' },
  { bytes: ['<html'], what: 'a web page', remedy: 'was it downloaded without a login?' },
  { bytes: ['<?xml'], what: 'XML', remedy: toLines },
]

/** Bytes that are enough to tell any kind but a tar archive. */
export const headBytes = 16

export function packingOf(head: Buffer): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  return isZstd(head) ? 'zstd' : 'none'
}

/** A frame, or a skippable frame before the first. */
function isZstd(head: Buffer): boolean {
  if (head.length < 4) return false
  const magic = head.readUInt32LE(0)
  return magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5
}

/** @throws Failure SOURCE_UNUSABLE where the bytes are no text */
export function refuseBinary(name: string, head: Buffer): void {
  const told = zipped(head) ?? kinds.find((kind) => matches(head, kind))
  if (told === undefined) return
  const message = `${name} is ${told.what}, by its first bytes: ${told.remedy}`
  throw new Failure('SOURCE_UNUSABLE', message)
}

function zipped(head: Buffer): Pick<Kind, 'what' | 'remedy'> | undefined {
  if (head.length < 4 || head[0] !== 0x50 || head[1] !== 0x4b) return undefined
  if (![0x0403, 0x0605, 0x0807].includes(head.readUInt16LE(2))) return undefined
  const first = head.toString('latin1', 30, 60)
  if (/^(\[Content_Types\]|_rels\/|xl\/|docProps\/)/.test(first)) {
    return { what: 'an Excel workbook (xlsx)', remedy: 'save it as CSV' }
  }
  return { what: 'a zip archive', remedy: 'unzip it first' }
}

function matches(head: Buffer, { at = 0, bytes }: Kind): boolean {
  const magic = Buffer.concat(
    bytes.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))),
  )
  return head.subarray(at, at + magic.length).equals(magic)
}

/** Text has hardly a byte 0, unless it is in UTF-16. @throws Failure SOURCE_UNUSABLE */
export function refuseZeros(name: string, head: Buffer): void {
  const zeros = [0, 0]
  for (let at = head.indexOf(0); at >= 0; at = head.indexOf(0, at + 1)) zeros[at % 2]!++
  const [even = 0, odd = 0] = zeros
  // A stray one spoils its own record only.
  if (even + odd <= strayZerosMax * head.length) return
  const wide = Math.max(even, odd) > 0.4 * head.length
  const message = wide
    ? `${name} looks like UTF-16 without a byte order mark: --encoding ${odd > even ? 'utf-16le' : 'utf-16be'} reads it`
    : `${name} is no text, but binary data: ${toLines}`
  throw new Failure('SOURCE_UNUSABLE', message)
}

/** Share of the bytes. */
const strayZerosMax = 0.01
