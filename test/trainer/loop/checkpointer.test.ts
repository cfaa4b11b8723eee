// When checkpoints are written beside the learning: only when something has changed, each of them whole, also where the
// model goes back while one is being written, and where the disk is full for a while.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as promisesResolved } from 'node:timers/promises'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { Failure } from '../../../src/errors.ts'
import type { TrainerReport } from '../../../src/messages.ts'
import type { Checkpoint, CheckpointStore } from '../../../src/ports/checkpoint-store.ts'
import { createDriver } from '../../../src/trainer/loop/driver.ts'
import {
  createMemoryCheckpointStore,
  createMemoryPlace,
} from '../../adapters/memory/memory-checkpoint-store.ts'
import { configOf, coreOf, streamOf } from '../stream.ts'

const config = configOf({
  ...{ deterministic: false, source: 'kafka:events', listPauseMs: 0, checkpointEverySeconds: 10 },
  ...{ parts: 'history', model: 'nbpr', factors: 4, effort: 'light' },
})

function open(checkpoints: CheckpointStore, resume?: Checkpoint) {
  /** Every look at the clock takes `lookMs`. */
  const clock = { ms: 0, lookMs: 0 }
  const reports: TrainerReport[] = []
  const driver = createDriver({
    ...{ config, engine: createArraysEngine(), checkpoints, resume, versionBase: 0 },
    nextGeneration: (resume?.generation ?? 0) + 1,
    nowMs: () => (clock.ms += clock.lookMs),
    report: (report) => reports.push(report),
  })
  /** All that can be done now. */
  async function work(): Promise<void> {
    while (await driver.step());
    await promisesResolved()
    await driver.step()
  }
  const taken = () =>
    reports.splice(0).flatMap((report) => {
      return report.kind.startsWith('checkpoint') ? [report] : []
    })
  return { clock, driver, work, taken }
}

const batches = streamOf(600)

test('while nothing changes nothing is written, after a start from it neither', async () => {
  const place = createMemoryPlace()
  const { clock, driver, work, taken } = open(createMemoryCheckpointStore({ kept: 3, place }))
  for (const batch of batches.slice(0, 3)) driver.take(batch)
  await work()
  for (const wanted of ['checkpoint', 'checkpointCurrent', 'checkpointCurrent']) {
    clock.ms += 10_000
    await work()
    assert.deepEqual(
      taken().map(({ kind }) => kind),
      [wanted],
    )
  }
  driver.take(batches[3]!)
  clock.ms += 10_000
  await work()
  const [report] = taken()
  assert.ok(report?.kind === 'checkpoint' && report.generation === 2)
  const { checkpoint } = await createMemoryCheckpointStore({ kept: 3, place }).latest()
  const again = open(createMemoryCheckpointStore({ kept: 3, place }), checkpoint)
  again.clock.ms += 10_000
  await again.work()
  assert.deepEqual(again.taken(), [{ kind: 'checkpointCurrent', generation: 2 }])
  assert.equal(place.generations.size, 2)
})

test('the model goes back while a checkpoint is being written: none is a mixture', async () => {
  const place = createMemoryPlace()
  const { clock, driver, work, taken } = open(createMemoryCheckpointStore({ kept: 9, place }))
  for (const batch of batches.slice(0, 2)) driver.take(batch)
  clock.ms += 10_000
  await work()
  assert.equal(taken().length, 1)
  for (const batch of batches.slice(2, 4)) driver.take(batch)
  await work()
  clock.ms += 10_000
  clock.lookMs = 3
  assert.equal(await driver.step(), true, 'the second one is being written')
  assert.equal(place.generations.size, 1)
  assert.equal((await driver.rollBack(0))?.generation, 1)
  clock.lookMs = 0
  await work()
  driver.take(batches[4]!)
  clock.ms += 10_000
  await work()
  const [report] = taken()
  assert.ok(report?.kind === 'checkpoint')
  assert.equal(report.generation, 3)
  const { checkpoint } = await createMemoryCheckpointStore({ kept: 9, place }).latest()
  assert.equal(checkpoint?.generation, report.generation)
  // What went back learned 200 events and 100 more, and remembers all 500.
  const core = coreOf(config, checkpoint)
  assert.equal(core.learner.counts.events, 500)
  assert.equal(await driver.checkpoint(), checkpoint.generation, 'nothing is left to be written')
})

test('a full disk is told, ends nothing, and the first checkpoint after it holds everything', async () => {
  const place = createMemoryPlace()
  const store = createMemoryCheckpointStore({ kept: 9, place })
  const bases: (number | undefined)[] = []
  let isFull = false
  const checkpoints: CheckpointStore = {
    ...store,
    saveChanges(generation, base) {
      bases.push(base)
      const writer = store.saveChanges(generation, base)
      const full = new Failure('CHECKPOINT_UNWRITABLE', 'ENOSPC')
      return isFull ? { ...writer, commit: () => Promise.reject(full) } : writer
    },
  }
  const { clock, driver, work, taken } = open(checkpoints)
  const kinds: string[] = []
  for (const [k, batch] of batches.slice(0, 5).entries()) {
    isFull = k === 2
    driver.take(batch)
    clock.ms += 10_000
    await work()
    kinds.push(...taken().map(({ kind }) => kind))
  }
  const written = 'checkpoint'
  assert.deepEqual(kinds, [written, written, 'checkpointFailed', written, written])
  assert.deepEqual(bases, [undefined, 1, 2, undefined, 4])
  const { checkpoint } = await store.latest()
  assert.equal(checkpoint?.generation, 5)
  assert.equal(coreOf(config, checkpoint).learner.counts.events, 500)
})

test('a place that another worker has taken ends the trainer', async () => {
  const store = createMemoryCheckpointStore({ kept: 9 })
  const taken = new Failure('CHECKPOINT_TAKEN', 'worker 2 has claimed it')
  const checkpoints: CheckpointStore = {
    ...store,
    saveChanges: (...of) => ({
      ...store.saveChanges(...of),
      commit: () => Promise.reject(taken),
    }),
  }
  const { clock, driver, work } = open(checkpoints)
  driver.take(batches[0]!)
  clock.ms += 10_000
  await assert.rejects(work(), (cause) => cause === taken)
})
