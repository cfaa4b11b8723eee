// Cuts a stream of JSON into its values, wherever the line ends are: the elements of one array, or objects that stretch
// over lines. Holds no more than one value. What is inside a value, the decoder judges.

import { createPieces, type LineCutter, type LineCutterOptions } from './lines.ts'

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
  const begun = createPieces(lineBytesMax)
  const ends = createValueEnds()
  let inArray = false
  let inValue = false

  function finish(): void {
    const { bytes, overlong } = begun.take()
    onLine(bytes, number++, overlong)
    inValue = false
  }

  /** Whether the byte stands between values, and takes notice where it opens or closes their array. */
  function isBetween(byte: number): boolean {
    const opens = byte === arrayOpens && !inArray
    const closes = byte === arrayCloses && inArray
    if (opens || closes) inArray = opens
    return opens || closes || byte <= 0x20 || byte === comma
  }

  return {
    push(chunk) {
      for (let at = 0; at < chunk.length; ) {
        if (!inValue && isBetween(chunk[at]!)) {
          at++
          continue
        }
        inValue = true
        const end = ends.find(chunk, at)
        begun.add(chunk.subarray(at, end < 0 ? chunk.length : end))
        if (end < 0) return
        // What neither opens nor goes on would stand still.
        at = begun.length === 0 ? end + 1 : end
        if (begun.length === 0) inValue = false
        else finish()
      }
    },
    end() {
      if (begun.length > 0) finish()
    },
    unfinished: () => begun.length > 0,
    broken: () => ({ bytes: begun.takeHead(), number }),
    next: () => number,
  }
}

/** Looks for the end of one value after the other, each of which may stretch over several chunks. */
function createValueEnds() {
  let depth = 0
  let inString = false
  let escaped = false

  return {
    /** Where the value ends that is under way at `start`; -1: not in this chunk. */
    find(chunk: Buffer, start: number): number {
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
    },
  }
}
