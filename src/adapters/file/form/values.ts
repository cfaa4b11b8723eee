// Cuts a stream of JSON into its values, wherever the line ends are: the elements of one array, or objects that stretch
// over lines. Holds no more than one value. What is inside a value, the decoder judges.

import { createHash, type Hash } from 'node:crypto'
import { headBytes, type LineCutter, type LineCutterOptions } from './lines.ts'

/** Whether the text is an array of values, or values over several lines: then it has no line a value. */
export function isJsonStream(head: Buffer): boolean {
  const text = head.toString('utf8', 0, 1_024).trimStart()
  return /^\[\s*(?:[{[\]]|$)/.test(text) || /^\{\s*\n/.test(text)
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c]
const opening = [0x7b, 0x5b]
const closing = [0x7d, 0x5d]
const [arrayOpens, arrayCloses] = [0x5b, 0x5d]

/** `number` of a value counts from the first; `lineBytesMax` bounds a value. */
export function createValueCutter(options: LineCutterOptions): LineCutter {
  const { lineBytesMax, onLine } = options
  let number = options.firstNumber
  let parts: Buffer[] = []
  let length = 0
  let hash: Hash | undefined
  let inArray = false
  let depth = 0
  let inString = false
  let escaped = false
  let inValue = false

  function keep(piece: Buffer): void {
    length += piece.length
    if (hash !== undefined) hash.update(piece)
    else if (length <= lineBytesMax) parts.push(piece)
    else {
      hash = createHash('sha256')
      for (const part of parts) hash.update(part)
      hash.update(piece)
      parts = [Buffer.concat([...parts, piece]).subarray(0, headBytes)]
    }
  }

  function finish(): void {
    const bytes = Buffer.concat(parts)
    if (hash === undefined) onLine(bytes, number++)
    else onLine(bytes, number++, { length, sha256: hash.digest('hex') })
    parts = []
    length = 0
    hash = undefined
    inValue = false
  }

  /** Where the value ends that is under way at `start`; -1: not in this chunk. */
  function endOf(chunk: Buffer, start: number): number {
    for (let at = start; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (inString) {
        if (escaped) escaped = false
        else if (byte === backslash) escaped = true
        else if (byte === quote) inString = false
      } else if (byte === quote) inString = true
      else if (opening.includes(byte)) depth++
      else if (closing.includes(byte)) {
        // A scalar ends before the bracket of its array.
        if (depth === 0) return at
        if (--depth === 0) return at + 1
      } else if (depth === 0 && (byte === comma || byte <= 0x20)) return at
    }
    return -1
  }

  return {
    push(chunk) {
      for (let at = 0; at < chunk.length; ) {
        if (!inValue) {
          const byte = chunk[at]!
          const opens = byte === arrayOpens && !inArray
          const closes = byte === arrayCloses && inArray
          if (opens || closes || byte <= 0x20 || byte === comma) {
            if (opens || closes) inArray = opens
            at++
            continue
          }
          inValue = true
        }
        const end = endOf(chunk, at)
        keep(chunk.subarray(at, end < 0 ? chunk.length : end))
        if (end < 0) return
        // What neither opens nor goes on would stand still.
        at = length === 0 ? end + 1 : end
        if (length === 0) inValue = false
        else finish()
      }
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
