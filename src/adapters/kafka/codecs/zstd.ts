// Zstandard, read only: by Node's own decoder where there is one (22.15 and later), else by fzstd. The frames are
// walked first (RFC 8878, section 3.1), because a header alone can ask a decoder for gigabytes.

import * as zlib from 'node:zlib'
import { Decompress } from 'fzstd'
import { corrupt, InflationError } from './bounded.ts'

type Decode = (bytes: Buffer, options: { maxOutputLength: number }) => Buffer

const native = (zlib as { zstdDecompressSync?: Decode }).zstdDecompressSync

export function decodeZstd(bytes: Buffer, bytesMax: number): Buffer {
  checkFrames(bytes, bytesMax)
  return native === undefined ? decodePortable(bytes, bytesMax) : decodeNative(bytes, bytesMax)
}

function decodeNative(bytes: Buffer, bytesMax: number): Buffer {
  try {
    return native!(bytes, { maxOutputLength: bytesMax })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new InflationError('zstd', bytesMax)
    }
    throw corrupt('zstd', (cause as Error).message)
  }
}

/** For Node 20. Exported for its test on newer Nodes. */
export function decodePortable(bytes: Buffer, bytesMax: number): Buffer {
  const parts: Uint8Array[] = []
  let size = 0
  const decoder = new Decompress((part) => {
    size += part.length
    if (size > bytesMax) throw new InflationError('zstd', bytesMax)
    parts.push(part)
  })
  try {
    decoder.push(bytes, true)
  } catch (cause) {
    if (cause instanceof InflationError) throw cause
    throw corrupt('zstd', (cause as Error).message)
  }
  return Buffer.concat(parts, size)
}

const frameMagic = 0xfd2fb528
const skippableMagic = 0x184d2a5
/** A decoder keeps a window of this size at most; zstd's own limit for unknown senders. */
const windowBytesMax = 8 * 1024 * 1024
const rawBlock = 0
const runBlock = 1

function checkFrames(bytes: Buffer, bytesMax: number): void {
  let at = 0
  while (at < bytes.length) {
    const magic = at + 8 <= bytes.length ? bytes.readUInt32LE(at) : 0
    if (magic >>> 4 === skippableMagic) {
      at += 8 + bytes.readUInt32LE(at + 4)
      continue
    }
    if (magic !== frameMagic) throw corrupt('zstd', 'it does not begin as a frame')
    at = checkFrame(bytes, at + 4, bytesMax)
  }
}

/** Returns where the frame ends. */
function checkFrame(bytes: Buffer, start: number, bytesMax: number): number {
  const flags = bytes[start]!
  const single = (flags & 0x20) !== 0
  const dictionary = flags & 3
  if (dictionary !== 0) throw corrupt('zstd', 'it needs a dictionary')
  let at = start + 1
  if (!single) {
    const window = bytes[at++] ?? 0
    const base = 2 ** (10 + (window >> 3))
    if (base + (base / 8) * (window & 7) > Math.max(windowBytesMax, bytesMax)) {
      throw new InflationError('zstd', bytesMax)
    }
  }
  const sizeBytes = flags >> 6 === 0 ? (single ? 1 : 0) : 2 ** (flags >> 6)
  if (at + sizeBytes > bytes.length) throw corrupt('zstd', 'it ends in its header')
  if (contentSize(bytes, at, sizeBytes) > bytesMax) throw new InflationError('zstd', bytesMax)
  at += sizeBytes
  for (let last = false; !last; ) {
    if (at + 3 > bytes.length) throw corrupt('zstd', 'it ends in a block header')
    const header = bytes.readUIntLE(at, 3)
    last = (header & 1) !== 0
    const kind = (header >> 1) & 3
    const size = kind === runBlock ? 1 : header >> 3
    if (kind > runBlock + 1) throw corrupt('zstd', 'a block is of an unknown kind')
    if (kind === rawBlock && size > windowBytesMax) throw corrupt('zstd', 'a block is too long')
    at += 3 + size
    if (at > bytes.length) throw corrupt('zstd', 'a block is longer than the batch')
  }
  return at + ((flags & 4) !== 0 ? 4 : 0)
}

function contentSize(bytes: Buffer, at: number, sizeBytes: number): number {
  if (sizeBytes === 0) return 0
  if (sizeBytes === 8) return Number(bytes.readBigUInt64LE(at))
  return bytes.readUIntLE(at, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
}
