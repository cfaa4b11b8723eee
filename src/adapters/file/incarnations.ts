// Names of the streams that one path has been: the path itself where it was read to an end, `path#inode-birth` where it
// was followed, with a count behind it after each truncation.

import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Positions } from '../../types.ts'
import { unreadable } from './bytes/chunks.ts'

export interface Identified {
  readonly dev: number
  readonly ino: number
  readonly birthtimeMs: number
}

/** Inodes are used again; with the time of birth they are not. */
export function identity(one: Identified): string {
  return `${one.dev.toString(36)}-${one.ino.toString(36)}-${Math.floor(one.birthtimeMs).toString(36)}`
}

/** The stream under which this very file was last followed, or is to be for the first time. */
export function latestName(path: string, own: Identified, from: Positions): string {
  const name = `${path}#${identity(own)}`
  let round = 0
  while (from.has(`${name}.${round + 1}`)) round++
  if (round === 0) return from.has(name) || !from.has(path) ? name : path
  return `${name}.${round}`
}

/** After the file was cut or written anew. */
export function nextName(path: string, own: Identified, stream: string): string {
  const name = `${path}#${identity(own)}`
  if (stream === path) return name
  return `${name}.${Number(stream.slice(name.length + 1) || 0) + 1}`
}

export async function statOrNothing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(path, cause as Error)
  }
}
