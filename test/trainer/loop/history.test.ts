// A backlog is history: learned in full however much of it waits, with lists once all of it was read; and what overload
// has shed of live events is made up for when there is time.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TrainerBatch } from '../../../src/messages.ts'
import { configOf, coreOf, streamOf } from '../stream.ts'

const small = { parts: 'history,rows', model: 'nbpr', factors: 4, effort: 'light' }
const live = { deterministic: false, source: 'kafka:events', queueEventsMax: 1_000, listPauseMs: 0 }

/** Everything has waited for a minute when the work begins. */
function learnedLate(batches: readonly TrainerBatch[]) {
  const core = coreOf(configOf({ ...small, ...live }))
  for (const batch of batches) core.take(batch, 0)
  while (core.hasWork) core.turn(64, 60_000)
  core.turn(1, 60_000)
  return core
}

function asHistory(batches: readonly TrainerBatch[], left = 0): TrainerBatch[] {
  return batches.map((batch, n) => {
    return { ...batch, history: { left: (batches.length - 1 - n) * 100 + left } }
  })
}

test('history that has waited is measured and learned in full; the same as live events is shed and owed', () => {
  const events = streamOf(3_000)
  const history = learnedLate(asHistory(events)).stats(true)
  const prompt = coreOf(configOf({ ...small, ...live }))
  for (const batch of events) {
    prompt.take(batch, 0)
    while (prompt.queued > 0) prompt.turn(64, 0)
  }
  const full = prompt.stats(true)
  assert.equal(history.triplets, full.triplets)
  assert.equal(history.quality.all.model?.events, full.quality.all.model?.events)
  assert.equal(history.debtEvents, 0)

  const shed = learnedLate(events).stats(true)
  assert.ok(shed.triplets < full.triplets / 2, `${shed.triplets} of ${full.triplets}`)
  assert.ok(shed.debtEvents > 2_000, `${shed.debtEvents} owed`)
  assert.ok(shed.shedShare > 0.5)
  // However little work the rest gets, a twentieth is measured.
  const measured = shed.quality.all.model?.events ?? 0
  assert.ok(measured >= 0.04 * (full.quality.all.model?.events ?? 0), `${measured} measured`)
})

test('what is owed is learned in full when it is paid, also by another core after a restart', () => {
  const events = streamOf(3_000)
  const full = learnedLate(asHistory(events)).stats(true)
  const core = learnedLate(events)
  const owed = core.stats(true).debtEvents
  const config = configOf({ ...small, ...live })
  const again = coreOf(config, core.snapshot(1))
  assert.equal(again.stats(true).debtEvents, owed)
  while (again.learner.shedding.pay());
  const paid = again.stats(true)
  assert.equal(paid.debtEvents, 0)
  const ratio = paid.triplets / full.triplets
  assert.ok(ratio > 0.98 && ratio < 1.02, `${ratio.toFixed(3)} of the triplets`)
})

test('lists of history come once all of it was read, one for each user, the last active first', () => {
  const events = streamOf(1_000)
  const core = coreOf(configOf({ ...small, ...live }))
  for (const batch of asHistory(events, 1)) core.take(batch, 0)
  while (core.hasWork) core.turn(64, 0)
  core.turn(1, 0)
  assert.deepEqual(core.rank(1), [])
  assert.equal(core.safeToCommit().get('world'), 0, 'no position moves past what has no list yet')
  const last = events.at(-1)!
  const end = { ...last, ...nothingIn(last), history: { left: 0 }, nextOffset: last.nextOffset + 1 }
  core.take(end, 0)
  core.turn(1, 0)
  const [first] = core.rank(1, () => true)
  assert.equal(first?.user, last.users.at(-1), 'the user of the newest event')
  const lists = core.rank(1)
  const users = new Set(events.flatMap((batch) => [...batch.users]))
  assert.equal(lists.length + 1, users.size)
  assert.equal(core.safeToCommit().get('world'), end.nextOffset)
})

test('a kill in a history takes no list with it, also of who has no event behind the last checkpoint', () => {
  const batches = streamOf(1_000)
  const whole = asHistory(batches)
  const assigned = {
    ...{ ...batches[0]!, ...nothingIn(batches[0]!), snapshot: true, nextOffset: 0 },
    assignment: { streams: ['world'], gained: [], versionBase: 0, dropsDue: true } as const,
  }
  for (const deterministic of [false, true]) {
    const config = configOf({ ...small, ...live, deterministic })
    const first = coreOf(config)
    for (const batch of [assigned, ...whole.slice(0, 8)]) first.take(batch, 0)
    while (first.hasWork) first.turn(64, 0)
    first.turn(1, 0)
    const again = coreOf(config, first.snapshot(1))
    // Nothing was committed, so all of it comes again.
    const known = whole.map((one, n) => (n < 8 ? { ...one, newUsers: [], newItems: [] } : one))
    for (const batch of [assigned, ...known]) again.take(batch, 0)
    while (again.hasWork) again.turn(64, 0)
    again.turn(1, 0)
    const listed = again.rank(Number.POSITIVE_INFINITY).map(({ user }) => user)
    const users = new Set(batches.flatMap((batch) => [...batch.users]))
    assert.equal(listed.length, users.size, `deterministic: ${deterministic}`)
    const once = coreOf(config)
    for (const batch of [assigned, ...whole]) once.take(batch, 0)
    while (once.hasWork) once.turn(64, 0)
    assert.equal(again.stats(true).triplets, once.stats(true).triplets, 'nothing is learned twice')
  }
})

test('a live event of a user who waits for a list of history brings it at once', () => {
  const [first, second] = streamOf(200)
  const core = coreOf(configOf({ ...small, ...live }))
  core.take({ ...first!, history: { left: 1_000 } }, 0)
  while (core.hasWork) core.turn(64, 0)
  core.turn(1, 0)
  assert.equal(core.lists.waiting, 0)
  core.take({ ...second!, stream: 'other' }, 0)
  while (core.hasWork) core.turn(64, 0)
  core.turn(1, 0)
  const listed = core.rank(1).map(({ user }) => user)
  assert.deepEqual(new Set(listed), new Set(second!.users))
})

function nothingIn({ stream }: TrainerBatch) {
  return {
    stream,
    newUsers: [],
    newItems: [],
    users: new Int32Array(0),
    items: new Int32Array(0),
    times: new Float64Array(0),
    actions: new Uint8Array(0),
    offsets: new Float64Array(0),
  }
}
