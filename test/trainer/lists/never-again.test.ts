// A list never holds an item that the user has, even where the positive set has no room for it any more: on a live
// stream, after a restart from a checkpoint, and with sets read back from a store.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryPositiveStore } from '../../../src/adapters/memory/positive-store.ts'
import { addAction, type RankedList, type TrainerBatch } from '../../../src/messages.ts'
import { createIds } from '../../../src/remember/ids.ts'
import { snapshotBatch } from '../../../src/remember/snapshot-batch.ts'
import { userStatesOf } from '../../../src/remember/user-states.ts'
import { storeLimits } from '../../../src/settings/ingest.ts'
import { configOf, coreOf, play, streamOf } from '../stream.ts'

const setMax = 2
const stream = streamOf(1_500)
const small = { factors: 4, positivesPerUserMax: setMax }

/** Applies the events of a batch to what each user has. */
function tell(has: Map<number, Set<number>>, { users, items, actions }: TrainerBatch): void {
  users.forEach((user, k) => {
    const own = has.get(user) ?? new Set()
    if (actions[k] === addAction) own.add(items[k]!)
    else own.delete(items[k]!)
    has.set(user, own)
  })
}

function listedAgain(lists: readonly RankedList[], has: ReadonlyMap<number, Set<number>>): number {
  const again = ({ user, items }: RankedList) => items.filter((item) => has.get(user)?.has(item))
  return lists.reduce((sum, list) => sum + again(list).length, 0)
}

function told(): Map<number, Set<number>> {
  const has = new Map<number, Set<number>>()
  for (const batch of stream) tell(has, batch)
  return has
}

for (const parts of ['history,trend', 'rows']) {
  const bounds = { ...small, parts }

  test(`${parts}: no list of a live stream holds an item that the set had no room for`, () => {
    const core = coreOf(configOf(bounds))
    const has = new Map<number, Set<number>>()
    for (const batch of stream) {
      const lists = play(core, [batch])
      tell(has, batch)
      assert.equal(listedAgain(lists, has), 0)
    }
    assert.ok(core.learner.positives.earlier.size > 300)
    assert.ok([...core.learner.positives.runs.length].every((count) => count <= setMax))
  })

  test(`${parts}: without the earlier items, lists of the same stream do`, () => {
    const core = coreOf(configOf({ ...bounds, earlierItemsPerUserMax: 0 }))
    assert.ok(listedAgain(play(core, stream), told()) > 100)
    assert.ok(core.stats(true).itemsForgotten > 300)
  })

  test(`${parts}: a run resumed from a checkpoint ends with the same bytes and lists`, () => {
    const whole = coreOf(configOf(bounds))
    const lists = play(whole, stream).slice(-50)
    const half = coreOf(configOf(bounds))
    play(half, stream.slice(0, 8))
    const resumed = coreOf(configOf(bounds), structuredClone(half.snapshot(1)))
    assert.deepEqual(play(resumed, stream.slice(8)).slice(-50), lists)
    assert.deepEqual(resumed.snapshot(2).tensors, whole.snapshot(2).tensors)
  })
}

test('a mirror filled from the store knows the items that the sets had no room for', async () => {
  const config = configOf({ ...small, parts: 'history' })
  const before = coreOf(config)
  play(before, stream)
  const { texts } = before.snapshot(1)
  const store = memoryPositiveStore(storeLimits(config))
  const lists = new Map([...texts].map(([kind, list]) => [kind, list.slice()]))
  const names = (kind: string) => lists.get(kind)!
  for (const { users, items, times, actions } of stream) {
    const events = [...users].map((user, k) => ({
      ...{ user: names('users')[user]!, item: names('items')[items[k]!]!, timestamp: times[k]! },
      action: actions[k] === addAction ? ('ADD' as const) : ('REMOVE' as const),
    }))
    await store.apply(events)
  }
  const after = coreOf(config)
  const idsOf = (kind: 'users' | 'items') => createIds(1_000, { known: names(kind) })
  const ids = [idsOf('users'), idsOf('items')] as const
  const known = snapshotBatch([], ...ids)
  const states = await store.read(names('users'))
  play(after, [
    { ...known, newUsers: names('users'), newItems: names('items') },
    snapshotBatch(states, ...ids),
  ])
  const has = told()
  for (const [user, own] of has) {
    for (const item of own) assert.ok(after.learner.positives.has(user, item))
    assert.equal(listedAgain([after.lists.rank(user, 20)], has), 0)
  }
})

test('states read from a checkpoint hold the earlier items, in order of time', () => {
  const core = coreOf(configOf({ ...small, parts: 'trend' }))
  play(core, stream)
  const checkpoint = core.snapshot(1)
  const [users, items] = ['users', 'items'].map((kind) => checkpoint.texts.get(kind)!.slice())
  const has = told()
  for (const { user, added } of userStatesOf(checkpoint)) {
    const own = has.get(users!.indexOf(user)) ?? new Set()
    const expected = [...own].map((item) => items![item]!)
    assert.deepEqual(added.map(([item]) => item).sort(), expected.sort())
    const times = added.map(([, time]) => time)
    assert.deepEqual(
      times,
      times.slice().sort((a, b) => a - b),
    )
  }
})
