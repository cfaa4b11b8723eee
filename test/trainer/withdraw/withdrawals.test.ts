// Items that may not be listed leave the lists that went out, and nobody else is ranked again; also over a restart.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Config } from '../../../src/config.ts'
import type { RankedList } from '../../../src/messages.ts'
import { ChangedRows } from '../../../src/ports/live-state.ts'
import { createAvailability } from '../../../src/remember/availability/availability.ts'
import { createSentLists } from '../../../src/trainer/lists/sent-lists.ts'
import type { Core } from '../../../src/trainer/loop/core.ts'
import { createWithdrawals } from '../../../src/trainer/withdraw/withdrawals.ts'
import { configOf, coreOf, play, streamOf } from '../stream.ts'

const config: Config = configOf({
  ...{ factors: 4, effort: 'light', model: 'nbpr', k: 5, parts: 'history,trend' },
  ...{ items: 'file:items.csv', listStaleEvents: 1_000_000 },
})

/** The newest list of each user. */
class Published {
  readonly lists = new Map<number, RankedList>()
  add(lists: readonly RankedList[]): readonly RankedList[] {
    for (const list of lists) this.lists.set(list.user, list)
    return lists
  }
  holders(item: number): number[] {
    return [...this.lists.values()]
      .filter(({ items }) => items.includes(item))
      .map(({ user }) => user)
  }
}

function listed(): { core: Core; published: Published; item: number; name: string } {
  const core = coreOf(config)
  core.takeItems({ states: [], isComplete: true })
  const published = new Published()
  published.add(play(core, streamOf(1_500)))
  const counts = new Map<number, number>()
  for (const { items } of published.lists.values()) {
    for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  }
  // One that some have and others have not.
  const some = [...counts].filter(([, count]) => count < published.lists.size)
  const [item] = some.reduce((one, other) => (other[1] > one[1] ? other : one))
  return { core, published, item, name: core.input.items.name(item) }
}

test('an item that may not be listed leaves all lists, and only those who had it get another', () => {
  const { core, published, item, name } = listed()
  const had = published.holders(item)
  const all = published.lists.size
  core.takeItems({ states: [{ item: name, available: false }] })
  const lists = published.add(core.rank(0))
  assert.deepEqual(lists.map(({ user }) => user).sort(), had.sort())
  assert.ok(had.length < all, `${had.length} of ${all}`)
  assert.deepEqual(published.holders(item), [])
  assert.ok(lists.every(({ items }) => items.length === config.k))
  assert.equal(core.stats(false).listsWithdrawn, had.length)
  assert.equal(core.stats(false).itemsUnlisted, 1)
  // It may come again, with the next lists; nobody is ranked for it.
  core.takeItems({ states: [{ item: name, available: true }] })
  assert.deepEqual(core.rank(0), [])
})

test('an item whose time is over leaves by the clock that is handed in', () => {
  const { core, published, item, name } = listed()
  const had = published.holders(item)
  const until = core.lists.streamTime() + 60_000
  core.takeItems({ states: [{ item: name, available: true, until }] })
  assert.deepEqual(core.rank(0), [])
  const later = streamOf(1_600).slice(15)
  assert.ok(later.some(({ times }) => times.some((time) => time > until)))
  published.add(play(core, later))
  assert.deepEqual(published.holders(item), [])
  assert.ok(core.lists.withdrawn() > 0 && core.lists.withdrawn() <= had.length)
})

test('no list goes out before all is known that the feed had said', () => {
  const core = coreOf(config)
  const batches = streamOf(300)
  assert.deepEqual(play(core, batches), [])
  assert.equal(core.lists.waiting, 0)
  const name = core.input.items.name(0)
  core.takeItems({ states: [{ item: name!, available: false }], isComplete: true })
  const lists = core.rank(0)
  assert.ok(lists.length > 50)
  assert.ok(lists.every(({ items }) => !items.includes(0)))
})

test('after a restart the lists of before are known, and what has been taken out meanwhile leaves them', () => {
  const { core, published, item, name } = listed()
  const had = published.holders(item)
  const after = coreOf(config, core.snapshot(1))
  assert.deepEqual(after.rank(0), [], 'nothing before the feed is read')
  after.takeItems({ states: [{ item: name, available: false }], isComplete: true })
  const lists = published.add(after.rank(0))
  assert.deepEqual(lists.map(({ user }) => user).sort(), had.sort())
  assert.deepEqual(published.holders(item), [])
  // A compacted topic need not say again what is in the checkpoint.
  const again = coreOf(config, after.snapshot(2))
  again.takeItems({ states: [], isComplete: true })
  assert.deepEqual(again.rank(0), [])
  assert.equal(again.stats(false).itemsUnlisted, 1)
  // Of another feed, or of none, nothing holds.
  assert.equal(
    coreOf({ ...config, items: 'file:other' }, after.snapshot(3)).stats(false).itemsUnlisted,
    0,
  )
  // Lists of another length are not known: whoever has one may have it.
  const longer = coreOf({ ...config, k: 6 }, core.snapshot(4))
  longer.takeItems({ states: [{ item: name, available: false }], isComplete: true })
  assert.equal(longer.rank(0).length, published.lists.size)
})

test('a model that is put back knows what may be listed', () => {
  const { core, name } = listed()
  core.takeItems({ states: [{ item: name, available: false }] })
  const back = core.rolledBack(core.snapshot(1))
  assert.equal(back.stats(false).itemsUnlisted, 1)
  assert.ok(back.lists.waiting >= 0)
  back.rank(0)
  assert.equal(back.takeItems({ states: [{ item: 'i001', available: false }] }), 0)
})

test('users are looked through some at a time, and those who are not ready are asked for again', () => {
  const users = 50_000
  const availability = createAvailability({ unnamed: 'listed', statesMax: 10 })
  availability.named(0, 'a')
  const sent = createSentLists(new ChangedRows(), 2)
  for (let user = 0; user < users; user++) {
    sent.ranked(user, 1, 0, Int32Array.of(1, user % 100 === 0 ? 0 : 2))
  }
  const unread = new Set([300, 40_000])
  const again: number[] = []
  let looks = 0
  const withdrawals = createWithdrawals({
    ...{ feed: { availability, nowMs: () => 0 }, sent, hasList: () => true },
    isReady: (user) => !unread.has(user),
    rankAgain(user) {
      again.push(user)
      return undefined
    },
  })
  assert.equal(withdrawals.isPending, false)
  availability.apply([{ item: 'a', available: false }], 0)
  assert.equal(withdrawals.isPending, true)
  // Rounds that are over at once still get somewhere.
  for (; withdrawals.isPending; looks++) withdrawals.rank(() => true)
  assert.equal(again.length, users / 100 - unread.size)
  assert.ok(looks <= users / 100 + users / 20_000 + 1, `${looks} rounds`)
  unread.clear()
  for (let round = 0; round < 2; round++) withdrawals.rank(() => true)
  assert.deepEqual(again.slice(-2).sort(), [300, 40_000].sort())
})
