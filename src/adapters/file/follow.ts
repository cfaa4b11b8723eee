// Follows one growing file by its name, as `tail -F` does: waits at the end, goes on with the new file
// after a rotation and from the start after a truncation. Every incarnation of the file is a stream of
// its own (`path#inode-birth`, after a truncation with a count), so that a position never means
// another file; what was renamed while nobody looked is found again in the same folder and finished.

import type { Stats } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Failure } from '../../errors.ts'
import type { Positions, SourceRecord } from '../../types.ts'
import { readChunks, unreadable } from './chunks.ts'
import { createLineCutter } from './lines.ts'
import type { Clock } from './pace.ts'
import { createRecordMaker } from './records.ts'
import { recordsOf, type StreamOptions } from './streams.ts'

export interface FollowOptions {
  readonly clock: Clock
  readonly from?: Positions
  readonly followPollMs?: number
}

type Common = Omit<StreamOptions, 'stream' | 'from'>

const chunkBytes = 65_536

export async function* followed(
  files: readonly string[],
  common: Common,
  options: FollowOptions,
  closing: AbortSignal,
): AsyncGenerator<SourceRecord[]> {
  const [path, ...others] = files
  if (path === undefined || others.length > 0) {
    throw new Failure('SOURCE_UNREADABLE', `follow takes one file, ${files.length} are named`)
  }
  const from = options.from ?? new Map<string, number>()
  yield* renamed(path, common, from)
  while (!closing.aborted) {
    const handle = await opened(path, options, closing)
    if (handle === undefined) return
    try {
      yield* incarnation(path, handle, common, from, options, closing)
    } finally {
      await handle.close()
    }
  }
}

/** One incarnation after the other in an open file (truncation), until it is rotated away. */
async function* incarnation(
  path: string,
  handle: FileHandle,
  common: Common,
  from: Positions,
  options: FollowOptions,
  closing: AbortSignal,
): AsyncGenerator<SourceRecord[]> {
  const name = `${path}#${identity(await handle.stat())}`
  let round = lastRound(from, name)
  for (;;) {
    const stream = round === 0 ? name : `${name}.${round}`
    const done = from.get(stream) ?? 0
    let made: SourceRecord[] = []
    const maker = createRecordMaker({
      ...common,
      stream,
      from: done,
      onRecord: (record) => made.push(record),
    })
    const cutter = createLineCutter({
      lineBytesMax: common.recordBytesMax,
      firstNumber: 0,
      onLine: maker.line,
    })
    let at = 0
    let end: 'truncated' | 'rotated' | undefined
    while (end === undefined) {
      const chunk = Buffer.allocUnsafe(chunkBytes)
      const { bytesRead } = await handle.read(chunk, 0, chunkBytes, at)
      if (at === 0 && isPacked(chunk, bytesRead)) throw packed(path)
      at += bytesRead
      if (bytesRead > 0) cutter.push(chunk.subarray(0, bytesRead))
      else {
        end = await whatHappened(path, handle, at, cutter.next() < done)
        if (end !== undefined) {
          cutter.end()
          maker.end()
        }
      }
      if (made.length > 0) {
        yield made
        made = []
      } else if (bytesRead === 0 && end === undefined) {
        await options.clock.sleep(options.followPollMs ?? 200, closing)
        if (closing.aborted) return
      }
    }
    if (end === 'rotated') return
    round++
  }
}

function isPacked(chunk: Buffer, length: number): boolean {
  return length >= 2 && chunk[0] === 0x1f && chunk[1] === 0x8b
}

function packed(path: string): Failure {
  return new Failure('SOURCE_UNREADABLE', `${path} is packed: follow takes plain text only`)
}

/** At the end of what can be read: why the file will not go on from here, if it will not. */
async function whatHappened(
  path: string,
  handle: FileHandle,
  at: number,
  shorterThanBefore: boolean,
): Promise<'truncated' | 'rotated' | undefined> {
  const own = await handle.stat()
  if (own.size < at || shorterThanBefore) return 'truncated'
  // Grown since the read: read on first.
  if (own.size > at) return undefined
  const now = await statOrNothing(path)
  if (now === undefined || identity(now) === identity(own)) return undefined
  const last = await handle.stat()
  return last.size > at ? undefined : 'rotated'
}

async function opened(
  path: string,
  options: FollowOptions,
  closing: AbortSignal,
): Promise<FileHandle | undefined> {
  while (!closing.aborted) {
    try {
      return await open(path)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, cause as Error)
    }
    // Between the renaming of the old file and the making of the new one.
    await options.clock.sleep(options.followPollMs ?? 200, closing)
  }
  return undefined
}

/** Files that earlier were at `path`, have a position, and now stand under another name beside it. */
async function* renamed(
  path: string,
  common: Common,
  from: Positions,
): AsyncGenerator<SourceRecord[]> {
  const current = await statOrNothing(path)
  const folder = dirname(path)
  for (const entry of (await readdir(folder)).sort()) {
    const other = join(folder, entry)
    const found = await statOrNothing(other)
    if (found === undefined || !found.isFile()) continue
    if (current !== undefined && identity(found) === identity(current)) continue
    const name = `${path}#${identity(found)}`
    const round = lastRound(from, name)
    const stream = round === 0 ? name : `${name}.${round}`
    const done = from.get(stream)
    if (done !== undefined) {
      yield* recordsOf(readChunks(other), { ...common, stream, from: done })
    }
  }
}

function lastRound(from: Positions, name: string): number {
  let round = 0
  while (from.has(`${name}.${round + 1}`)) round++
  return round
}

interface Identified {
  readonly dev: number
  readonly ino: number
  readonly birthtimeMs: number
}

/** Inodes are used again; with the time of birth they are not. */
function identity(one: Identified): string {
  return `${one.dev.toString(36)}-${one.ino.toString(36)}-${Math.floor(one.birthtimeMs).toString(36)}`
}

async function statOrNothing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(path, cause as Error)
  }
}
