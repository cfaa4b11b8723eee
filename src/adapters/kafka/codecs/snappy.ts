// Snappy, read only: the raw format (github.com/google/snappy, format_description.txt) and the framing that Java's
// producers put around it: a magic of 8 bytes, two versions of 4, then blocks with their size in 4 bytes.

import { copyBack, corrupt, InflationError } from './bounded.ts'

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const xerialHeaderBytes = 16

export function decodeSnappy(bytes: Buffer, bytesMax: number): Buffer {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return decodeRaw(bytes, bytesMax)
  const blocks: Buffer[] = []
  let left = bytesMax
  for (let at = xerialHeaderBytes; at < bytes.length; ) {
    if (at + 4 > bytes.length) throw corrupt('snappy', 'it ends in a block size')
    const size = bytes.readUInt32BE(at)
    at += 4
    if (size > bytes.length - at) throw corrupt('snappy', 'a block is longer than the batch')
    const block = decodeRaw(bytes.subarray(at, at + size), left)
    blocks.push(block)
    left -= block.length
    at += size
  }
  return Buffer.concat(blocks)
}

function decodeRaw(bytes: Buffer, bytesMax: number): Buffer {
  let at = 0
  let size = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    if (byte === undefined || shift > 28) throw corrupt('snappy', 'its size does not end')
    size += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  if (size > bytesMax) throw new InflationError('snappy', bytesMax)
  const out = Buffer.allocUnsafe(size)
  const end = decodeElements(bytes, at, out)
  if (end !== size) throw corrupt('snappy', `it holds ${end} bytes and says ${size}`)
  return out
}

/** Literals (tag 0) and copies with offsets of 1, 2 or 4 bytes (tags 1-3). Returns the bytes written. */
function decodeElements(bytes: Buffer, start: number, out: Buffer): number {
  let at = start
  let to = 0
  while (at < bytes.length) {
    const tag = bytes[at++]!
    const kind = tag & 3
    if (kind === 0) {
      const short = tag >> 2
      const extra = short < 60 ? 0 : short - 59
      if (at + extra > bytes.length) throw corrupt('snappy', 'it ends in a length')
      const length = (extra === 0 ? short : bytes.readUIntLE(at, extra)) + 1
      at += extra
      if (length > bytes.length - at || length > out.length - to) {
        throw corrupt('snappy', 'a literal is too long')
      }
      bytes.copy(out, to, at, at + length)
      at += length
      to += length
      continue
    }
    const width = kind === 1 ? 1 : kind === 2 ? 2 : 4
    if (at + width > bytes.length) throw corrupt('snappy', 'it ends in an offset')
    const length = kind === 1 ? 4 + ((tag >> 2) & 7) : (tag >> 2) + 1
    const low = bytes.readUIntLE(at, width)
    const distance = kind === 1 ? ((tag >> 5) << 8) | low : low
    at += width
    if (distance === 0 || distance > to || length > out.length - to) {
      throw corrupt('snappy', 'a copy reaches outside')
    }
    copyBack(out, to, distance, length)
    to += length
  }
  return to
}
