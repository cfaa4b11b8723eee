// Cuts chunks of bytes into lines: LF or CRLF, a byte order mark at the start dropped, a last line without an end
// counted. A line over the limit is read to its end; only its head is kept, with the length and the SHA-256 of the
// whole, by which it can be found again. Knows no format.

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

/** `number` counts up, blank lines included. */
export type OnLine = (bytes: Buffer, number: number, overlong?: Overlong) => void

export interface LineCutter {
  push(chunk: Buffer): void
  /** The input has ended: what is left is a line. */
  end(): void
  /** Whether bytes have come whose line has not ended. */
  unfinished(): boolean
  /** The input broke off: the bytes of the line that was under way (at most its head). */
  broken(): { readonly bytes: Buffer; readonly number: number }
  /** Number of the next line. */
  next(): number
}

const lf = 0x0a
const cr = 0x0d

export interface LineCutterOptions {
  readonly lineBytesMax: number
  /** Number of the first line. */
  readonly firstNumber: number
  readonly onLine: OnLine
}

export function createLineCutter(options: LineCutterOptions): LineCutter {
  const { lineBytesMax, onLine } = options
  let number = options.firstNumber
  /** The beginning of a line whose end has not come. One byte over the limit may turn out to be the CR of its end. */
  const begun = createPieces(lineBytesMax + 1)

  function finish(): void {
    const { bytes, overlong } = begun.take()
    if (overlong === undefined) give(bytes)
    else onLine(bytes, number++, overlong)
  }

  function give(line: Buffer): void {
    const whole = line[line.length - 1] === cr ? line.subarray(0, -1) : line
    if (whole.length > lineBytesMax) {
      const sha256 = createHash('sha256').update(whole).digest('hex')
      onLine(Buffer.from(whole.subarray(0, headBytes)), number++, { length: whole.length, sha256 })
    } else onLine(whole, number++)
  }

  return {
    push(chunk) {
      let start = 0
      let end = chunk.indexOf(lf)
      if (end >= 0 && begun.length > 0) {
        begun.add(chunk.subarray(0, end))
        finish()
        start = end + 1
        end = chunk.indexOf(lf, start)
      }
      for (; end >= 0; end = chunk.indexOf(lf, start)) {
        give(chunk.subarray(start, end))
        start = end + 1
      }
      begun.add(chunk.subarray(start))
    },
    end() {
      if (begun.length > 0) finish()
    },
    unfinished: () => begun.length > 0,
    broken: () => ({ bytes: begun.takeHead(), number }),
    next: () => number,
  }
}

/** Nothing but spaces and tabs. */
export function isBlank(line: Buffer): boolean {
  for (let at = 0; at < line.length; at++) {
    if (line[at] !== 0x20 && line[at] !== 0x09) return false
  }
  return true
}
