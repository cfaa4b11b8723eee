// How a file is recognised that was read before: its first bytes, and the last record that was read. A position is the
// number of a line, and means nothing in another file of the same name.

import { createHash } from 'node:crypto'
import { Failure } from '../../errors.ts'

/** Bytes of the head that are compared, where there are this many. */
const headBytesMax = 4_096

/** The file is not the one that was read before. */
export class Replaced extends Failure {}

export interface FileMark {
  readonly headBytes: number
  readonly head: string
  /** Offset of the last record that was read, the length of its text and its hash. */
  readonly line: number
  readonly lineBytes: number
  readonly lineHash: string
  /** `open`: the record's line had no end yet; `torn`: what was packed broke off in it. */
  readonly how: 'whole' | 'open' | 'torn'
}

export function parseMark(text: string | undefined): FileMark | undefined {
  const found = /^(\d+):(\w+) (\d+):(\d+):(\w+) (whole|open|torn)$/.exec(text ?? '')
  if (found === null) return undefined
  const [, headBytes, head = '', line, lineBytes, lineHash = '', how] = found
  return {
    ...{ headBytes: Number(headBytes), head, line: Number(line), lineBytes: Number(lineBytes) },
    ...{ lineHash, how: how as FileMark['how'] },
  }
}

/** By stream, as a checkpoint keeps them. */
export type Marks = ReadonlyMap<string, string>

export function markOf(marks: Marks | undefined, stream: string): FileMark | undefined {
  return parseMark(marks?.get(stream))
}

/** What is known of one stream while it is read. */
export interface Marker {
  /** Text of the stream as it comes, from its start. */
  push(chunk: Buffer): void
  /** No more text comes. @throws Replaced where it is less than there was before */
  end(): void
  /** The record at this offset came without the end of its line. */
  open(offset: number): void
  /** Compares a record with the one that was read before. @returns whether it is to be read again */
  isNew(offset: number, value: Uint8Array): boolean
  /** For the checkpoint, after this record. */
  after(record: {
    readonly offset: number
    readonly value: Uint8Array
    readonly torn: boolean
  }): string
}

export function createMarker(stream: string, before: FileMark | undefined): Marker {
  let head: Buffer = Buffer.alloc(0)
  let headHash: string | undefined
  let openAt = -1
  let unchecked = before !== undefined

  function check(isEnd: boolean): void {
    if (before === undefined || !unchecked) return
    if (head.length < before.headBytes && !isEnd) return
    unchecked = false
    const same =
      head.length >= before.headBytes && hashOf(head.subarray(0, before.headBytes)) === before.head
    if (!same) throw replaced(stream, before.line + 1, 'its beginning is another')
  }

  return {
    push(chunk) {
      if (head.length >= headBytesMax) return
      head = Buffer.concat([head, chunk.subarray(0, headBytesMax - head.length)])
      headHash = undefined
      check(false)
    },
    end: () => check(true),
    open(offset) {
      openAt = offset
    },
    isNew(offset, value) {
      if (before === undefined || offset !== before.line) return false
      // The line that was packed and broke off was never read.
      if (before.how === 'torn') return true
      if (value.length === before.lineBytes && hashOf(value) === before.lineHash) return false
      const grown =
        before.how === 'open' &&
        value.length > before.lineBytes &&
        hashOf(value.subarray(0, before.lineBytes)) === before.lineHash
      if (grown) return true
      throw replaced(stream, before.line + 1, `line ${offset + 1} is another`)
    },
    after({ offset, value, torn }) {
      headHash ??= hashOf(head)
      const how = torn ? 'torn' : offset === openAt ? 'open' : 'whole'
      return `${head.length}:${headHash} ${offset}:${value.length}:${hashOf(value)} ${how}`
    },
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}

/** @param lines how many an earlier run had read */
export function replaced(stream: string, lines: number, how: string): Replaced {
  const message =
    `${stream} is not the file of which an earlier run had read ${lines} lines: ${how}; ` +
    'give the new file a name of its own, or start over with --fresh'
  return new Replaced('SOURCE_UNREADABLE', message)
}
