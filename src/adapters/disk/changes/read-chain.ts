// Reads a generation of changes: the whole one at the beginning of its chain, then all changes up to it, in order. What
// is missing, damaged or another generation than the chain says makes all of it unreadable, never a mixture.

import { join } from 'node:path'
import type { Checkpoint, SavedCheckpoint } from '../../../ports/checkpoint-store.ts'
import { manifestIn } from '../generation.ts'
import { sealOf } from '../manifest.ts'
import { addGeneration, type Content, checkBytes } from './apply-changes.ts'
import { ChangedTexts } from './changed-texts.ts'

export interface ReadOptions {
  readonly directory: string
  readonly nameOf: (generation: number) => string
  readonly bytesMax: number
}

export interface ReadBack {
  readonly checkpoint: Checkpoint
  readonly madeOf: readonly SavedCheckpoint[]
}

/** Throws an Error that says what is damaged, or CHECKPOINT_FOREIGN. */
export function readChain(generation: number, options: ReadOptions): ReadBack {
  const { directory, nameOf, bytesMax } = options
  const own = manifestIn(join(directory, nameOf(generation)), generation).manifest
  const { changes } = own
  if (changes !== undefined) checkBytes(changes, bytesMax)
  const content: Content = { tensors: new Map(), texts: new ChangedTexts() }
  const how = { bytesMax, last: new Map(changes?.tensors.map((form) => [form[0], form])) }
  let before = 0
  for (const link of changes?.chain ?? []) {
    const path = join(directory, nameOf(link.generation))
    const { manifest, text } = aboutBase(nameOf(link.generation), () =>
      manifestIn(path, link.generation),
    )
    if (sealOf(text) !== link.seal || link.generation <= before || link.generation >= generation) {
      throw new Error(`it is made of another ${nameOf(link.generation)} than the one that is there`)
    }
    before = link.generation
    aboutBase(nameOf(link.generation), () => addGeneration(content, path, manifest, how))
  }
  addGeneration(content, join(directory, nameOf(generation)), own, how)
  const made = { generation, bytes: own.files.reduce((sum, { bytes }) => sum + bytes, 0) }
  return {
    checkpoint: {
      ...{ generation, facts: own.facts },
      ...{ tensors: content.tensors, texts: content.texts.joined() },
    },
    madeOf: [...(changes?.chain ?? []), made].map(({ generation, bytes }) => ({
      generation,
      bytes,
    })),
  }
}

function aboutBase<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new Error(`it is made of ${name}, which cannot be read: ${(cause as Error).message}`, {
      cause,
    })
  }
}
