// The pieces of one line or value whose end has not come yet. Beyond its limit only the head is kept, with the length
// and the SHA-256 of the whole, by which it can be found again.

import { createHash, type Hash } from 'node:crypto'

/** What is known of a line over the limit; `bytes` of the line hold only its head. */
export interface Overlong {
  readonly length: number
  readonly sha256: string
}

export interface Pieces {
  add(piece: Buffer): void
  /** Bytes so far. */
  readonly length: number
  /** Takes out the whole, or its head and what is known of the rest. */
  take(): { readonly bytes: Buffer; readonly overlong: Overlong | undefined }
  /** Takes out the head: no end will come. */
  takeHead(): Buffer
}

/** Bytes kept of a line over the limit. */
export const headBytes = 1_024

export function createPieces(bytesMax: number): Pieces {
  let parts: Buffer[] = []
  let length = 0
  let hash: Hash | undefined

  function clear(): void {
    parts = []
    length = 0
    hash = undefined
  }

  return {
    add(piece) {
      if (piece.length === 0) return
      length += piece.length
      if (hash !== undefined) hash.update(piece)
      else if (length <= bytesMax) parts.push(piece)
      else {
        hash = createHash('sha256')
        for (const part of parts) hash.update(part)
        hash.update(piece)
        parts = [Buffer.concat([...parts, piece], length).subarray(0, headBytes)]
      }
    },
    get length() {
      return length
    },
    take() {
      const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      const overlong = hash === undefined ? undefined : { length, sha256: hash.digest('hex') }
      clear()
      // The head of an overlong line must not keep all of it in memory.
      return overlong === undefined ? { bytes, overlong } : { bytes: Buffer.from(bytes), overlong }
    },
    takeHead() {
      const bytes = Buffer.concat(parts).subarray(0, headBytes)
      clear()
      return bytes
    },
  }
}
