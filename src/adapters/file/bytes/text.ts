// Plain bytes to text in UTF-8 with line feeds: UTF-16 by its byte order mark, Latin-1 where it is told, and files of
// old Macs, whose lines end in a carriage return alone.

import { pause } from './chunks.ts'
import { refuseBinary, refuseZeros } from './kinds.ts'

export const encodings = ['auto', 'utf-8', 'utf-16le', 'utf-16be', 'latin1'] as const
export type Encoding = (typeof encodings)[number]

/** How far is looked for a line feed before carriage returns are taken for the ends of lines. */
const lineEndBytesMax = 65_536
const lf = 0x0a
const cr = 0x0d

/** `onEncoding` is told before the first bytes are given. @throws Failure SOURCE_UNUSABLE for what is no text */
export async function* decodedText(
  chunks: AsyncIterable<Buffer>,
  name: string,
  told: Encoding,
  onEncoding?: (encoding: Encoding) => void,
): AsyncGenerator<Buffer> {
  let decode: ((chunk: Buffer) => Buffer) | undefined
  let head: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (decode !== undefined) {
      yield chunk.length === 0 ? pause : decode(chunk)
      continue
    }
    head = Buffer.concat([head, chunk])
    if (head.length < 3) continue
    const encoding = told === 'auto' ? byMark(head) : told
    onEncoding?.(encoding)
    if (encoding === 'utf-8' || encoding === 'latin1') {
      // What was unpacked, and what only more bytes tell.
      refuseBinary(name, head)
      refuseZeros(name, head)
    }
    decode = decoderOf(encoding)
    yield decode(head)
    if (chunk.length === 0) yield pause
  }
  if (decode === undefined) {
    onEncoding?.('utf-8')
    if (head.length > 0) yield head
  }
}

function byMark(head: Buffer): Exclude<Encoding, 'auto'> {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : 'utf-8'
}

function decoderOf(encoding: Encoding): (chunk: Buffer) => Buffer {
  if (encoding === 'utf-8') return withoutMark()
  // WHATWG's name for what the world calls Latin-1.
  const decoder = new TextDecoder(encoding === 'latin1' ? 'windows-1252' : encoding)
  return (chunk) => Buffer.from(decoder.decode(chunk, { stream: true }))
}

function withoutMark(): (chunk: Buffer) => Buffer {
  let first = true
  return (chunk) => {
    const marked = first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf
    first = false
    return marked ? chunk.subarray(3) : chunk
  }
}

/** Carriage returns alone become line feeds where the text has no line feed. */
export async function* withLineFeeds(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let mode: 'open' | 'as it is' | 'returns' = 'open'
  let head: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    if (mode === 'returns') yield fed(chunk)
    else if (mode === 'as it is') yield chunk
    else {
      head.push(chunk)
      bytes += chunk.length
      if (chunk.includes(lf)) mode = 'as it is'
      else if (bytes > lineEndBytesMax) mode = hasReturn(head) ? 'returns' : 'as it is'
      else if (chunk.length > 0) continue
      else {
        yield pause
        head.pop()
        continue
      }
      yield* mode === 'returns' ? head.map(fed) : head
      head = []
    }
  }
  yield* hasReturn(head) ? head.map(fed) : head
}

function hasReturn(chunks: readonly Buffer[]): boolean {
  const last = chunks.at(-1)
  // The very last may be half of a line end.
  return chunks.some((chunk) => {
    const at = chunk.indexOf(cr)
    return at >= 0 && !(chunk === last && at === chunk.length - 1)
  })
}

function fed(chunk: Buffer): Buffer {
  const copy = Buffer.from(chunk)
  for (let at = copy.indexOf(cr); at >= 0; at = copy.indexOf(cr, at + 1)) copy[at] = lf
  return copy
}
