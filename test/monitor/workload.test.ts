// What is told of a worker that catches up, and of one that sheds work: when it begins, now and then, and when it ends.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TrainerStats } from '../../src/messages.ts'
import { catchUpText, createWorkload } from '../../src/monitor/workload.ts'
import type { Logger } from '../../src/ports/logger.ts'

function scene() {
  const told: [string, unknown][] = []
  const tell = (message: string, facts?: unknown): void => void told.push([message, facts])
  const logger = { info: tell, warn: tell } as unknown as Logger
  const clock = { ms: 0 }
  return { told, clock, workload: createWorkload(logger, () => clock.ms) }
}

test('a history is told with its share, its pace and the time left, and its end once', () => {
  const { told, clock, workload } = scene()
  assert.equal(workload.catchUp(), undefined)
  workload.read('a', 100, 900)
  clock.ms = 1_000
  workload.read('b', 100, 900)
  assert.equal(told.length, 1, 'told at the beginning, not for each batch')
  const view = workload.catchUp()!
  assert.deepEqual(view, { share: 0.1, recordsLeft: 1_800, recordsPerSecond: 200, secondsLeft: 9 })
  assert.equal(
    catchUpText(view),
    'catching up, 10 %: 1,800 records to go, 200 a second, about 9 s left',
  )
  clock.ms = 11_000
  workload.read('a', 900, 0)
  assert.equal(told.length, 2)
  workload.read('b', 900, undefined)
  assert.equal(workload.catchUp(), undefined)
  assert.deepEqual(told.at(-1), ['caught up with the input', { records: 1_100 }])
  workload.read('a', 1, undefined)
  assert.equal(told.length, 3)
})

test('a history of one batch is no catching up', () => {
  const { told, workload } = scene()
  workload.read('a', 10, 0)
  assert.equal(workload.catchUp(), undefined)
  assert.deepEqual(told, [])
})

test('shedding is told every ten seconds, with what is owed, and that it was made up for', () => {
  const { told, clock, workload } = scene()
  const stats = (shedShare: number, debtEvents: number, debtGivenUp = 0) =>
    workload.stats({ shedShare, debtEvents, debtGivenUp } as TrainerStats)
  stats(0.01, 0)
  assert.equal(told.length, 0)
  stats(0.38, 12_400)
  clock.ms = 9_000
  stats(0.4, 13_000)
  assert.equal(told.length, 1)
  assert.deepEqual(told[0]?.[1], { percentShed: 38, owedEvents: 12_400 })
  clock.ms = 10_000
  stats(0.5, 14_000, 7)
  assert.deepEqual(told[1]?.[1], { percentShed: 50, owedEvents: 14_000, givenUp: 7 })
  clock.ms = 15_000
  stats(0, 0, 7)
  stats(0, 0, 7)
  assert.deepEqual(told.slice(2), [
    ['what was shed has been learned', { owedEvents: 0, givenUp: 7 }],
  ])
})
