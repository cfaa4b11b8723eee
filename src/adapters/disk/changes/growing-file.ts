// A file that is written from its beginning to its end in the thread pool, so that whoever adds to it never waits for
// the disk, except where the disk is far behind. A write ends in a turn of the event loop, and a trainer has few of
// them a second: each write takes everything that has been added since the one before.

import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileFacts } from '../manifest.ts'

/** Bytes are hashed and collected in pieces of this size. */
const pieceBytes = 256 * 1024
/** With more bytes than this on their way, whoever can wait should. */
const behindBytes = 8 * 1024 * 1024
/** With more than this, adding waits for the disk: memory must not grow for as long as a disk stands still. */
export const behindBytesMax = 64 * 1024 * 1024

export class GrowingFile {
  readonly #name: string
  readonly #hash = createHash('sha256')
  /** Resolves when all that was sent has been written. */
  #written: Promise<void>
  #file: FileHandle | undefined
  #failure: { readonly cause: unknown } | undefined
  /** What is to be written next, in order of its places. */
  #queue: Piece[] = []
  #isWriting = false
  /** Buffers that have been written. */
  readonly #free: Uint8Array<ArrayBuffer>[] = []
  #buffer = new Uint8Array(pieceBytes)
  #filled = 0
  /** Sent so far, and of those the ones that are on their way. */
  #bytes = 0
  #waiting = 0

  /** The file must not be there. What fails, the folder too, is thrown by finish(). */
  constructor(folder: Promise<string>, name: string) {
    this.#name = name
    this.#written = this.#keepFailure(async () => {
      this.#file = await open(join(await folder, name), 'wx')
    })
  }

  /** Copies the bytes. */
  add(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const some = bytes.subarray(from, from + pieceBytes - this.#filled)
      this.#buffer.set(some, this.#filled)
      this.#filled += some.length
      from += some.length
      if (this.#filled === pieceBytes) this.#send()
    }
  }

  /** Bytes that are on their way to the disk. */
  get waiting(): number {
    return this.#waiting
  }

  /** undefined: more may be added; else resolves when it may. */
  room(): Promise<void> | undefined {
    return this.#waiting > behindBytes ? this.#written : undefined
  }

  /** Writes what is left, makes it durable and closes the file. @throws what failed first */
  async finish(): Promise<FileFacts> {
    this.#send()
    await this.#written
    await this.#keepFailure(async () => this.#file?.sync())
    await this.close()
    if (this.#failure !== undefined) throw this.#failure.cause
    return { name: this.#name, bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }

  /** Whatever was on its way has ended when this resolves. */
  async close(): Promise<void> {
    await this.#written
    const file = this.#file
    this.#file = undefined
    await this.#keepFailure(async () => file?.close())
  }

  #send(): void {
    const [whole, at, length] = [this.#buffer, this.#bytes, this.#filled]
    if (length === 0) return
    const piece = whole.subarray(0, length)
    this.#hash.update(piece)
    this.#bytes += length
    this.#filled = 0
    if (this.#waiting > behindBytesMax && this.#file !== undefined) {
      this.#writeNow(this.#file, piece, at)
      return
    }
    this.#buffer = this.#free.pop() ?? new Uint8Array(pieceBytes)
    this.#waiting += length
    this.#queue.push({ bytes: piece, at, whole })
    if (this.#isWriting) return
    this.#isWriting = true
    this.#written = this.#written.then(() => this.#writeQueue())
  }

  async #writeQueue(): Promise<void> {
    while (this.#queue.length > 0) {
      const pieces = this.#takeRun()
      await this.#keepFailure(() => this.#write(pieces))
      for (const { bytes, whole } of pieces) {
        this.#waiting -= bytes.length
        if (this.#free.length * pieceBytes < behindBytes) this.#free.push(whole)
      }
    }
    this.#isWriting = false
  }

  /** The first pieces of the queue that follow one another without a gap: what lies in one was written at once. */
  #takeRun(): Piece[] {
    const gap = this.#queue.findIndex(({ at }, k) => {
      const before = this.#queue[k - 1]
      return before !== undefined && at !== before.at + before.bytes.length
    })
    return this.#queue.splice(0, gap < 0 ? this.#queue.length : gap)
  }

  async #write(pieces: readonly Piece[]): Promise<void> {
    let at = pieces[0]!.at
    let left = pieces.map(({ bytes }) => bytes)
    while (left.length > 0 && this.#file !== undefined && this.#failure === undefined) {
      const { bytesWritten } = await this.#file.writev(left, at)
      at += bytesWritten
      left = without(left, bytesWritten)
    }
  }

  #writeNow({ fd }: FileHandle, piece: Uint8Array, at: number): void {
    try {
      for (let done = 0; done < piece.length; ) {
        done += writeSync(fd, piece, done, piece.length - done, at + done)
      }
    } catch (cause) {
      this.#failure ??= { cause }
    }
  }

  async #keepFailure(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      this.#failure ??= { cause }
    }
  }
}

interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Its place in the file. */
  readonly at: number
  /** The buffer that it lies in. */
  readonly whole: Uint8Array<ArrayBuffer>
}

/** What is left of the buffers after their first `count` bytes. */
function without(buffers: readonly Uint8Array<ArrayBuffer>[], count: number) {
  let left = count
  return buffers.flatMap((bytes) => {
    const skipped = Math.min(left, bytes.length)
    left -= skipped
    return skipped < bytes.length ? [bytes.subarray(skipped)] : []
  })
}
