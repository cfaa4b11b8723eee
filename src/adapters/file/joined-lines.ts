// Lines of a CSV record whose double quote has not closed yet, which are put together into one record when it closes.
// A quote that does not close within the bounds is given up.

import type { Line } from './form/layout.ts'

/** Lines that one CSV record may stretch over. */
const joinedLinesMax = 1_000

export interface JoinedLines {
  /** Whether a quote is open. */
  readonly isOpen: boolean
  /** Adds the next line; `open`: the quote is still open after it. Returns the whole record where it has closed. */
  add(line: Line, open: boolean): Line | undefined
  /** Whether the open record has passed its bounds. */
  readonly isTooLong: boolean
  /** Takes out the lines of the open record. */
  giveUp(): Line[]
}

export function createJoinedLines(recordBytesMax: number): JoinedLines {
  let lines: Line[] = []
  let bytes = 0

  function takeOut(): Line[] {
    const all = lines
    lines = []
    bytes = 0
    return all
  }

  return {
    get isOpen() {
      return lines.length > 0
    },
    add(line, open) {
      lines.push(line)
      bytes += line.bytes.length + 1
      if (open) return undefined
      const { number } = lines[0]!
      const parts = takeOut().flatMap((one) => [one.bytes, newline])
      return { bytes: Buffer.concat(parts).subarray(0, -1), number }
    },
    get isTooLong() {
      return bytes > recordBytesMax || lines.length > joinedLinesMax
    },
    giveUp: takeOut,
  }
}

const newline = Buffer.from('\n')
