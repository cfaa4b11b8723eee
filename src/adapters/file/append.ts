// Appends lines to a file or to standard output. What a crash cut off at the end of a file of ours is
// dropped when it is opened again: nobody was told that it had been written.

import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { Failure } from '../../errors.ts'
import { makeFolder } from '../disk/folders.ts'

export interface Appender {
  /** Resolves when the bytes are with the operating system. @throws Failure SINK_UNWRITABLE */
  append(bytes: Buffer): Promise<void>
  /** Flushes to the disk. */
  close(): Promise<void>
}

export interface AppendOptions {
  /** `-` for standard output. */
  readonly path: string
  /** Written to when `path` is `-`; not closed. */
  readonly stdout?: Writable
}

export function createAppender(options: AppendOptions): Appender {
  const { path, stdout } = options
  if (path !== '-') return toFile(path)
  if (stdout === undefined) throw new Failure('SINK_UNWRITABLE', 'standard output is not open')
  return toStream(stdout)
}

/** The file is made at the first line: a run without dead letters leaves no empty file. */
function toFile(path: string): Appender {
  let handle: FileHandle | undefined
  return {
    async append(bytes) {
      if (bytes.length === 0) return
      try {
        handle ??= await openWhole(path)
        await handle.appendFile(bytes)
      } catch (cause) {
        throw unwritable(path, cause as Error)
      }
    },
    async close() {
      const opened = handle
      handle = undefined
      try {
        await opened?.sync()
      } catch (cause) {
        // Pipes and devices cannot be flushed.
        if ((cause as NodeJS.ErrnoException).code !== 'EINVAL')
          throw unwritable(path, cause as Error)
      } finally {
        await opened?.close()
      }
    },
  }
}

function toStream(stream: Writable): Appender {
  let broken: Error | undefined
  const onError = (error: Error): void => {
    broken ??= error
  }
  stream.on('error', onError)
  return {
    append(bytes) {
      return new Promise((resolve, reject) => {
        if (broken !== undefined) return reject(unwritable('standard output', broken))
        stream.write(bytes, (error) => {
          if (error) reject(unwritable('standard output', error))
          else resolve()
        })
      })
    },
    async close() {
      stream.off('error', onError)
    },
  }
}

async function openWhole(path: string): Promise<FileHandle> {
  makeFolder(dirname(path))
  const handle = await open(path, 'a+')
  const stats = await handle.stat()
  if (stats.isFile() && stats.size > 0) await dropTornLine(handle, stats.size)
  return handle
}

/** Longest piece that is looked at for the end of the last whole line. */
const tailBytes = 1_048_576

async function dropTornLine(handle: FileHandle, size: number): Promise<void> {
  const start = Math.max(0, size - tailBytes)
  const tail = Buffer.alloc(size - start)
  await handle.read(tail, 0, tail.length, start)
  const lineStart = tail.lastIndexOf(0x0a) + 1
  if (lineStart === tail.length) return
  const last = tail.toString('utf8', lineStart)
  if (last.startsWith('{"') && !isJson(last)) await handle.truncate(start + lineStart)
  else await handle.appendFile('\n')
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function unwritable(path: string, cause: Error): Failure {
  if (cause instanceof Failure) return cause
  const gone = (cause as NodeJS.ErrnoException).code === 'EPIPE' ? 'its reader went away: ' : ''
  return new Failure('SINK_UNWRITABLE', `cannot write ${path}: ${gone}${cause.message}`, { cause })
}
