// Rounds of ranking end in time, whatever a list costs, and their time is shared fairly with the events; turns of
// learning take no longer than they do.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRounds, createTurns } from '../../../src/trainer/loop/pacing.ts'

/** Runs rounds in which a list takes `listMs`; how many lists each made, and how long it took. */
function play(listMs: number, efforts: readonly number[]): { lists: number[]; ms: number[] } {
  let now = 0
  const rounds = createRounds(() => now)
  const made = { lists: [] as number[], ms: [] as number[] }
  for (const effort of efforts) {
    const before = now
    let lists = 0
    rounds.run(effort, undefined, (isOver) => {
      do {
        now += listMs
        lists++
      } while (!isOver())
      return lists
    })
    made.lists.push(lists)
    made.ms.push(now - before)
  }
  return made
}

const full = Array.from({ length: 40 }, () => 1)
const none = Array.from({ length: 40 }, () => 0)

test('a round lasts as long as lists fit in, and no longer than one more', () => {
  for (const listMs of [0.4, 3, 20]) {
    const { ms, lists } = play(listMs, full)
    assert.ok(Math.max(...ms) < 25 + listMs, `${Math.max(...ms)} ms`)
    const mean = (lists.reduce((sum, n) => sum + n, 0) * listMs) / full.length
    assert.ok(mean > 24 - listMs && mean < 26 + listMs / 10, `${mean} ms on the average`)
  }
})

test('a list that takes longer than a round is paid for by the rounds after it', () => {
  const { lists, ms } = play(100, full)
  assert.deepEqual(lists.slice(0, 8), [1, 0, 0, 0, 1, 0, 0, 0])
  assert.equal(Math.max(...ms), 100)
})

test('without effort a list is made now and then all the same', () => {
  const { lists } = play(3, [1, ...none])
  const later = lists.slice(10)
  const made = later.reduce((sum, n) => sum + n, 0)
  assert.ok(made >= 6 && made <= 9, `${made} lists in ${later.length} rounds`)
})

test('a turn has as many events as fit into its time, at least one, and all where time is not to matter', () => {
  for (const [eventMs, expected] of [
    [0.1, 64],
    [1, 25],
    [6, 4],
    [70, 1],
  ] as const) {
    const turns = createTurns(false)
    assert.equal(turns.events(64), 64)
    for (let turn = 0; turn < 30; turn++) {
      const events = turns.events(64)
      turns.took(events, events * eventMs)
    }
    assert.equal(turns.events(64), expected)
    assert.equal(turns.events(1), 1)
    // What an event costs may change, and nothing is learned from turns without events.
    for (let turn = 0; turn < 100; turn++) {
      turns.took(0, 90)
      turns.took(10, 5)
    }
    assert.ok(turns.events(64) >= 49)
    const timeless = createTurns(true)
    timeless.took(64, 64 * eventMs)
    assert.equal(timeless.events(64), 64)
  }
})
