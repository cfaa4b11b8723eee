// A list never holds what the user had at the position that it states, even where it is made again for a record that is
// older than what has been read since: then it states the newer position.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import type { AssignedStreams, TrainerBatch } from '../../../src/messages.ts'
import { createIds } from '../../../src/remember/ids.ts'
import { trainerBatch } from '../../../src/remember/remember.ts'
import { snapshotBatch } from '../../../src/remember/snapshot-batch.ts'
import { createCore } from '../../../src/trainer/loop/core.ts'
import type { Interaction } from '../../../src/types.ts'
import { configOf } from '../stream.ts'

const live = { deterministic: false, source: 'kafka:events', listPauseMs: 0, k: 10 }
const small = { parts: 'history,rows', model: 'nbpr', factors: 4, effort: 'light' }

function scene() {
  const [users, items] = [createIds(10), createIds(10)]
  const options = { config: configOf({ ...small, ...live }), versionBase: 0, keepsOwed: true }
  const core = createCore({ ...options, engine: createWasmEngine() })
  const begun = new Map<string, number>()

  function take(batch: TrainerBatch) {
    core.take(batch, 0)
    while (core.hasWork) core.turn(64, 0)
    core.turn(1, 0)
  }

  function events(stream: string, all: readonly string[], history?: { left: number }) {
    const first = begun.get(stream) ?? 0
    const facts = { stream, nextOffset: first + all.length, dead: {}, skipped: {}, history }
    begun.set(stream, facts.nextOffset)
    const interactions = all.map((words, k): Interaction => {
      const [user = '', action, item = ''] = words.split(' ')
      const timestamp = 1_600_000_000_000 + first + k
      return { user, item, timestamp, action: action === 'ADD' ? 'ADD' : 'REMOVE' }
    })
    const offsets = all.map((_, k) => first + k)
    take(trainerBatch({ events: interactions, offsets, forgotten: [] }, facts, users, items).batch)
  }

  const silent = (more: Partial<TrainerBatch>) =>
    take({ ...snapshotBatch([], users, items), ...more })
  /** The list of this user among those that are due, as names, and the position it states. */
  function listOf(name: string) {
    const list = core.rank(1).find(({ user }) => users.name(user) === name)
    return list && { place: list.position, items: [...list.items].map((item) => items.name(item)) }
  }
  return {
    ...{ core, events, listOf },
    id: (name: string) => users.of(name),
    assign: (assignment: Omit<AssignedStreams, 'versionBase'>) =>
      silent({ assignment: { ...assignment, versionBase: 1_000 } }),
    owe: (stream: string, user: string, offset: number) =>
      silent({ stream, owed: [[users.of(user), offset]] }),
  }
}

const shop = ['b ADD x', 'b ADD y', 'b ADD z']

test('a user who is owed a list for an older record than their last list states gets one for the newer', () => {
  const { events, listOf, assign, owe } = scene()
  assign({ streams: ['s'], gained: ['s'] })
  events('s', [...shop, 'a ADD y', 'a ADD x', 'a REMOVE x'])
  assert.deepEqual(listOf('a')?.place, { stream: 's', offset: 5 })
  // The last list may have been lost, and the store still says that the user is owed one.
  assign({ streams: ['s'], gained: [] })
  owe('s', 'a', 4)
  const again = listOf('a')
  assert.ok(again?.items.includes('x'))
  assert.deepEqual(again?.place, { stream: 's', offset: 5 })
})

test('a list that states a record of another stream leaves out what the user had then and took back since', () => {
  const { events, listOf, assign, owe } = scene()
  assign({ streams: ['s', 't'], gained: ['s', 't'] })
  events('s', [...shop, 'a ADD y', 'a ADD x'])
  events('t', ['b ADD w', 'a REMOVE x'])
  assert.deepEqual(listOf('a')?.place, { stream: 't', offset: 1 })
  assign({ streams: ['s', 't'], gained: [] })
  owe('s', 'a', 4)
  const again = listOf('a')
  assert.deepEqual(again?.place, { stream: 's', offset: 4 })
  assert.deepEqual(again.items.toSorted(), ['w', 'z'])
})

test('a list made again while more of the user was read as history states the position of that history', () => {
  const { core, events, listOf, id } = scene()
  events('s', [...shop, 'a ADD y', 'a ADD x'])
  assert.deepEqual(listOf('a')?.place, { stream: 's', offset: 4 })
  events('s', ['a REMOVE x'], { left: 1 })
  assert.equal(listOf('a'), undefined, 'the list for the history comes later')
  assert.equal(core.lists.rank(id('a'), 2).position.offset, 5)
  core.lists.republish(Int32Array.of(id('a')))
  assert.deepEqual(listOf('a')?.place, { stream: 's', offset: 5 })
})

test('a user read back while a newer record is still to be reported is settled by the list for that record', () => {
  const { core, events, listOf, owe, id } = scene()
  events('s', [...shop, 'a ADD y'], { left: 2 })
  owe('s', 'a', 1)
  events('s', ['b ADD w'], { left: 0 })
  assert.deepEqual(listOf('a')?.place, { stream: 's', offset: 3 })
  assert.deepEqual(core.takeOwed(), [{ stream: 's', owed: [], settled: [[id('a'), 1]] }])
})
