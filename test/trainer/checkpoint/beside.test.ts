// Checkpoints beside the learning, on a disk, of a state in which ids come to stand for others: whatever is written of
// changes, and whenever, a worker that starts from it goes on as from a checkpoint of everything at that moment.

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createDiskCheckpointStore } from '../../../src/adapters/disk/checkpoint-store.ts'
import type { Checkpoint } from '../../../src/ports/checkpoint-store.ts'
import { createSaveBeside, type SaveBeside } from '../../../src/trainer/checkpoint/beside.ts'
import type { Core } from '../../../src/trainer/loop/core.ts'
import { assertSame } from '../../contracts/checkpoint-store.ts'
import { all, bounds, coreOf, createMainSide, play } from '../evicting.ts'

const root = mkdtempSync(join(tmpdir(), 'beside-'))
after(() => rmSync(root, { recursive: true }))

function placeOf(kept = 3) {
  const directory = mkdtempSync(join(root, 'place-'))
  const open = () => createDiskCheckpointStore({ directory, kept, bytesMax: 2 ** 28 })
  return { directory, open }
}

/** A clock of which every look takes 1 ms: a call of work() does a few steps. */
function slowClock(): () => number {
  let ms = 0
  return () => (ms += 1)
}

/** What a worker would be that starts from it. */
function restored(checkpoint: Checkpoint): Checkpoint {
  return coreOf(checkpoint).snapshot(1)
}

/** Begins a checkpoint, and gives it with everything that the state was at its moment. */
function begin(beside: SaveBeside, core: Core, generation: number) {
  let moment: Checkpoint | undefined
  const { live } = core
  const facts = () => {
    moment = core.snapshot(generation)
    return live.facts()
  }
  const written = beside.begin({ ...live, facts }, generation)
  return { written, moment: () => moment }
}

test('after evictions, changes make what a whole checkpoint would be, byte for byte', async () => {
  const { open } = placeOf()
  /** Events between two steps of the writing. */
  const few = 15
  const store = open()
  const core = coreOf()
  const main = createMainSide(bounds)
  const beside = createSaveBeside({
    ...{ store, snapshot: core.live, resume: undefined, nowMs: slowClock() },
  })
  let writing: ReturnType<typeof begin> | undefined
  let generation = 0
  const sizes: number[] = []
  let frozen = 0
  let renamed = 0
  let names: readonly string[] = []
  for (let at = 0; at < all.length; at += few) {
    play(core, main, [at, at + few], 20)
    const now = core.input.items.slice()
    renamed += names.filter((name, k) => name !== now[k]).length
    names = now
    writing ??= begin(beside, core, ++generation)
    beside.work(true)
    if (writing.moment() === undefined) continue
    if (beside.isBusy(true) && at + few < all.length) {
      frozen++
      continue
    }
    await beside.finish()
    const { bytes } = await writing.written
    sizes.push(bytes)
    const found = await open().latest()
    assert.deepEqual([found.checkpoint?.generation, found.refused], [generation, []])
    assertSame(restored(found.checkpoint!), restored(writing.moment()!))
    writing = undefined
  }
  await beside.forget()
  assert.ok(renamed > 60, `${renamed} ids came to stand for others`)
  assert.ok(generation > 7, `${generation} checkpoints`)
  assert.ok(frozen > 12, `learned ${frozen} times between the moment and the end`)
  assert.ok(Math.min(...sizes) < sizes[0]! / 2, `${sizes} bytes`)
})

test('a start from a whole checkpoint, and from changes to it, goes on with changes', async () => {
  const { open } = placeOf()
  const first = coreOf()
  play(first, createMainSide(bounds), [0, 1_200], 20)
  await open().save(first.snapshot(1))
  for (const [generation, from] of [
    [2, 1_200],
    [3, 1_260],
    [4, 1_320],
  ] as const) {
    const { checkpoint: resume } = await open().latest()
    const core = coreOf(resume)
    const store = open()
    const beside = createSaveBeside({ store, snapshot: core.live, resume, nowMs: () => 0 })
    assert.ok(beside.hasBase)
    play(core, createMainSide(bounds, resume), [from, from + 60], 20)
    const { written, moment } = begin(beside, core, generation)
    await beside.finish()
    await written
    const { checkpoint, madeOf } = await open().latest()
    const links = Array.from({ length: generation }, (_, k) => k + 1)
    assert.deepEqual(
      madeOf?.map((one) => one.generation),
      links,
    )
    assertSame(restored(checkpoint!), restored(moment()!))
  }
})

test('what is given up leaves nothing, and the next one holds everything', async () => {
  const { directory, open } = placeOf()
  const core = coreOf()
  const main = createMainSide(bounds)
  const beside = createSaveBeside({
    ...{ store: open(), snapshot: core.live, resume: undefined, nowMs: slowClock() },
  })
  play(core, main, [0, 600], 20)
  await saved(beside, core, 1)
  play(core, main, [600, 900], 20)
  void begin(beside, core, 2)
  beside.work(true)
  assert.ok(beside.isUnderWay)
  await beside.forget()
  assert.deepEqual([beside.isUnderWay, beside.hasBase], [false, false])
  const names = () => readdirSync(directory).filter((name) => !name.startsWith('epoch'))
  assert.deepEqual(names(), ['checkpoint-000000001'])
  play(core, main, [900, 960], 20)
  const then = await saved(beside, core, 3)
  const { checkpoint, madeOf } = await open().latest()
  assert.deepEqual(
    madeOf?.map((one) => one.generation),
    [3],
  )
  assertSame(restored(checkpoint!), restored(then))
})

test('what was handed over becomes a checkpoint even when it is given up', async () => {
  const { directory, open } = placeOf()
  const core = coreOf()
  const nowMs = () => 0
  const beside = createSaveBeside({ store: open(), snapshot: core.live, resume: undefined, nowMs })
  play(core, createMainSide(bounds), [0, 600], 20)
  const { written, moment } = begin(beside, core, 1)
  while (beside.isBusy(true)) beside.work(true)
  await beside.forget()
  assert.equal((await written).generation, 1)
  assertSame(restored((await open().latest()).checkpoint!), restored(moment()!))
  assert.equal(readdirSync(directory).length, 2)
})

test('where what changes are made of has gone, the next one holds everything', async () => {
  const { directory, open } = placeOf()
  const core = coreOf()
  const main = createMainSide(bounds)
  const nowMs = () => 0
  const beside = createSaveBeside({ store: open(), snapshot: core.live, resume: undefined, nowMs })
  play(core, main, [0, 600], 20)
  await saved(beside, core, 1)
  play(core, main, [600, 660], 20)
  const { written } = begin(beside, core, 2)
  rmSync(join(directory, 'checkpoint-000000001'), { recursive: true })
  void beside.finish()
  await assert.rejects(
    written,
    /expected checkpoint-000000001, .* the next one will hold everything/,
  )
  const then = await saved(beside, core, 3)
  assertSame(restored((await open().latest()).checkpoint!), restored(then))
  rmSync(join(directory, 'checkpoint-000000003'), { recursive: true })
  assert.equal(beside.hasBase, false)
})

async function saved(beside: SaveBeside, core: Core, generation: number): Promise<Checkpoint> {
  const { written, moment } = begin(beside, core, generation)
  await beside.finish()
  await written
  return moment()!
}
