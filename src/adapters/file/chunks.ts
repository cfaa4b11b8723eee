// The bytes of a file or of standard input in chunks, unpacked where they are gzip (told by the first
// two bytes, not by the name). Holds a few chunks at a time, whatever the size.

import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { Failure } from '../../errors.ts'

/** The packed input broke off or is damaged; what could be unpacked before was given. */
export class TornInput extends Error {}

const chunkBytes = 65_536
/** Bounds what one step of unpacking can make: deflate expands at most about 1,032 times. */
const packedStepBytes = 16_384

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

/** Passes plain bytes through and unpacks gzip. @throws TornInput */
export async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const source = chunks[Symbol.asyncIterator]()
  try {
    let head: Buffer = Buffer.alloc(0)
    while (head.length < 2) {
      const next = await source.next()
      if (next.done) break
      head = Buffer.concat([head, next.value])
    }
    if (head[0] === 0x1f && head[1] === 0x8b) yield* gunzip(head, source)
    else {
      if (head.length > 0) yield head
      for (let next = await source.next(); !next.done; next = await source.next()) {
        yield asBuffer(next.value)
      }
    }
  } finally {
    await source.return?.()
  }
}

async function* gunzip(head: Buffer, source: AsyncIterator<Uint8Array>): AsyncGenerator<Buffer> {
  const unzip = createGunzip({ chunkSize: chunkBytes })
  let out: Buffer[] = []
  let torn: Error | undefined
  unzip.on('data', (chunk: Buffer) => out.push(chunk))
  const ended = new Promise<void>((resolve) => {
    unzip.once('end', resolve)
    unzip.once('error', (error) => {
      torn = error
      resolve()
    })
  })
  function take(): Buffer[] {
    const taken = out
    out = []
    return taken
  }
  try {
    for (let packed: Buffer | undefined = head; packed !== undefined && torn === undefined; ) {
      for (let at = 0; at < packed.length && torn === undefined; at += packedStepBytes) {
        const step = packed.subarray(at, at + packedStepBytes)
        const written = new Promise<void>((resolve) => unzip.write(step, () => resolve()))
        await Promise.race([written, ended])
        yield* take()
      }
      const next = torn === undefined ? await source.next() : undefined
      packed = next === undefined || next.done ? undefined : asBuffer(next.value)
    }
    if (torn === undefined) unzip.end()
    await ended
    yield* take()
    if (torn !== undefined) throw new TornInput(torn.message)
  } finally {
    unzip.destroy()
  }
}

export function unreadable(path: string, cause: Error): Failure {
  const message = `cannot read ${path}: ${cause.message}`
  return new Failure('SOURCE_UNREADABLE', message, { cause })
}

function asBuffer(bytes: Uint8Array): Buffer {
  if (bytes instanceof Buffer) return bytes
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
