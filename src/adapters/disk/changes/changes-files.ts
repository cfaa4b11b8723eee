// The files of a generation of changes, written in pieces: `changes.bin` is the numbers of all pieces end to end in
// the order in which they came, `pieces.safetensors` says of each which tensor it is of, where it begins there and how
// many numbers it has, and `texts.safetensors` holds the texts that are new.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { LastOfChanges, Tensor, TensorData } from '../../../ports/checkpoint-store.ts'
import { checkExact } from '../exact-checkpoint.ts'
import { sync } from '../generation.ts'
import { type FileFacts, type Link, type Manifest, writeManifest } from '../manifest.ts'
import { bytesOf, dtypeOf } from '../safetensors.ts'
import { piecesOf } from '../tensor-file.ts'
import { textsToTensors } from '../text-columns.ts'
import { GrowingFile } from './growing-file.ts'

export const changesName = 'changes.bin'
export const piecesName = 'pieces.safetensors'
export const newTextsName = 'texts.safetensors'
export const changesManifestName = 'manifest.json'
/** Numbers of a piece: the tensor's place in `put`, its first number there, how many. */
export const pieceWidth = 3
/** About as many bytes are added to a file in one go: a trainer has few turns of the event loop a second. */
const bytesAtOnce = 512 * 1024

export interface ChangesFiles {
  put(tensor: string, at: number, data: TensorData): void
  putTexts(list: string, from: number, texts: readonly string[]): void
  /** undefined: more may be put; else resolves when it may. */
  room(): Promise<void> | undefined
  /** Writes what is left and makes all of it durable, the manifest last. */
  finish(generation: number, chain: readonly Link[], last: LastOfChanges): Promise<Finished>
  /** Resolves when nothing is written any more. */
  close(): Promise<void>
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

/** `folder`: what fails in making it is thrown by finish(). */
export function createChangesFiles(folder: Promise<string>): ChangesFiles {
  const numbers = new GrowingFile(folder, changesName)
  /** The newest place in `put` of each tensor. */
  const ids = new Map<string, PutTensor>()
  let last: PutTensor | undefined
  const put: [string, string][] = []
  const texts = new Map<string, Tensor>()
  let pieces = new Uint32Array(pieceWidth * 1024)
  let count = 0

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

  async function write(name: string, tensors: ReadonlyMap<string, Tensor>): Promise<FileFacts> {
    const file = new GrowingFile(folder, name)
    let bytes = 0
    for (const piece of piecesOf(tensors)) {
      file.add(piece)
      bytes += piece.length
      if (bytes < bytesAtOnce) continue
      bytes = 0
      await (file.room() ?? setImmediate())
    }
    return file.finish()
  }

  return {
    room: () => numbers.room(),
    close: () => numbers.close(),
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
      numbers.add(bytesOf(data))
    },
    putTexts(list, from, some) {
      if (some.length === 0) return
      const key = `${list}@${from}`
      for (const [name, tensor] of textsToTensors(new Map([[key, some]]))) texts.set(name, tensor)
    },
    async finish(generation, chain, last) {
      checkExact({ generation, facts: last.facts, tensors: new Map(), texts: new Map() })
      const data = pieces.subarray(0, pieceWidth * count)
      const shape = [count, pieceWidth]
      const files = [
        await numbers.finish(),
        await write(piecesName, new Map([['pieces', { shape, data }]])),
        await write(newTextsName, texts),
      ]
      const manifest = writeManifest(manifestOf(generation, chain, last, { files, put }))
      const directory = await folder
      await writeFile(join(directory, changesManifestName), manifest, { flag: 'wx', flush: true })
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
