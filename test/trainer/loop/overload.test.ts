// What is shed while more arrives than can be learned, in which order, and what never is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { effortFor } from '../../../src/trainer/loop/pacing.ts'
import { configOf, coreOf, streamOf } from '../stream.ts'

const nothing = { fill: 0, eventMs: 0, listMs: 0 }

test('full effort up to the lag, a tenth at four times that, none at a full queue; late lists cost draws', () => {
  const rows = [
    [{}, { event: 1, lists: 1 }],
    [
      { eventMs: 100, listMs: 100, fill: 0.1 },
      { event: 1, lists: 1 },
    ],
    [{ eventMs: 250 }, { event: 0.5, lists: 0.25 }],
    [{ eventMs: 400 }, { event: 0.1, lists: 0 }],
    [{ fill: 0.7 }, { event: 0, lists: 0 }],
    [{ listMs: 250 }, { event: 0.5, lists: 1 }],
    [{ listMs: 60_000 }, { event: 0.1, lists: 1 }],
    [
      { listMs: 60_000, eventMs: 60_000 },
      { event: 0.1, lists: 0 },
    ],
    [
      { listMs: 60_000, eventMs: 60_000, fill: 0.7 },
      { event: 0, lists: 0 },
    ],
  ] as const
  for (const [change, expected] of rows) {
    const { event, lists } = effortFor({ ...nothing, ...change }, 100)
    const rounded = { event: Number(event.toFixed(9)), lists: Number(lists.toFixed(9)) }
    assert.deepEqual(rounded, expected, JSON.stringify(change))
  }
})

const small = { parts: 'history', model: 'nbpr', factors: 4, effort: 'light' }
const live = { deterministic: false, source: 'kafka:events' }

/** A thousand events that came at 0 and are worked on at `nowMs`. */
function late(nowMs: number, flags: Record<string, unknown>) {
  const core = coreOf(configOf({ ...small, ...flags }))
  for (const batch of streamOf(1_000)) core.take(batch, 0)
  while (core.hasWork) core.turn(64, nowMs)
  return core
}

const steps = (core: ReturnType<typeof late>) => core.learner.networks[0]!.counts.steps

test('a live stream that has waited is remembered whole and learned less', () => {
  const [fresh, old] = [late(0, live), late(60_000, live)]
  assert.equal(fresh.stats(true).effort, 1)
  assert.equal(old.stats(true).effort, 0.1)
  assert.ok(steps(old) > 0)
  assert.ok(steps(fresh) > 4 * steps(old))
  for (const core of [fresh, old]) assert.equal(core.learner.counts.events, 1_000)
  const sizes = [fresh, old].map(({ learner: { positives } }) => {
    return positives.size + positives.withheld.size
  })
  assert.equal(sizes[0], sizes[1])
})

test('lists that have waited cost draws, not lists', () => {
  const core = late(0, live)
  const waiting = core.lists.waiting
  const first = core.rank(60_000, () => true)
  core.take(structuredClone(streamOf(1_000)[0]!), 60_000)
  core.turn(64, 60_000)
  assert.equal(core.effort.event, 0.1)
  assert.equal(core.effort.lists, 1)
  assert.ok(first.length > 0 && waiting > 1)
})

test('what waits by itself is learned in full however old: a file, a deterministic run, by choice', () => {
  const settings = [
    { deterministic: false, source: 'file:a' },
    { ...live, deterministic: true },
    { ...live, overload: 'wait' },
  ]
  for (const flags of settings) assert.equal(late(60_000, flags).stats(true).effort, 1)
})
