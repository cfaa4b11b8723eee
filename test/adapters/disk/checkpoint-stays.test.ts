// Which generations stay on the disk: the newest, all that they are made of, and one that depends on none of these.

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { createDiskCheckpointStore } from '../../../src/adapters/disk/checkpoint-store.ts'
import type { Checkpoint, CheckpointStore } from '../../../src/ports/checkpoint-store.ts'
import { saveAsChanges } from '../../contracts/checkpoint-changes.ts'
import { assertSame, sampleCheckpoint } from '../../contracts/checkpoint-store.ts'

const root = mkdtempSync(join(tmpdir(), 'stays-'))
after(() => rmSync(root, { recursive: true }))

function openAt(directory: string, kept = 2): CheckpointStore {
  return createDiskCheckpointStore({ directory, kept, bytesMax: 2 ** 24 })
}

/** By number. */
function generationsOf(directory: string): number[] {
  const found = readdirSync(directory).flatMap((name) => /^checkpoint-(\d+)$/.exec(name)?.[1] ?? [])
  return found.map(Number).sort((a, b) => a - b)
}

test('what newer ones are made of stays, and so does an older one that stands alone', async () => {
  const directory = mkdtempSync(join(root, 'place-'))
  const store = openAt(directory)
  const all: Checkpoint[] = [1, 2, 3, 4, 5, 6, 7].map((generation) => sampleCheckpoint(generation))
  const save = async (generation: number, base?: number) => {
    if (base === undefined) await store.save(all[generation - 1]!)
    else await saveAsChanges(store, all[generation - 1]!, all[base - 1])
  }
  await save(1)
  await save(2)
  for (const generation of [3, 4, 5]) await save(generation, generation - 1)
  const there = () => generationsOf(directory)
  assert.deepEqual(there(), [1, 2, 3, 4, 5])
  await save(6)
  assert.deepEqual(there(), [2, 3, 4, 5, 6])
  await save(7, 6)
  assert.deepEqual(
    there(),
    [2, 3, 4, 5, 6, 7].filter((one) => one !== 0),
  )
  assertSame((await openAt(directory).latest()).checkpoint, sampleCheckpoint(7))
  assert.deepEqual(
    (await openAt(directory).latest()).madeOf?.map(({ generation }) => generation),
    [6, 7],
  )
})

test('whatever is written in whatever order, the newest ones can be read and all others go', async () => {
  const step = fc.record({ isWhole: fc.boolean(), back: fc.nat(3), reopens: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 4 }),
      fc.array(step, { minLength: 4, maxLength: 14 }),
      async (kept, steps) => {
        const directory = mkdtempSync(join(root, 'place-'))
        let store = openAt(directory, kept)
        for (const [k, { isWhole, back, reopens }] of steps.entries()) {
          const generation = k + 1
          if (reopens) store = openAt(directory, kept)
          const base = Math.max(0, generation - 1 - back)
          if (isWhole || !store.takesChanges(base)) await store.save(sampleCheckpoint(generation))
          else await saveAsChanges(store, sampleCheckpoint(generation), sampleCheckpoint(base))
          const needed = new Set<number>()
          let below = generation + 1
          for (let n = 0; n < Math.min(kept, generation); n++) {
            const { checkpoint, madeOf = [], refused } = await openAt(directory).latest(below)
            below--
            assert.deepEqual(refused, [])
            assertSame(checkpoint, sampleCheckpoint(below))
            for (const one of madeOf) needed.add(one.generation)
          }
          // And one more chain, which depends on nothing that the newest one is made of.
          const more = generationsOf(directory).filter((one) => !needed.has(one))
          const apart = await openAt(directory).latest((more.at(-1) ?? 0) + 1)
          const itsLinks = new Set(apart.madeOf?.map((one) => one.generation))
          assert.deepEqual(
            more.filter((one) => !itsLinks.has(one)),
            [],
          )
        }
        rmSync(directory, { recursive: true })
      },
    ),
    { numRuns: 25, seed: 9 },
  )
})
