// The generations in the directory of a disk store: their names, what each is made of, as the manifests say, and which
// must stay because of it.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { manifestIn } from './generation.ts'
import { type Link, sealOf } from './manifest.ts'
import { errorCode, refuseToRead } from './store-failures.ts'

const namePattern = /^checkpoint-(\d{9})$/

export function nameOf(generation: number): string {
  return `checkpoint-${String(generation).padStart(9, '0')}`
}

/** Newest first; none where there is no directory yet. */
export function generationsIn(directory: string): number[] {
  try {
    const numbers = readdirSync(directory).map((name) => Number(namePattern.exec(name)?.[1] ?? 0))
    return numbers.filter((number) => number > 0).sort((a, b) => b - a)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return []
    refuseToRead(directory, error)
    throw error
  }
}

export interface Links {
  /** What the generation is made of, and itself; undefined where any of it is not there or cannot be read. */
  of(generation: number): readonly Link[] | undefined
  /** The last of the links has been written. */
  learn(links: readonly Link[]): void
  forget(generation: number): void
  /**
   * Of whole generations, the newest first: the first `kept`, what they are made of, and the newest that stands on
   * something else than the newest of all does.
   */
  staying(whole: readonly number[], kept: number): Set<number>
}

export function createLinks(directory: string): Links {
  const known = new Map<number, readonly Link[]>()

  function of(generation: number): readonly Link[] | undefined {
    const links = known.get(generation) ?? read(generation)
    const there = new Set(links && generationsIn(directory))
    return links?.every((link) => there.has(link.generation)) ? links : undefined
  }

  function read(generation: number): readonly Link[] | undefined {
    try {
      const { manifest, text } = manifestIn(join(directory, nameOf(generation)), generation)
      const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
      const own = [...(manifest.changes?.chain ?? []), { generation, seal: sealOf(text), bytes }]
      known.set(generation, own)
      return own
    } catch {
      // Nothing can be made of a damaged one; whoever reads it says what is wrong with it.
      return undefined
    }
  }

  return {
    of,
    learn: (links) => void known.set(links.at(-1)!.generation, links),
    forget: (generation) => void known.delete(generation),
    staying(whole, kept) {
      const rootOf = (generation: number) => of(generation)?.[0]?.generation ?? generation
      const other = whole.find((each) => rootOf(each) !== rootOf(whole[0]!))
      const chosen = [...whole.slice(0, kept), ...(other === undefined ? [] : [other])]
      const links = chosen.flatMap((each) => of(each) ?? [])
      return new Set([...chosen, ...links.map(({ generation }) => generation)])
    },
  }
}
