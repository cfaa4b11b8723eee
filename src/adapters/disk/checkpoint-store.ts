// Checkpoints as directories `checkpoint-000000012/` on a local disk, each one whole or not there at all:
// written under a temporary name, synced, renamed, and the directory synced. See the port for the law.
// Only the worker that claimed the newest epoch may save; anyone may read while it does.

import { mkdtempSync, readdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../errors.ts'
import type {
  Checkpoint,
  CheckpointStore,
  LatestCheckpoint,
  Refused,
  SavedCheckpoint,
} from '../../ports/checkpoint-store.ts'
import { claimNext, dropOlderEpochs, newestEpoch, syncDirectory } from './epoch.ts'
import { checkExact } from './exact-checkpoint.ts'
import { makeFolder } from './folders.ts'
import { capture, makeDurable, readGeneration, sync } from './generation.ts'

export interface DiskCheckpointOptions {
  /** Created, with its parents, by the first claim or save. */
  readonly directory: string
  /** Newest generations that stay, at least 2, so that there is always one before. */
  readonly kept: number
  /** A larger one is refused on reading: what a strange file may take of the memory. */
  readonly bytesMax: number
}

const namePattern = /^checkpoint-(\d{9})$/
/** Something half written or half removed, and the epoch of the worker that was at it. */
const leftoverPattern = /^\.(?:saving|removing)-(\d+)-/
/** How often a reader starts again because the writer has replaced everything meanwhile. */
const readsMax = 3

export function createDiskCheckpointStore(options: DiskCheckpointOptions): CheckpointStore {
  const { directory, kept, bytesMax } = options
  const damaged = new Set<number>()
  let epoch = 0
  let before: Promise<unknown> = Promise.resolve()

  async function claimEpoch(): Promise<number> {
    try {
      claim()
      for (const name of readdirSync(directory)) {
        const owner = leftoverPattern.exec(name)?.[1]
        if (owner !== undefined && Number(owner) < epoch) {
          await rm(join(directory, name), { recursive: true, force: true })
        }
      }
      return epoch
    } catch (error) {
      throw unwritable(directory, error)
    }
  }

  function claim(): void {
    makeFolder(directory)
    epoch = claimNext(directory)
    dropOlderEpochs(directory, epoch)
    syncDirectory(directory)
  }

  async function save(checkpoint: Checkpoint): Promise<SavedCheckpoint> {
    checkExact(checkpoint)
    let temporary: string | undefined
    try {
      if (epoch === 0) claim()
      refuseIfTaken(directory, epoch)
      temporary = mkdtempSync(join(directory, `.saving-${epoch}-`))
      const captured = capture(temporary, checkpoint)
      await makeDurable(temporary, captured)
      await inTurn(() => publish(temporary!, checkpoint.generation))
      return { generation: checkpoint.generation, bytes: captured.bytes }
    } catch (error) {
      const failure = reasonFor(error)
      if (temporary !== undefined) await removeAfter(failure, temporary)
      throw failure
    }
  }

  /** A newer worker tidies away what this one was writing: then that is the reason to give. */
  function reasonFor(error: unknown): Error {
    try {
      if (epoch > 0) refuseIfTaken(directory, epoch)
    } catch (reason) {
      return unwritable(directory, reason)
    }
    return unwritable(directory, error)
  }

  /** The one moment that counts: before it nothing of the new generation exists, after it all does. */
  async function publish(temporary: string, generation: number): Promise<void> {
    refuseIfTaken(directory, epoch)
    const path = join(directory, nameOf(generation))
    if (generationsIn(directory).includes(generation)) await remove(generation)
    await rename(temporary, path)
    await sync(directory)
    damaged.delete(generation)
    const others = generationsIn(directory).filter((each) => each !== generation)
    const whole = others.filter((each) => !damaged.has(each))
    const surplus = whole.sort((a, b) => b - a).slice(kept - 1)
    for (const each of [...surplus, ...others.filter((other) => damaged.has(other))]) {
      await remove(each)
      damaged.delete(each)
    }
  }

  /** Out of sight in one step, so that a crash cannot leave a directory that looks like a torn one. */
  async function remove(generation: number): Promise<void> {
    const grave = mkdtempSync(join(directory, `.removing-${epoch}-`))
    await rename(join(directory, nameOf(generation)), join(grave, nameOf(generation)))
    await rm(grave, { recursive: true, force: true })
  }

  /** Renames of two saves under way at once happen one after the other. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = before.then(work, work)
    before = mine
    return mine
  }

  async function latest(below = Number.POSITIVE_INFINITY): Promise<LatestCheckpoint> {
    for (let read = 1; ; read++) {
      const generations = generationsIn(directory)
      const refused: Refused[] = []
      const wanted = generations.filter((each) => each < below)
      const checkpoint = newestWhole(wanted, refused)
      const unchanged = generationsIn(directory).join() === generations.join()
      if (checkpoint === undefined && !unchanged && read < readsMax) continue
      return { checkpoint, newest: generations[0] ?? 0, refused }
    }
  }

  function newestWhole(generations: readonly number[], refused: Refused[]): Checkpoint | undefined {
    for (const generation of generations) {
      const name = nameOf(generation)
      try {
        const found = readGeneration(join(directory, name), { generation, bytesMax })
        damaged.delete(generation)
        return found
      } catch (error) {
        refuseToRead(join(directory, name), error)
        damaged.add(generation)
        refused.push({ name, why: (error as Error).message })
      }
    }
    return undefined
  }

  return { save, latest, claimEpoch }
}

function nameOf(generation: number): string {
  return `checkpoint-${String(generation).padStart(9, '0')}`
}

/** Newest first; none where there is no directory yet. */
function generationsIn(directory: string): number[] {
  try {
    const numbers = readdirSync(directory).map((name) => Number(namePattern.exec(name)?.[1] ?? 0))
    return numbers.filter((number) => number > 0).sort((a, b) => b - a)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return []
    refuseToRead(directory, error)
    throw error
  }
}

/** Starting over because a right is missing would lose the learning: that is for a person to mend. */
function refuseToRead(path: string, error: unknown): void {
  if (error instanceof Failure) throw error
  const code = errorCode(error)
  if (code !== 'EACCES' && code !== 'EPERM') return
  const text = `${path}: expected to be allowed to read it, got ${code}; give this user the right`
  throw new Failure('NOT_PERMITTED', text, { cause: error })
}

function refuseIfTaken(directory: string, epoch: number): void {
  const newest = newestEpoch(directory)
  if (newest <= epoch) return
  throw new Failure(
    'CHECKPOINT_TAKEN',
    `${directory}: worker ${newest} has claimed these checkpoints after this one (${epoch}); ` +
      'stop one of the two, or give each a directory of its own',
  )
}

function unwritable(directory: string, error: unknown): Error {
  const code = errorCode(error)
  if (error instanceof Failure || code === undefined) return error as Error
  return new Failure(
    'CHECKPOINT_UNWRITABLE',
    `${directory}: expected to write a checkpoint, got ${code} (${(error as Error).message}); ` +
      'free space or give the right to write; the checkpoints already there are kept',
    { cause: error },
  )
}

async function removeAfter(failure: Error, temporary: string): Promise<void> {
  try {
    await rm(temporary, { recursive: true, force: true })
  } catch (error) {
    failure.message += `; ${temporary} stays behind until the next start: ${(error as Error).message}`
  }
}

function errorCode(error: unknown): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException
  return syscall === undefined ? undefined : code
}
