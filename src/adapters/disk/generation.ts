// One generation as a directory of three files: captured synchronously, made durable afterwards, read back.
// Knows nothing of other generations, of names in the parent, or of who may write.

import { closeSync, fstatSync, lstatSync, openSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Checkpoint, Tensor } from '../../ports/checkpoint-store.ts'
import {
  type FileFacts,
  type Manifest,
  manifestBytesMax,
  readManifest,
  writeManifest,
} from './manifest.ts'
import { sharedMemory } from './safetensors.ts'
import { openPlain, readTensors, take, writeTensors } from './tensor-file.ts'
import { type TextColumn, tensorsToTexts, textsToTensors } from './text-columns.ts'

const tensorsName = 'tensors.safetensors'
const textsName = 'texts.safetensors'
const manifestName = 'manifest.json'

/** What is written but not yet durable. */
export interface Captured {
  readonly bytes: number
  readonly manifest: string
}

/** Writes the numbers and texts; the checkpoint's arrays are not needed any more when it returns. */
export function capture(directory: string, checkpoint: Checkpoint): Captured {
  const { generation, facts, tensors, texts } = checkpoint
  const files: FileFacts[] = []
  for (const [name, content] of [
    [tensorsName, tensors],
    [textsName, textsToTensors(texts)],
  ] as const) {
    const fd = openSync(join(directory, name), 'wx')
    try {
      files.push(writeTensors(fd, name, content))
    } finally {
      closeSync(fd)
    }
  }
  const manifest = writeManifest({ generation, files, facts })
  const bytes = files.reduce((sum, file) => sum + file.bytes, Buffer.byteLength(manifest))
  return { bytes, manifest }
}

/** Makes the files durable, the manifest last, and then their names. */
export async function makeDurable(directory: string, captured: Captured): Promise<void> {
  await sync(join(directory, tensorsName))
  await sync(join(directory, textsName))
  writeFileSync(join(directory, manifestName), captured.manifest, { flag: 'wx' })
  await sync(join(directory, manifestName))
  await sync(directory)
}

/** fsync in the thread pool, so that learning goes on meanwhile. Works for directories too. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The manifest in the directory of a generation. Throws what it finds wrong, or CHECKPOINT_FOREIGN. */
export function manifestIn(
  directory: string,
  generation: number,
): { readonly manifest: Manifest; readonly text: string } {
  if (!lstatSync(directory).isDirectory())
    throw new Error('expected a directory, not a link or file')
  const text = readText(join(directory, manifestName))
  const manifest = readManifest(text, directory)
  if (manifest.generation === generation) return { manifest, text }
  throw new Error(`its manifest says generation ${manifest.generation}`)
}

/**
 * The content of a whole generation, in memory that other threads can be given. Throws an Error that says what is
 * damaged.
 */
export function readFiles(
  directory: string,
  files: readonly FileFacts[],
  bytesMax: number,
): { readonly tensors: Map<string, Tensor>; readonly texts: Map<string, TextColumn> } {
  const [tensorsFile, textsFile] = files
  if (tensorsFile?.name !== tensorsName || textsFile?.name !== textsName || files.length !== 2) {
    throw new Error(`its manifest lists other files than ${tensorsName} and ${textsName}`)
  }
  const bytes = tensorsFile.bytes + textsFile.bytes
  if (bytes > bytesMax) {
    throw new Error(`${bytes} bytes, expected at most ${bytesMax} (--checkpoint-bytes-max)`)
  }
  const read = (facts: FileFacts) => readTensors(join(directory, facts.name), facts, sharedMemory)
  const texts = named(textsName, () => tensorsToTexts(read(textsFile)))
  const tensors = named(tensorsName, () => read(tensorsFile))
  return { tensors, texts }
}

function readText(path: string): string {
  const fd = openPlain(path)
  try {
    const bytes = fstatSync(fd).size
    if (bytes > manifestBytesMax) throw new Error(`its manifest has ${bytes} bytes`)
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      take(fd, new Uint8Array(bytes)),
    )
  } finally {
    closeSync(fd)
  }
}

function named<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const { message } = error as Error
    throw new Error(`${name}: ${message}`, { cause: error })
  }
}
