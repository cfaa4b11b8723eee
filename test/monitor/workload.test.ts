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
  assert.deepEqual(told[0]?.[1], { percent: 10, recordsLeft: 900 }, 'no pace is known yet')
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
  const at = (ms: number, shedShare: number, debtEvents: number, debtGivenUp = 0) => {
    clock.ms = ms
    workload.stats({ shedShare, debtEvents, debtGivenUp } as TrainerStats)
  }
  at(0, 0.01, 0)
  at(1_000, 0.3, 9_000)
  assert.equal(told.length, 0)
  at(3_000, 0.38, 12_400)
  at(12_000, 0.4, 13_000)
  assert.equal(told.length, 1)
  assert.deepEqual(told[0]?.[1], { percentShed: 38, owedEvents: 12_400 })
  at(13_000, 0.5, 14_000, 7)
  assert.deepEqual(told[1]?.[1], { percentShed: 50, owedEvents: 14_000, givenUp: 7 })
  at(18_000, 0, 0, 7)
  at(19_000, 0, 0, 7)
  assert.deepEqual(told.slice(2), [
    ['the work that was shed has been done', { owedEvents: 0, givenUp: 7 }],
  ])
})

test('bursts that are made up for at once are not told, however many come', () => {
  const { told, clock, workload } = scene()
  for (; clock.ms < 60_000; clock.ms += 500) {
    const debtEvents = clock.ms % 1_000 === 0 ? 400 : 0
    workload.stats({ shedShare: 0.2, debtEvents, debtGivenUp: 0 } as TrainerStats)
  }
  assert.deepEqual(told, [])
})
