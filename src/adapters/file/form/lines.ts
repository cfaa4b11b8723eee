// Cuts chunks of bytes into lines: LF or CRLF, a byte order mark at the start dropped, a last line
// without an end counted. A line over the limit is read to its end without being kept. Knows no format.

import { createHash } from 'node:crypto'
import { createPieces, headBytes, type Overlong } from './pieces.ts'

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
