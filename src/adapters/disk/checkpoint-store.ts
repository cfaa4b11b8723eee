// Checkpoints as directories `checkpoint-000000012/` on a local disk, each one whole or not there at all:
// written under a temporary name, synced, renamed, and the directory synced. See the port for the law.
// Only the worker that claimed the newest epoch may save; anyone may read while it does.

import { join } from 'node:path'
import type {
  ChangesWriter,
  CheckpointStore,
  LatestCheckpoint,
  Refused,
} from '../../ports/checkpoint-store.ts'
import { createChangesFiles } from './changes/changes-files.ts'
import { type ReadBack, readChain } from './changes/read-chain.ts'
import { checkExact } from './exact-checkpoint.ts'
import { capture, makeDurable } from './generation.ts'
import { generationsIn, nameOf } from './generations.ts'
import { type Link, sealOf } from './manifest.ts'
import { createPlace, type Place } from './place.ts'
import { refuseToRead } from './store-failures.ts'

export interface DiskCheckpointOptions {
  /** Created, with its parents, by the first claim or save. */
  readonly directory: string
  /** Newest generations that stay, at least 2, so that there is always one before. */
  readonly kept: number
  /** A larger one is refused on reading: what a strange file may take of the memory. */
  readonly bytesMax: number
}

/** How often a reader starts again because the writer has replaced everything meanwhile. */
const readsMax = 3
/** All changes together may take this share of the bytes of what they change; beyond it everything is written anew. */
const changesShareMax = 0.5
/** The most changes in a row: reading goes through all of them up to the newest. */
const changesMax = 60

export function createDiskCheckpointStore(options: DiskCheckpointOptions): CheckpointStore {
  const { directory, kept, bytesMax } = options
  const place = createPlace(directory, kept)

  function newestWhole(generations: readonly number[], refused: Refused[]): ReadBack | undefined {
    for (const generation of generations) {
      const name = nameOf(generation)
      try {
        const found = readChain(generation, { directory, nameOf, bytesMax })
        place.noteDamaged(generation, false)
        return found
      } catch (error) {
        refuseToRead(join(directory, name), error)
        place.noteDamaged(generation, true)
        refused.push({ name, why: (error as Error).message })
      }
    }
    return undefined
  }

  return {
    claimEpoch: place.claimEpoch,
    async save(checkpoint) {
      checkExact(checkpoint)
      let folder: string | undefined
      try {
        folder = place.open()
        const { manifest, bytes } = capture(folder, checkpoint)
        await makeDurable(folder, { manifest, bytes })
        const { generation } = checkpoint
        await place.publish(folder, generation, { seal: sealOf(manifest), bytes, chain: [] })
        return { generation, bytes, size: bytes }
      } catch (error) {
        throw await place.giveUp(error, folder)
      }
    },
    takesChanges(generation) {
      const [base, ...changes] = place.linksOf(generation) ?? []
      if (base === undefined || changes.length >= changesMax) return false
      const bytes = changes.reduce((sum, link) => sum + link.bytes, 0)
      return bytes <= changesShareMax * base.bytes
    },
    saveChanges(generation, base) {
      const chain = base === undefined ? [] : place.linksOf(base)
      if (chain === undefined) throw new RangeError(`there is no generation ${base} to change`)
      return createChangesWriter(place, generation, chain)
    },
    async latest(below = Number.POSITIVE_INFINITY): Promise<LatestCheckpoint> {
      for (let read = 1; ; read++) {
        const generations = generationsIn(directory)
        const refused: Refused[] = []
        const wanted = generations.filter((each) => each < below)
        const found = newestWhole(wanted, refused)
        const unchanged = generationsIn(directory).join() === generations.join()
        const isStale = !unchanged && (found === undefined || refused.length > 0)
        if (isStale && read < readsMax) continue
        const newest = generations[0] ?? 0
        if (found === undefined) return { checkpoint: undefined, newest, refused }
        return { checkpoint: found.checkpoint, newest, refused, madeOf: found.madeOf }
      }
    },
  }
}

/** Nothing here waits for the disk: what fails meanwhile is thrown where the end of it is waited for. */
function createChangesWriter(
  place: Place,
  generation: number,
  chain: readonly Link[],
): ChangesWriter {
  const folder = place.openBeside()
  const files = createChangesFiles(folder)
  let failed: { readonly cause: unknown } | undefined

  function attempt(work: () => void): void {
    if (failed !== undefined) return
    try {
      work()
    } catch (cause) {
      failed = { cause }
    }
  }

  async function giveUp(error: unknown): Promise<Error> {
    await files.close()
    return place.giveUp(error, await folder.catch(() => undefined))
  }

  return {
    put: (tensor, at, data) => attempt(() => files.put(tensor, at, data)),
    putTexts: (list, from, texts) => attempt(() => files.putTexts(list, from, texts)),
    room: files.room,
    async commit(last) {
      try {
        if (failed !== undefined) throw failed.cause
        const { manifest, bytes } = await files.finish(generation, chain, last)
        await place.publish(await folder, generation, { seal: sealOf(manifest), bytes, chain })
        const size = chain.reduce((sum, link) => sum + link.bytes, bytes)
        return { generation, bytes, size }
      } catch (error) {
        throw await giveUp(error)
      }
    },
    abandon: async () => void (await giveUp(new Error('given up'))),
  }
}
