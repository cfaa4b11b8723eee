// What is read of the store beside the work: it is no load, while it is under way no checkpoint is written,
// and a user who was not yet read gets no list that no event asked for.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import {
  addAction,
  type RankedList,
  type TrainerBatch,
  type TrainerReport,
} from '../../../src/messages.ts'
import type { Checkpoint } from '../../../src/ports/checkpoint-store.ts'
import type { StoreReading } from '../../../src/ports/trainer.ts'
import { createCore } from '../../../src/trainer/loop/core.ts'
import { createDriver } from '../../../src/trainer/loop/driver.ts'
import { createMemoryCheckpointStore } from '../../adapters/memory/memory-checkpoint-store.ts'
import { configOf, coreOf, play, streamOf } from '../stream.ts'

const live = {
  ...{ deterministic: false, source: 'kafka:events', listPauseMs: 0, checkpointEverySeconds: 1 },
  ...{ parts: 'history', model: 'nbpr', factors: 4, effort: 'light' },
}
const nothingRead = { scans: false, checks: false }

function snapshotOf(user: number, items: readonly number[], more = {}): TrainerBatch {
  const n = items.length
  return {
    ...{
      stream: '',
      snapshot: true,
      nextOffset: 0,
      newUsers: [],
      newItems: [],
      dead: {},
      skipped: {},
    },
    users: new Int32Array(n).fill(user),
    items: Int32Array.from(items),
    times: new Float64Array(n).fill(1),
    actions: new Uint8Array(n).fill(addAction),
    offsets: new Float64Array(n),
    forgotten: Int32Array.from(n === 0 ? [user] : []),
    ...more,
  }
}

const readAll = (): TrainerBatch => ({
  ...snapshotOf(0, []),
  forgotten: new Int32Array(0),
  snapshotsEnd: true,
})

function open(storeReading: StoreReading, resume?: Checkpoint) {
  const clock = { ms: 0 }
  const reports: TrainerReport[] = []
  const checkpoints = createMemoryCheckpointStore({ kept: 9 })
  const driver = createDriver({
    ...{ config: configOf(live), engine: createWasmEngine(), checkpoints, storeReading },
    ...{ resume, nextGeneration: 1, versionBase: 0, nowMs: () => clock.ms },
    report: (report) => reports.push(report),
  })
  return {
    ...{ clock, driver },
    /** All that can be done now, and what is due a while later. */
    async work(): Promise<void> {
      while (await driver.step());
      for (let rests = 0; rests < 50; rests++) {
        driver.rest()
        clock.ms += 100
      }
      await driver.step()
    },
    generations: () => reports.filter(({ kind }) => kind === 'checkpoint').length,
    takeLists: (): RankedList[] =>
      reports.splice(0).flatMap((report) => (report.kind === 'lists' ? report.lists : [])),
  }
}

test('no checkpoint of a half-read store takes the place of a whole one, at no moment', async () => {
  const { driver, work, generations, clock } = open({
    ...nothingRead,
    scans: true,
  })
  for (const batch of streamOf(300)) driver.take(batch)
  clock.ms += 5_000
  await work()
  assert.equal(await driver.checkpoint(), 0, 'told to stop')
  assert.equal(generations(), 0)
  driver.take(readAll())
  await work()
  assert.ok(generations() > 0, 'all is read')
})

test('what is read of the store is no event that waits, and no sign of overload', () => {
  const config = configOf({ ...live, queueEventsMax: 1_000, overload: 'shed' })
  const core = createCore({ config, engine: createWasmEngine(), versionBase: 0 })
  const items = Array.from({ length: 990 }, (_, k) => k)
  core.take(snapshotOf(0, items, { newUsers: ['a'], newItems: items.map(String) }), 0)
  core.turn(10, 60_000)
  assert.deepEqual([core.queued, core.hasWork, core.effort.event], [0, true, 1])
  assert.equal(core.stats(false).queuedEvents, 0)
  while (core.hasWork) core.turn(64, 60_000)
  assert.equal(core.learner.positives.count(0), 990)
})

test('users that a pretrained checkpoint knows get lists in idle time, once they were read', async () => {
  const config = configOf(live)
  const past = coreOf(config)
  const batches = streamOf(1_000)
  play(past, batches)
  const known = new Set(batches.flatMap(({ users }) => [...users])).size
  const saved = past.snapshot(1)
  const lists = new Map([...saved.tensors].filter(([name]) => !name.startsWith('lists.')))
  const resume: Checkpoint = { ...saved, tensors: lists }
  const { driver, work, takeLists } = open({ ...nothingRead, checks: true }, resume)
  await work()
  assert.deepEqual(takeLists(), [], 'others may have forgotten them')
  const item = saved.texts.get('items')!.length
  driver.take(snapshotOf(0, [], { newItems: ['seen by all'] }))
  for (let user = 1; user < known; user++) driver.take(snapshotOf(user, [item]))
  await work()
  const listed = takeLists()
  assert.equal(listed.length, known - 1, 'all but the one who was forgotten')
  assert.ok(listed.every((list) => list.position.stream === '' && list.restated === true))
  await work()
  assert.deepEqual(takeLists(), [], 'each once')
})
