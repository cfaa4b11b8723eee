// Cuts chunks of bytes into lines: LF or CRLF, a byte order mark at the start dropped, a last line
// without an end counted. A line over the limit is read to its end without being kept. Knows no format.

import { createHash, type Hash } from 'node:crypto'

/** What is known of a line over the limit; `bytes` of the line hold only its head. */
export interface Overlong {
  readonly length: number
  readonly sha256: string
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

/** Bytes kept of a line over the limit. */
export const headBytes = 1_024

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
  /** The beginning of a line whose end has not come, in pieces. */
  let parts: Buffer[] = []
  let length = 0
  let hash: Hash | undefined

  function keep(piece: Buffer): void {
    if (piece.length === 0) return
    length += piece.length
    if (hash !== undefined) hash.update(piece)
    // One more byte than the limit may turn out to be the CR of a line end.
    else if (length <= lineBytesMax + 1) parts.push(piece)
    else {
      hash = createHash('sha256')
      for (const part of parts) hash.update(part)
      hash.update(piece)
      parts = [Buffer.concat([...parts, piece], length).subarray(0, headBytes)]
    }
  }

  function finish(): void {
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    if (hash === undefined) give(bytes)
    else onLine(Buffer.from(bytes), number++, { length, sha256: hash.digest('hex') })
    parts = []
    length = 0
    hash = undefined
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
      if (end >= 0 && length > 0) {
        keep(chunk.subarray(0, end))
        finish()
        start = end + 1
        end = chunk.indexOf(lf, start)
      }
      for (; end >= 0; end = chunk.indexOf(lf, start)) {
        give(chunk.subarray(start, end))
        start = end + 1
      }
      keep(chunk.subarray(start))
    },
    end() {
      if (length > 0) finish()
    },
    unfinished: () => length > 0,
    broken() {
      const bytes = Buffer.concat(parts).subarray(0, headBytes)
      parts = []
      length = 0
      hash = undefined
      return { bytes, number }
    },
    next: () => number,
  }
}
