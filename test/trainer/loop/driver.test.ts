// How far the trainer says that the input is settled: up to the first record that somebody waits for a list of.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as promisesResolved } from 'node:timers/promises'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { addAction, type TrainerReport } from '../../../src/messages.ts'
import { createDriver } from '../../../src/trainer/loop/driver.ts'
import { createMemoryCheckpointStore } from '../../adapters/memory/memory-checkpoint-store.ts'
import { configOf, streamOf } from '../stream.ts'

const pauseMs = 60_000
const live = {
  ...{ deterministic: false, source: 'kafka:events', listPauseMs: pauseMs },
  ...{ checkpointEverySeconds: 1, parts: 'history', model: 'nbpr', factors: 4, effort: 'light' },
}

function open() {
  const clock = { ms: 0 }
  const reports: TrainerReport[] = []
  const driver = createDriver({
    config: configOf(live),
    engine: createWasmEngine(),
    checkpoints: createMemoryCheckpointStore({ kept: 2 }),
    nextGeneration: 1,
    versionBase: 0,
    nowMs: () => clock.ms,
    report: (report) => reports.push(report),
  })
  const settled = () => {
    const newest = reports.findLast(({ kind }) => kind === 'safeToCommit')
    assert.ok(newest?.kind === 'safeToCommit')
    return newest.positions.get('world')
  }
  const checkpoints = () => reports.filter(({ kind }) => kind === 'checkpoint').length
  /** All that can be done now, and what is due `ms` later. */
  async function work(ms: number): Promise<void> {
    while (await driver.step());
    for (let rests = 0; rests < 10; rests++) driver.rest()
    clock.ms += ms
    while (await driver.step());
    driver.rest()
    await promisesResolved()
  }
  return { clock, work, driver, settled, checkpoints, reports }
}

test('a checkpoint settles no record whose list is still to come', async () => {
  const { clock, work, driver, settled, checkpoints } = open()
  const batches = streamOf(1_000)
  const last = batches.pop()!
  const listed = new Set(batches.flatMap(({ users }) => [...users]))
  assert.ok(
    last.users.some((user) => listed.has(user)),
    'somebody comes again',
  )
  for (const batch of batches) driver.take(batch)
  await work(pauseMs)
  await work(1_000)
  assert.equal(settled(), 900, 'all lists are out')
  // Who has a list gets the next one when the pause is over.
  const before = checkpoints()
  driver.take(last)
  await work(2_000)
  assert.ok(checkpoints() > before, 'a checkpoint has all records')
  await work(1_000)
  assert.ok(settled()! >= 900 && settled()! < 1_000, `settled up to ${settled()}`)
  clock.ms += pauseMs
  await work(1_000)
  assert.equal(settled(), 1_000, 'all lists are out')
})

test('while users wait only for their pause, the trainer may rest until the first of them is due', async () => {
  const { clock, driver } = open()
  const [first, second] = streamOf(200)
  driver.take(first!)
  while (await driver.step());
  while (driver.rest() === 0);
  clock.ms += 1_000
  driver.take(second!)
  while (await driver.step());
  while (driver.rest() === 0);
  assert.equal(driver.rest(), pauseMs - 1_000)
  clock.ms += pauseMs - 1_001
  assert.equal(driver.rest(), 1)
  // Who had their first list then are due a second later.
  clock.ms += 1
  assert.equal(driver.rest(), 1_000)
  clock.ms += 1_000
  assert.equal(driver.rest(), Infinity, 'all lists are out')
})

test('at the end of a run all lists come, in reports of a bounded number', async () => {
  const { driver, reports } = open()
  const users = 2_500
  const numbers = Array.from({ length: users }, (_, k) => k)
  driver.take({
    ...{ stream: 'world', snapshot: false, nextOffset: users, dead: {}, skipped: {} },
    newUsers: numbers.map((user) => `u${user}`),
    newItems: ['a', 'b', 'c'],
    users: Int32Array.from(numbers),
    items: Int32Array.from(numbers, (user) => user % 2),
    times: new Float64Array(users).fill(1_000),
    actions: new Uint8Array(users).fill(addAction),
    offsets: Float64Array.from(numbers),
    forgotten: new Int32Array(0),
  })
  await driver.finish()
  const lists = reports.flatMap((report) => (report.kind === 'lists' ? [report.lists] : []))
  assert.equal(new Set(lists.flat().map(({ user }) => user)).size, users)
  for (const some of lists) assert.ok(some.length <= 1_000, `${some.length} lists at once`)
})
