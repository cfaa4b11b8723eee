// Tensors to and from one file, hashed on the way, in one pass and without a second copy of the numbers.
// Writing is synchronous on purpose: it ends in the page cache, and the arrays are free again.

import { createHash, type Hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { FileFacts } from './manifest.ts'
import {
  allocate,
  bytesOf,
  headerLength,
  layOut,
  type Memory,
  ownMemory,
  prefixBytes,
  readHeader,
} from './safetensors.ts'

/** Fits the cache of a core, so that a chunk is hashed and copied while it is near. */
const chunkBytes = 256 * 1024
/** Whoever writes a piece beside other work lets it go on before the next. */
const pieceBytes = 1024 * 1024

/** Writes to an open file; what it wrote is durable only after a sync. */
export function writeTensors(
  fd: number,
  name: string,
  tensors: ReadonlyMap<string, Tensor>,
): FileFacts {
  const hash = createHash('sha256')
  let bytes = 0
  for (const piece of piecesOf(tensors)) bytes += put(fd, piece, hash)
  return { name, bytes, sha256: hash.digest('hex') }
}

/** The bytes of the file from its beginning to its end, in place where they are those of a tensor. */
export function* piecesOf(tensors: ReadonlyMap<string, Tensor>): Generator<Uint8Array, void> {
  const { head, entries } = layOut(tensors)
  yield head
  for (const { name } of entries) {
    const data = bytesOf(tensors.get(name)!.data)
    for (let at = 0; at < data.length; at += pieceBytes) yield data.subarray(at, at + pieceBytes)
  }
}

/** Reads what the facts promise, or throws an Error that says what is wrong with the file. */
export function readTensors(
  path: string,
  facts: FileFacts,
  memory: Memory = ownMemory,
): Map<string, Tensor> {
  const fd = openPlain(path, facts.bytes)
  try {
    const hash = createHash('sha256')
    const prefix = take(fd, new Uint8Array(Math.min(prefixBytes, facts.bytes)), hash)
    const header = take(fd, new Uint8Array(headerLength(prefix, facts.bytes)), hash)
    const entries = readHeader(header, facts.bytes - prefixBytes - header.length)
    const tensors = new Map<string, Tensor>()
    for (const entry of entries) {
      const tensor = allocate(entry, memory)
      take(fd, bytesOf(tensor.data), hash)
      tensors.set(entry.name, tensor)
    }
    if (hash.digest('hex') !== facts.sha256) throw new Error('the checksum does not fit')
    return tensors
  } finally {
    closeSync(fd)
  }
}

/** Reads a file that the facts describe from its beginning to its end. The caller closes it. */
export function createReader(path: string, facts: FileFacts) {
  const fd = openPlain(path, facts.bytes)
  const hash = createHash('sha256')
  const buffer = new Uint8Array(chunkBytes)
  /** What was read and not yet given. */
  let ready = buffer.subarray(0, 0)
  let unread = facts.bytes

  /** Gives the next bytes, at most `bytes` of them, which are valid until the next call. */
  function next(bytes: number): Uint8Array {
    if (ready.length === 0) {
      ready = take(fd, buffer.subarray(0, Math.min(unread, chunkBytes)), hash) as typeof ready
      unread -= ready.length
      if (ready.length === 0) throw new Error(`ends ${bytes} bytes too early`)
    }
    const some = ready.subarray(0, bytes)
    ready = ready.subarray(some.length)
    return some
  }

  return {
    fd,
    fill(into: Uint8Array): void {
      for (let done = 0; done < into.length; ) {
        const some = next(into.length - done)
        into.set(some, done)
        done += some.length
      }
    },
    /** Reads on without keeping anything. */
    pass(bytes: number): void {
      for (let done = 0; done < bytes; ) done += next(bytes - done).length
    },
    /** To be called last. Throws where something is left, or what was read is not what was written. */
    end(): void {
      const left = unread + ready.length
      if (left > 0) throw new Error(`${left} bytes too many`)
      if (hash.digest('hex') !== facts.sha256) throw new Error('the checksum does not fit')
    },
  }
}

/** Opens a plain file of a known length: no link, no pipe, nothing that could block. */
export function openPlain(path: string, bytes?: number): number {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const stat = fstatSync(fd)
  if (stat.isFile() && (bytes === undefined || stat.size === bytes)) return fd
  closeSync(fd)
  throw new Error(
    stat.isFile()
      ? `${stat.size} bytes, expected ${bytes}`
      : 'expected a plain file, got something else',
  )
}

function put(fd: number, bytes: Uint8Array, hash: Hash): number {
  for (let begin = 0; begin < bytes.length; begin += chunkBytes) {
    const chunk = bytes.subarray(begin, begin + chunkBytes)
    hash.update(chunk)
    for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done)
  }
  return bytes.length
}

/** Fills `into` from where the file stands. */
export function take(fd: number, into: Uint8Array, hash?: Hash): Uint8Array {
  for (let begin = 0; begin < into.length; ) {
    const got = readSync(fd, into, begin, Math.min(chunkBytes, into.length - begin), null)
    if (got === 0) throw new Error(`ends ${into.length - begin} bytes too early`)
    hash?.update(into.subarray(begin, begin + got))
    begin += got
  }
  return into
}
