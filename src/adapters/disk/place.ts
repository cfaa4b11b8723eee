// The directory of a disk store: who may write there, how a generation comes into it in one step, and which ones stay.
// What a generation of changes is made of stays with it; and so does the newest one that does not depend on what the
// newest of all depends on, so that no single damaged file takes everything.

import { mkdtempSync, readdirSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { claimNext, dropOlderEpochs, newestEpoch, syncDirectory } from './epoch.ts'
import { makeFolder } from './folders.ts'
import { sync } from './generation.ts'
import { createLinks, generationsIn, nameOf } from './generations.ts'
import type { Link } from './manifest.ts'
import { takenBy, unwritable, withoutBase } from './store-failures.ts'

/** Something half written or half removed, and the epoch of the worker that was at it. */
const leftoverPattern = /^\.(?:saving|removing)-(\d+)-/

export interface Place {
  claimEpoch(): Promise<number>
  /** A new folder to write a generation in, claimed where that has not been done. @throws CHECKPOINT_TAKEN */
  open(): string
  /** The same, without waiting for the disk. */
  openBeside(): Promise<string>
  /** The one moment that counts: before it nothing of the new generation exists, after it all does. */
  publish(folder: string, generation: number, link: Published): Promise<void>
  /** Why writing failed; what was written is removed. */
  giveUp(error: unknown, folder: string | undefined): Promise<Error>
  /** What the generation is made of, and itself; undefined where it is not there or cannot be read. */
  linksOf(generation: number): readonly Link[] | undefined
  /** Damaged generations make room first. */
  noteDamaged(generation: number, isDamaged: boolean): void
}

export interface Published {
  readonly seal: string
  readonly bytes: number
  readonly chain: readonly Link[]
}

/** `kept`: the newest generations that stay, at least 2. */
export function createPlace(directory: string, kept: number): Place {
  const damaged = new Set<number>()
  const links = createLinks(directory)
  let epoch = 0
  let before: Promise<unknown> = Promise.resolve()

  function claim(): void {
    makeFolder(directory)
    epoch = claimNext(directory)
    dropOlderEpochs(directory, epoch)
    syncDirectory(directory)
  }

  function refuseIfTaken(): void {
    const newest = newestEpoch(directory)
    if (newest > epoch) throw takenBy(directory, newest, epoch)
  }

  /** A newer worker tidies away what this one was writing: then that is the reason to give. */
  function reasonFor(error: unknown): Error {
    try {
      if (epoch > 0) refuseIfTaken()
    } catch (reason) {
      return unwritable(directory, reason)
    }
    return unwritable(directory, error)
  }

  async function makeRoom(generation: number): Promise<void> {
    const all = generationsIn(directory)
    const whole = all.filter((each) => each === generation || !damaged.has(each))
    const stays = links.staying([generation, ...whole.filter((each) => each !== generation)], kept)
    for (const each of all) {
      if (stays.has(each)) continue
      await remove(each)
      damaged.delete(each)
      links.forget(each)
    }
  }

  /** Out of sight in one step, so that a crash cannot leave a directory that looks like a torn one. */
  async function remove(generation: number): Promise<void> {
    const grave = await mkdtemp(join(directory, `.removing-${epoch}-`))
    await rename(join(directory, nameOf(generation)), join(grave, nameOf(generation)))
    await rm(grave, { recursive: true, force: true })
  }

  async function enter(folder: string, generation: number, published: Published): Promise<void> {
    refuseIfTaken()
    const there = generationsIn(directory)
    const gone = published.chain.find((link) => !there.includes(link.generation))
    if (gone !== undefined) throw withoutBase(directory, nameOf(gone.generation))
    if (there.includes(generation)) await remove(generation)
    await rename(folder, join(directory, nameOf(generation)))
    await sync(directory)
    damaged.delete(generation)
    const { chain, seal, bytes } = published
    links.learn([...chain, { generation, seal, bytes }])
    await makeRoom(generation)
  }

  function nameOfNew(): string {
    if (epoch === 0) claim()
    refuseIfTaken()
    return join(directory, `.saving-${epoch}-`)
  }

  return {
    linksOf: links.of,
    async claimEpoch() {
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
    },
    open: () => mkdtempSync(nameOfNew()),
    openBeside: async () => mkdtemp(nameOfNew()),
    /** Renames of two saves under way at once happen one after the other. */
    publish(folder, generation, published) {
      const work = () => enter(folder, generation, published)
      const mine = before.then(work, work)
      before = mine
      return mine
    },
    async giveUp(error, folder) {
      const failure = reasonFor(error)
      if (folder === undefined) return failure
      try {
        await rm(folder, { recursive: true, force: true })
      } catch (reason) {
        failure.message += `; ${folder} stays behind until the next start: ${(reason as Error).message}`
      }
      return failure
    },
    noteDamaged(generation, isDamaged) {
      if (isDamaged) damaged.add(generation)
      else damaged.delete(generation)
    },
  }
}
