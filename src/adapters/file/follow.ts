// Follows one growing file by its name, as `tail -F` does: waits at the end, goes on with the new file after a rotation
// and from the start after a truncation or where other text stands in it. Every incarnation of the file is a stream of
// its own (`path#inode-birth`, after a truncation with a count), so that a position never means another file; what was
// renamed while nobody looked is found again in the same folder and finished.

import { closeSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Failure } from '../../errors.ts'
import type { Positions, SourceRecord } from '../../types.ts'
import { chunkBytes, pause, readChunks, unreadable } from './bytes/chunks.ts'
import { headBytes, packingOf, refuseBinary } from './bytes/kinds.ts'
import { identity, latestName, nextName, statOrNothing } from './incarnations.ts'
import { type Marks, markOf, Replaced } from './mark.ts'
import type { Clock } from './pace.ts'
import { recordsOf, type StreamOptions } from './streams.ts'

export interface FollowOptions {
  readonly clock: Clock
  readonly from?: Positions
  readonly marks?: Marks
  readonly followPollMs?: number
  /** Something happened to the file that a person may want to know. */
  readonly onNews?: (text: string) => void
}

type Common = Omit<StreamOptions, 'stream' | 'from' | 'isWhole'>
type End = 'truncated' | 'rotated' | 'rewritten'

/** Bytes of the beginning that are compared whenever the file has grown. */
const comparedBytes = 1_024

/** The one file to follow. @throws Failure where there are several, or it is packed */
export function checkFollowed(files: readonly string[]): string {
  const [path, ...others] = files
  if (path === undefined || others.length > 0) {
    throw new Failure('SOURCE_UNREADABLE', `follow takes one file, ${files.length} are named`)
  }
  const head = Buffer.alloc(headBytes)
  const file = openSync(path, 'r')
  try {
    const bytes = readSync(file, head, 0, headBytes, 0)
    refusePacked(path, head.subarray(0, bytes))
  } finally {
    closeSync(file)
  }
  return path
}

function refusePacked(path: string, head: Buffer): void {
  refuseBinary(path, head)
  const packing = packingOf(head)
  if (packing === 'none') return
  const message = `${path} is packed (${packing}) and does not grow by lines: leave --follow out, or follow plain text`
  throw new Failure('SOURCE_UNREADABLE', message)
}

export async function* followed(
  path: string,
  common: Common,
  options: FollowOptions,
  closing: AbortSignal,
): AsyncGenerator<SourceRecord[]> {
  const from = options.from ?? new Map<string, number>()
  yield* renamed(path, common, from, options.marks)
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
  const own = await handle.stat()
  for (let stream = latestName(path, own, from); ; stream = nextName(path, own, stream)) {
    const done = from.get(stream) ?? 0
    const file: Growing = { path, handle, done, lines: 0 }
    try {
      yield* recordsOf(growing(file, options, closing), {
        ...common,
        ...{ stream, from: done, mark: markOf(options.marks, stream) },
        isWhole: () => file.end !== undefined,
        onLines: (lines) => {
          file.lines = lines
        },
      })
    } catch (cause) {
      if (!(cause instanceof Replaced)) throw cause
      file.end ??= 'rewritten'
    }
    if (file.end === undefined && closing.aborted) return
    if (file.end === 'rotated') return
    options.onNews?.(`${path} was ${file.end}: it is read from its start as another stream`)
  }
}

interface Growing {
  readonly path: string
  readonly handle: FileHandle
  /** Lines that were read before. */
  readonly done: number
  lines: number
  end?: End | undefined
}

/** The bytes of the file as they come; ends where the file does not go on from here, and says why. */
async function* growing(
  file: Growing,
  options: FollowOptions,
  closing: AbortSignal,
): AsyncGenerator<Buffer> {
  const { path, handle } = file
  let head: Buffer = Buffer.alloc(0)
  let at = 0
  let slept = false
  while (!closing.aborted) {
    const chunk = Buffer.allocUnsafe(chunkBytes)
    const { bytesRead } = await handle.read(chunk, 0, chunkBytes, at)
    if (bytesRead > 0) {
      if (slept && !(await beginsAs(handle, head))) {
        file.end = 'rewritten'
        return
      }
      slept = false
      if (at === 0) refusePacked(path, chunk.subarray(0, bytesRead))
      if (head.length < comparedBytes) {
        head = Buffer.concat([head, chunk.subarray(0, Math.min(bytesRead, comparedBytes))])
      }
      at += bytesRead
      yield chunk.subarray(0, bytesRead)
      continue
    }
    yield pause
    file.end = await whatHappened(file, at)
    if (file.end !== undefined) return
    slept = true
    await options.clock.sleep(options.followPollMs ?? 200, closing)
  }
}

async function beginsAs(handle: FileHandle, head: Buffer): Promise<boolean> {
  const now = Buffer.alloc(head.length)
  const { bytesRead } = await handle.read(now, 0, head.length, 0)
  return bytesRead === head.length && now.equals(head)
}

/** At the end of what can be read: why the file will not go on from here, if it will not. */
async function whatHappened(file: Growing, at: number): Promise<End | undefined> {
  const own = await file.handle.stat()
  if (own.size < at || file.lines < file.done) return 'truncated'
  // Grown since the read: read on first.
  if (own.size > at) return undefined
  const now = await statOrNothing(file.path)
  if (now === undefined || identity(now) === identity(own)) return undefined
  const last = await file.handle.stat()
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
  marks: Marks | undefined,
): AsyncGenerator<SourceRecord[]> {
  const current = await statOrNothing(path)
  const folder = dirname(path)
  for (const entry of (await readdir(folder)).sort()) {
    const other = join(folder, entry)
    const found = await statOrNothing(other)
    if (found === undefined || !found.isFile()) continue
    if (current !== undefined && identity(found) === identity(current)) continue
    const stream = latestName(path, found, from)
    const done = from.get(stream)
    if (done === undefined || stream === path) continue
    const mark = markOf(marks, stream)
    yield* recordsOf(readChunks(other), {
      ...common,
      ...{ stream, from: done, mark, isWhole: () => true },
    })
  }
}
