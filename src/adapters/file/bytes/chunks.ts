// The bytes of a file or of standard input in chunks, a few at a time, whatever the size. A chunk without bytes says
// that nothing more is there for now, so that whoever collects what comes can decide by what has come.

import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { Failure } from '../../../errors.ts'

export const chunkBytes = 65_536
/** Nothing more is there for now. */
export const pause: Buffer = Buffer.alloc(0)

export async function* readChunks(path: string): AsyncGenerator<Buffer> {
  const handle = await open(path).catch((cause: Error) => {
    throw unreadable(path, cause)
  })
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes)
      const { bytesRead } = await handle.read(chunk, 0, chunkBytes, null).catch((cause: Error) => {
        throw unreadable(path, cause)
      })
      if (bytesRead === 0) return
      yield chunk.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

/** With a pause whenever all that has come is given. */
export async function* streamChunks(stream: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    yield asBuffer(chunk)
    if (stream.readableLength === 0) yield pause
  }
}

export function unreadable(path: string, cause: Error): Failure {
  const message = `cannot read ${path}: ${cause.message}`
  return new Failure('SOURCE_UNREADABLE', message, { cause })
}

export function asBuffer(bytes: Uint8Array): Buffer {
  if (bytes instanceof Buffer) return bytes
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
