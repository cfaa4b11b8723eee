// Walks the frames of Zstandard (RFC 8878, section 3.1) as they come, so that no header can ask the decoder for a
// window of gigabytes. Decodes nothing.

const frameMagic = 0xfd2fb528
const skippableMagic = 0x184d2a5
/** What the zstd program reads unless it is told otherwise. */
export const windowBytesMax = 128 * 1024 * 1024
const runBlock = 1
const headerBytesMax = 18

export interface FrameWalk {
  /** @throws Error where a frame asks for too large a window, or is none */
  push(chunk: Buffer): void
}

export function createFrameWalk(): FrameWalk {
  let kept: Buffer = Buffer.alloc(0)
  let passing = 0
  let where: 'frame' | 'block' = 'frame'
  let checksum = 0

  /** One step; false: more bytes are needed. */
  function step(): boolean {
    if (where === 'block') {
      if (kept.length < 3) return false
      const header = kept.readUIntLE(0, 3)
      const size = ((header >> 1) & 3) === runBlock ? 1 : header >> 3
      const last = (header & 1) !== 0
      passing = 3 + size + (last ? checksum : 0)
      if (last) where = 'frame'
      return true
    }
    if (kept.length < 8) return false
    const magic = kept.readUInt32LE(0)
    if (magic >>> 4 === skippableMagic) {
      passing = 8 + kept.readUInt32LE(4)
      return true
    }
    if (magic !== frameMagic) throw new Error('a frame does not begin as one')
    const flags = kept[4]!
    const single = (flags & 0x20) !== 0
    const sizeBytes = flags >> 6 === 0 ? (single ? 1 : 0) : 2 ** (flags >> 6)
    const dictionaryBytes = [0, 1, 2, 4][flags & 3]!
    const header = 5 + (single ? 0 : 1) + dictionaryBytes + sizeBytes
    if (kept.length < header) return false
    if ((flags & 3) !== 0) throw new Error('it needs a dictionary')
    const window = single ? contentSize(kept, header - sizeBytes, sizeBytes) : windowOf(kept[5]!)
    if (window > windowBytesMax) {
      throw new Error(`it needs a window of ${window} bytes, more than ${windowBytesMax}`)
    }
    checksum = (flags & 4) !== 0 ? 4 : 0
    passing = header
    where = 'block'
    return true
  }

  return {
    push(chunk) {
      let rest = chunk
      for (;;) {
        const passed = Math.min(passing, rest.length)
        passing -= passed
        rest = rest.subarray(passed)
        if (rest.length === 0 && kept.length === 0) return
        const before = kept.length
        kept = Buffer.concat([kept, rest.subarray(0, headerBytesMax)])
        if (!step()) return
        // What was kept of this chunk is looked at again behind the header.
        const used = Math.min(passing, kept.length)
        passing -= used
        rest = Buffer.concat([kept.subarray(used), rest.subarray(kept.length - before)])
        kept = Buffer.alloc(0)
      }
    },
  }
}

function windowOf(byte: number): number {
  const base = 2 ** (10 + (byte >> 3))
  return base + (base / 8) * (byte & 7)
}

function contentSize(bytes: Buffer, at: number, sizeBytes: number): number {
  if (sizeBytes === 8) return Number(bytes.readBigUInt64LE(at))
  return bytes.readUIntLE(at, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
}
