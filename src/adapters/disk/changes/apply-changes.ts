// What a state becomes with the changes of one generation: tensors of new forms with the numbers that were put, lists
// with the texts that were put.

import { closeSync } from 'node:fs'
import { join } from 'node:path'
import type { Tensor, TensorData } from '../../../ports/checkpoint-store.ts'
import { readFiles } from '../generation.ts'
import type { ChangesFacts, FileFacts, Manifest } from '../manifest.ts'
import { bytesEach, bytesOf, dtypeOf, sharedMemory, zeros } from '../safetensors.ts'
import { createReader, readTensors } from '../tensor-file.ts'
import { tensorsToTexts } from '../text-columns.ts'
import { ChangedTexts } from './changed-texts.ts'
import { changesName, newTextsName, piecesName, pieceWidth } from './changes-files.ts'

export interface Content {
  tensors: Map<string, Tensor>
  texts: ChangedTexts
}

/** Throws where the state that the changes lead to is larger than what may be read. */
export function checkBytes({ tensors }: ChangesFacts, bytesMax: number): void {
  let bytes = 0
  for (const [, dtype, shape] of tensors) bytes += countOf(shape) * bytesEach(dtype)
  if (!(bytes <= bytesMax)) {
    throw new Error(`${bytes} bytes, expected at most ${bytesMax} (--checkpoint-bytes-max)`)
  }
}

/** Adds what a generation holds to what those before it do. `last`: the forms that the tensors have in the end. */
export function addGeneration(
  into: Content,
  directory: string,
  manifest: Manifest,
  { bytesMax, last }: { readonly bytesMax: number; readonly last: Forms },
): void {
  const { changes, files } = manifest
  if (changes === undefined) {
    const { tensors, texts } = readFiles(directory, files, bytesMax)
    into.tensors = tensors
    into.texts = new ChangedTexts(texts)
    return
  }
  const [numbers, pieces, texts] = files
  const names = [changesName, piecesName, newTextsName]
  if (
    numbers === undefined ||
    pieces === undefined ||
    texts === undefined ||
    files.length !== 3 ||
    files.some(({ name }, k) => name !== names[k])
  ) {
    throw new Error(`its manifest lists other files than ${names.join(', ')}`)
  }
  checkBytes(changes, bytesMax)
  into.tensors = formed(into.tensors, changes, last)
  const read = (facts: FileFacts) => readTensors(join(directory, facts.name), facts)
  addNumbers(into.tensors, changes, read(pieces), {
    path: join(directory, changesName),
    facts: numbers,
  })
  into.texts.apply(changes.texts, tensorsToTexts(read(texts)))
}

export type Forms = ReadonlyMap<string, ChangesFacts['tensors'][number]>

/**
 * Tensors of the forms that the changes say, beginning with the numbers that were there. One that grows gets the memory
 * of its last form at once, since it may grow with every link.
 */
function formed(
  before: ReadonlyMap<string, Tensor>,
  { tensors }: ChangesFacts,
  last: Forms,
): Map<string, Tensor> {
  const after = new Map<string, Tensor>()
  for (const [name, dtype, shape] of tensors) {
    const count = countOf(shape)
    const old = before.get(name)
    const isSame =
      old !== undefined && dtypeOf(old.data) === dtype && rowOf(old.shape) === rowOf(shape)
    const kept = isSame ? old.data : zeros(dtype, 0, sharedMemory)
    const [, lastDtype, lastShape = []] = last.get(name) ?? []
    const room = lastDtype === dtype ? Math.max(count, countOf(lastShape)) : count
    after.set(name, { shape, data: resized(kept, count, room) })
  }
  return after
}

/** The first `count` numbers, zeros where there are no more; in place where the memory behind the array suffices. */
function resized(data: TensorData, count: number, room: number): TensorData {
  if (count <= data.length) return data.subarray(0, count) as TensorData
  const make = data.constructor as new (on: ArrayBufferLike, at?: number) => TensorData
  let all = new make(data.buffer, data.byteOffset)
  if (all.length < count) {
    all = zeros(dtypeOf(data), room, sharedMemory)
    all.set(data as never)
  }
  return all.subarray(0, count).fill(0, data.length) as TensorData
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1)
}

function rowOf(shape: readonly number[]): string {
  return shape.slice(1).join()
}

function addNumbers(
  tensors: ReadonlyMap<string, Tensor>,
  { put }: ChangesFacts,
  index: ReadonlyMap<string, Tensor>,
  { path, facts }: { readonly path: string; readonly facts: FileFacts },
): void {
  const pieces = index.get('pieces')?.data
  if (!(pieces instanceof Uint32Array) || index.size !== 1 || pieces.length % pieceWidth !== 0) {
    throw new Error(`${piecesName} is no list of pieces`)
  }
  const reader = createReader(path, facts)
  // A tensor may have gone, have become another one, or be shorter than when the piece was put.
  const targets = put.map(([name, dtype]) => {
    const { data } = tensors.get(name) ?? {}
    const bytes = data !== undefined && dtypeOf(data) === dtype ? bytesOf(data) : new Uint8Array(0)
    return { bytes, size: bytesEach(dtype) }
  })
  try {
    for (let k = 0; k < pieces.length; k += pieceWidth) {
      const target = targets[pieces[k]!]
      if (target === undefined) throw new Error(`piece ${k / pieceWidth} is of no tensor`)
      const { bytes, size } = target
      const [from, to] = [pieces[k + 1]! * size, (pieces[k + 1]! + pieces[k + 2]!) * size]
      const into = bytes.subarray(from, to)
      reader.fill(into)
      reader.pass(to - from - into.length)
    }
    reader.end()
  } finally {
    closeSync(reader.fd)
  }
}
