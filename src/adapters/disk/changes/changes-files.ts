// The files of a generation of changes, written in pieces: `changes.bin` is the numbers of all pieces end to end in
// the order in which they came, `pieces.safetensors` says of each which tensor it is of, where it begins there and how
// many numbers it has, and `texts.safetensors` holds the texts that are new.

import { createHash } from 'node:crypto'
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { LastOfChanges, Tensor, TensorData } from '../../../ports/checkpoint-store.ts'
import { checkExact } from '../exact-checkpoint.ts'
import { sync } from '../generation.ts'
import { type FileFacts, type Link, type Manifest, writeManifest } from '../manifest.ts'
import { bytesOf, dtypeOf } from '../safetensors.ts'
import { writeTensorsBeside } from '../tensor-file.ts'
import { textsToTensors } from '../text-columns.ts'

export const changesName = 'changes.bin'
export const piecesName = 'pieces.safetensors'
export const newTextsName = 'texts.safetensors'
export const changesManifestName = 'manifest.json'
/** Numbers of a piece: the tensor's place in `put`, its first number there, how many. */
export const pieceWidth = 3
/** Small pieces are written together. */
const bufferBytes = 256 * 1024

export interface ChangesFiles {
  put(tensor: string, at: number, data: TensorData): void
  putTexts(list: string, from: number, texts: readonly string[]): void
  /** Writes what is left and makes all of it durable, the manifest last. */
  finish(generation: number, chain: readonly Link[], last: LastOfChanges): Promise<Finished>
  /** Closes the file. */
  close(): void
}

interface PutTensor {
  readonly id: number
  readonly tensor: string
  readonly make: unknown
}

export interface Finished {
  readonly manifest: string
  readonly bytes: number
}

export function createChangesFiles(directory: string): ChangesFiles {
  const fd = openSync(join(directory, changesName), 'wx')
  const hash = createHash('sha256')
  const buffer = new Uint8Array(bufferBytes)
  /** The newest place in `put` of each tensor. */
  const ids = new Map<string, PutTensor>()
  let last: PutTensor | undefined
  const put: [string, string][] = []
  const texts = new Map<string, Tensor>()
  let pieces = new Uint32Array(pieceWidth * 1024)
  let count = 0
  let filled = 0
  let bytes = 0
  let isOpen = true

  function write(chunk: Uint8Array): void {
    hash.update(chunk)
    bytes += chunk.length
    for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done)
  }

  function flush(): void {
    write(buffer.subarray(0, filled))
    filled = 0
  }

  function idOf(tensor: string, data: TensorData): number {
    if (tensor === last?.tensor && last.make === data.constructor) return last.id
    last = ids.get(tensor)
    if (last?.make !== data.constructor) {
      const id = put.push([tensor, dtypeOf(data)]) - 1
      last = { id, tensor, make: data.constructor }
      ids.set(tensor, last)
    }
    return last.id
  }

  function close(): void {
    if (isOpen) closeSync(fd)
    isOpen = false
  }

  async function writeFile(name: string, tensors: ReadonlyMap<string, Tensor>): Promise<FileFacts> {
    const file = openSync(join(directory, name), 'wx')
    try {
      return await writeTensorsBeside(file, name, tensors)
    } finally {
      closeSync(file)
    }
  }

  return {
    close,
    put(tensor, at, data) {
      if (data.length === 0) return
      if (at + data.length > 2 ** 32) throw new RangeError(`tensor ${tensor}: ${at} is too far`)
      if (pieceWidth * (count + 1) > pieces.length) {
        const more = new Uint32Array(2 * pieces.length)
        more.set(pieces)
        pieces = more
      }
      const entry = pieceWidth * count++
      pieces[entry] = idOf(tensor, data)
      pieces[entry + 1] = at
      pieces[entry + 2] = data.length
      const own = bytesOf(data)
      if (filled + own.length > bufferBytes) flush()
      if (own.length > bufferBytes) write(own)
      else {
        buffer.set(own, filled)
        filled += own.length
      }
    },
    putTexts(list, from, some) {
      if (some.length === 0) return
      const key = `${list}@${from}`
      for (const [name, tensor] of textsToTensors(new Map([[key, some]]))) texts.set(name, tensor)
    },
    async finish(generation, chain, last) {
      checkExact({ generation, facts: last.facts, tensors: new Map(), texts: new Map() })
      flush()
      close()
      const files: FileFacts[] = [{ name: changesName, bytes, sha256: hash.digest('hex') }]
      const data = pieces.subarray(0, pieceWidth * count)
      const shape = [count, pieceWidth]
      files.push(await writeFile(piecesName, new Map([['pieces', { shape, data }]])))
      files.push(await writeFile(newTextsName, texts))
      const manifest = writeManifest(manifestOf(generation, chain, last, { files, put }))
      for (const { name } of files) await sync(join(directory, name))
      writeFileSync(join(directory, changesManifestName), manifest, { flag: 'wx' })
      await sync(join(directory, changesManifestName))
      await sync(directory)
      const sum = files.reduce((total, file) => total + file.bytes, Buffer.byteLength(manifest))
      return { manifest, bytes: sum }
    },
  }
}

interface Written {
  readonly files: readonly FileFacts[]
  readonly put: readonly (readonly [string, string])[]
}

function manifestOf(
  generation: number,
  chain: readonly Link[],
  { facts, tensors, texts }: LastOfChanges,
  { files, put }: Written,
): Manifest {
  const forms = [...tensors].map(([name, { shape, kind }]) => {
    return [name, dtypeOf(kind), shape] as const
  })
  const changes = { chain, put, tensors: forms, texts: [...texts] }
  return { generation, files, facts, changes }
}
