// Packed bytes to plain ones: gzip and Zstandard, told by the first bytes and not by the name, members and frames one
// after the other. What is no text at all is refused here.

import { createGunzip } from 'node:zlib'
import { Decompress } from 'fzstd'
import { Failure } from '../../../errors.ts'
import { asBuffer, chunkBytes } from './chunks.ts'
import { headBytes, type Packing, packingOf, refuseBinary } from './kinds.ts'
import { createFrameWalk } from './zstd-frames.ts'

/** The packed input broke off or is damaged; what could be unpacked before was given. */
export class TornInput extends Error {}

/** Bounds what one step of unpacking can make: deflate expands at most about 1,032 times. */
const gzipStepBytes = 16_384
/** Four bytes of Zstandard can stand for 128 KiB. */
const zstdStepBytes = 256

type Chunks = AsyncIterator<Uint8Array>

/** `onPacking` is told what it is before the first bytes are given. @throws TornInput, Failure SOURCE_UNUSABLE */
export async function* unpacked(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  onPacking?: (packing: Packing) => void,
): AsyncGenerator<Buffer> {
  const source = chunks[Symbol.asyncIterator]()
  try {
    let head: Buffer = Buffer.alloc(0)
    while (head.length < headBytes && !head.includes(0x0a)) {
      const next = await source.next()
      if (next.done) break
      head = Buffer.concat([head, next.value])
    }
    const packing = packingOf(head)
    if (packing === 'none') refuseBinary(name, head)
    onPacking?.(packing)
    if (packing === 'gzip') yield* whole(gunzip(head, source), name, packing)
    else if (packing === 'zstd') yield* whole(unzstd(head, source), name, packing)
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

/** What cannot be unpacked from its first byte on is not torn: it is something else. */
async function* whole(
  bytes: AsyncGenerator<Buffer>,
  name: string,
  packing: Packing,
): AsyncGenerator<Buffer> {
  let given = 0
  try {
    for await (const chunk of bytes) {
      given += chunk.length
      yield chunk
    }
  } catch (cause) {
    if (!(cause instanceof TornInput) || given > 0) throw cause
    const message =
      `${name} begins like ${packing} and cannot be unpacked (${cause.message}): ` +
      'it is damaged, or something else; fetch or write it again'
    throw new Failure('SOURCE_UNUSABLE', message, { cause })
  }
}

async function* gunzip(head: Buffer, source: Chunks): AsyncGenerator<Buffer> {
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
      for (let at = 0; at < packed.length && torn === undefined; at += gzipStepBytes) {
        const step = packed.subarray(at, at + gzipStepBytes)
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

async function* unzstd(head: Buffer, source: Chunks): AsyncGenerator<Buffer> {
  let out: Buffer[] = []
  const walk = createFrameWalk()
  const decoder = new Decompress((part) => void out.push(Buffer.from(part)))
  const push = (step: Buffer, last: boolean): void => {
    try {
      walk.push(step)
      decoder.push(step, last)
    } catch (cause) {
      throw new TornInput((cause as Error).message)
    }
  }
  const take = (): Buffer[] => {
    const taken = out.filter((part) => part.length > 0)
    out = []
    return taken
  }
  for (let packed: Buffer | undefined = head; packed !== undefined; ) {
    for (let at = 0; at < packed.length; at += zstdStepBytes) {
      push(packed.subarray(at, at + zstdStepBytes), false)
      yield* take()
    }
    const next = await source.next()
    packed = next.done ? undefined : asBuffer(next.value)
  }
  push(Buffer.alloc(0), true)
  yield* take()
}
