// LZ4, read only: the frame format (github.com/lz4/lz4, lz4_Frame_format.md) as Kafka's producers write it.
// Checksums are passed over: the broker has checked the batch's own.

import { copyBack, corrupt, grown } from './bounded.ts'

const magic = 0x184d2204
const uncompressed = 0x80000000

export function decodeLz4(bytes: Buffer, bytesMax: number): Buffer {
  let out: Buffer = Buffer.alloc(0)
  let used = 0
  for (let at = 0; at < bytes.length; ) {
    const frame = readHeader(bytes, at)
    at = frame.at
    for (;;) {
      if (at + 4 > bytes.length) throw corrupt('lz4', 'it ends in a block size')
      const word = bytes.readUInt32LE(at)
      at += 4
      if (word === 0) break
      const size = word % uncompressed
      if (size > bytes.length - at) throw corrupt('lz4', 'a block is longer than the batch')
      const block = bytes.subarray(at, at + size)
      if (word >= uncompressed) {
        out = grown(out, used, used + size, 'lz4', bytesMax)
        used += block.copy(out, used)
      } else {
        ;[out, used] = decodeBlock(block, out, used, bytesMax)
      }
      at += size + (frame.blockChecksum ? 4 : 0)
    }
    at += frame.contentChecksum ? 4 : 0
  }
  return out.subarray(0, used)
}

function readHeader(
  bytes: Buffer,
  start: number,
): { at: number; blockChecksum: boolean; contentChecksum: boolean } {
  if (start + 7 > bytes.length || bytes.readUInt32LE(start) !== magic) {
    throw corrupt('lz4', 'it does not begin as a frame')
  }
  const flags = bytes[start + 4]!
  if (flags >> 6 !== 1) throw corrupt('lz4', 'its version is unknown')
  if ((flags & 1) !== 0) throw corrupt('lz4', 'it needs a dictionary')
  const contentSize = (flags & 8) !== 0 ? 8 : 0
  return {
    at: start + 7 + contentSize,
    blockChecksum: (flags & 16) !== 0,
    contentChecksum: (flags & 4) !== 0,
  }
}

/** Sequences of literals and matches; a match may reach into earlier blocks. */
function decodeBlock(
  block: Buffer,
  given: Buffer,
  start: number,
  bytesMax: number,
): [Buffer, number] {
  let out = given
  let to = start
  let at = 0
  const longLength = (short: number): number => {
    let length = short
    for (let byte = short === 15 ? 255 : 0; byte === 255; length += byte) {
      if (at >= block.length) throw corrupt('lz4', 'a length does not end')
      byte = block[at++]!
    }
    return length
  }
  while (at < block.length) {
    const token = block[at++]!
    const literals = longLength(token >> 4)
    if (literals > block.length - at) throw corrupt('lz4', 'a literal is too long')
    out = grown(out, to, to + literals, 'lz4', bytesMax)
    to += block.copy(out, to, at, at + literals)
    at += literals
    // The last sequence of a block has no match.
    if (at === block.length) break
    if (at + 2 > block.length) throw corrupt('lz4', 'it ends in an offset')
    const distance = block.readUInt16LE(at)
    at += 2
    const length = longLength(token & 15) + 4
    if (distance === 0 || distance > to) throw corrupt('lz4', 'a match reaches outside')
    out = grown(out, to, to + length, 'lz4', bytesMax)
    copyBack(out, to, distance, length)
    to += length
  }
  return [out, to]
}
