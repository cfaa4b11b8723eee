// Lists for those who ask: a user's is the one that goes out, a posted history gets the list that a user with that
// history gets, and of a user that others read the history comes from the store.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryPositiveStore } from '../../src/adapters/memory/positive-store.ts'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import type { RankedList, TrainerReport } from '../../src/messages.ts'
import { createIds } from '../../src/remember/ids.ts'
import { trainerBatch } from '../../src/remember/remember.ts'
import { snapshotBatch } from '../../src/remember/snapshot-batch.ts'
import { createListService } from '../../src/serve/list-service.ts'
import { fullAdd, kindOf, ownedItems, strengthCode } from '../../src/strength.ts'
import { createTrainerInPlace } from '../../src/trainer/loop/in-place.ts'
import type { Interaction } from '../../src/types.ts'
import { createWorld } from '../../src/world/world.ts'
import { configOf } from '../trainer/stream.ts'

const events = 1_500
const k = 10

/** A trainer that has learned a small world, what it reported, and the service before it. */
async function learned(flags: Record<string, unknown> = {}, code = fullAdd) {
  const config = configOf({ factors: 4, effort: 'light', model: 'nbpr', ...flags })
  const users = createIds(10_000)
  const items = createIds(10_000)
  const store = memoryPositiveStore({ added: 1_000, removed: 1_000 })
  const newest = new Map<number, RankedList>()
  const trainer = createTrainerInPlace({
    ...{ config, engine: createWasmEngine(), checkpoints: undefined, nextGeneration: 1 },
    ...{ versionBase: 0, nowMs: () => 0 },
    report(report: TrainerReport) {
      if (report.kind === 'lists') for (const list of report.lists) newest.set(list.user, list)
    },
  })
  const world = createWorld({ seed: 3, users: 80, items: 120, events, days: 20, topics: 6 })
  const all = [...world.interactions()].map((event, k) =>
    code === fullAdd || k % 2 === 0 ? event : { ...event, kind: kindOf(code) },
  )
  async function learn(some: Interaction[], nextOffset: number): Promise<void> {
    const segment = {
      events: some,
      offsets: some.map((_, x) => nextOffset - some.length + x),
      forgotten: [],
    }
    const facts = { stream: 'world', nextOffset, dead: {}, skipped: {} }
    await store.apply(some)
    await trainer.offer(trainerBatch(segment, facts, users, items).batch)
  }
  await learn(all, all.length)
  await trainer.drain()
  const service = createListService({ trainer, store, items })
  /** The list as it went out, by names. */
  function published(user: string) {
    const list = newest.get(users.find(user)!)!
    return [...list.items].map((item, x) => ({ item: items.name(item), score: list.scores[x] }))
  }
  async function historyOf(user: string) {
    const { added, removed } = (await store.read([user]))[0]!
    const gone = new Map(removed)
    const kept = added.filter(([item, time]) => time > (gone.get(item) ?? 0))
    return kept.map(([item, timestamp]) => ({ item, timestamp }))
  }
  return { all, trainer, store, users, items, service, published, historyOf, learn }
}

test('the list of a user is the one that goes out', async () => {
  const { all, service, published, trainer } = await learned()
  const last = all.slice(-30).map(({ user }) => user)
  await trainer.relist(Int32Array.of())
  for (const user of new Set(last)) {
    const list = await service.forUser(user, k)
    assert.equal(list?.source, 'PERSONAL')
    assert.equal(list.modelVersion, events)
    // The model has learned on since most of the lists went out; that of the last event is of today.
    if (user === all.at(-1)!.user) assert.deepEqual(list.items, published(user))
  }
})

test('a posted history gets the list of the user who has it, and holds nothing of the history', async () => {
  const { all, service, historyOf } = await learned({
    parts: 'history,neighbours,trend',
    // Else an item of some users is set aside, to measure forgetting, and their lists do not rest on it.
    probeUsersMax: 0,
  })
  // A list is for the moment of the newest event, which a removal is, too.
  const newest = new Map(all.map(({ user, item, action }) => [user, { item, action }]))
  const users = [...newest.keys()].filter((user) => newest.get(user)!.action === 'ADD')
  for (const user of users) {
    const history = await historyOf(user)
    const own = await service.forUser(user, k)
    const shuffled = history.toReversed()
    const { unknown, ...got } = await service.forHistory([...shuffled, shuffled[0]!], k)
    assert.deepEqual(unknown, [])
    assert.deepEqual(got, own)
    assert.ok(got.items.every(({ item }) => history.every((one) => one.item !== item)))
  }
})

test('a user that this worker does not read gets a list from the history in the store', async () => {
  const { all, service, historyOf, trainer, users, items } = await learned()
  const user = all.at(-1)!.user
  const before = await service.forUser(user, k)
  const own = await historyOf(user)
  const assignment = { streams: ['world'], gained: ['world'], versionBase: 5_000 }
  await trainer.offer({ ...snapshotBatch([], users, items), assignment })
  assert.equal(
    await trainer.ask({ kind: 'list', user, k }),
    undefined,
    'the trainer leaves it to others',
  )
  const after = await service.forUser(user, k)
  assert.equal(after?.source, 'PERSONAL')
  assert.deepEqual(
    after.items.map(({ item }) => item),
    before!.items.map(({ item }) => item),
  )
  assert.ok(after.items.every(({ item }) => own.every((one) => one.item !== item)))
  assert.equal(await service.forUser('a stranger', k), undefined)
})

test('what was only looked at is in the history of a user of another worker, and may be listed', async () => {
  const { all, service, store, trainer, users, items } = await learned({}, strengthCode(0.2, true))
  const own = [...new Set(all.slice(-60).map(({ user }) => user))]
  const before = await Promise.all(own.map((user) => service.forUser(user, k)))
  const assignment = { streams: ['world'], gained: ['world'], versionBase: 5_000 }
  await trainer.offer({ ...snapshotBatch([], users, items), assignment })
  let listed = 0
  for (const [x, user] of own.entries()) {
    const after = await service.forUser(user, k)
    const names = after!.items.map(({ item }) => item)
    assert.deepEqual(
      names,
      before[x]!.items.map(({ item }) => item),
    )
    const has = ownedItems((await store.read([user]))[0]!)
    for (const { item, listable } of has) {
      if (!names.includes(item)) continue
      assert.ok(listable, item)
      listed++
    }
  }
  assert.ok(listed > 0)
})

test('items that nobody knows say nothing; a history of only those gets the popular list', async () => {
  const { service, items } = await learned()
  const popular = await service.popular(5)
  assert.deepEqual([popular.source, popular.items.length], ['POPULAR', 5])
  const none = await service.forHistory([{ item: 'no such thing' }], 5)
  assert.deepEqual(none, { ...popular, unknown: ['no such thing'] })
  assert.deepEqual(await service.forHistory([], 5), { ...popular, unknown: [] })
  const some = await service.forHistory([{ item: 'no such thing' }, { item: items.name(3) }], 5)
  assert.deepEqual([some.source, some.unknown], ['PERSONAL', ['no such thing']])
  assert.equal(await service.similar('no such thing', 5), undefined)
})

test('what is similar to an item is what somebody sees who has only that, and never the item', async () => {
  const { service, items } = await learned()
  const item = items.name(0)
  const similar = await service.similar(item, k)
  assert.equal(similar?.items.length, k)
  assert.ok(similar.items.every((one) => one.item !== item))
  const { unknown: _, ...visitor } = await service.forHistory([{ item, timestamp: 1e12 }], k)
  assert.deepEqual(similar, visitor)
})

test('asking changes nothing: the same lists go out whether somebody has asked or not', async () => {
  const [quiet, asked] = await Promise.all([learned(), learned()])
  for (const user of ['u1', 'u2', 'u3']) {
    await asked.service.forUser(user, 50)
    await asked.service.forHistory(await asked.historyOf(asked.all[0]!.user), 50)
    await asked.service.popular(50)
  }
  const more = quiet.all
    .slice(0, 200)
    .map((event) => ({ ...event, item: quiet.all[7]!.item, timestamp: 4e12 }))
  for (const one of [quiet, asked]) {
    await one.learn(more, events + more.length)
    await one.trainer.drain()
  }
  for (const { user } of more) assert.deepEqual(asked.published(user), quiet.published(user))
})

test('the paper alone has no list for a history without a user: it gets the popular one', async () => {
  const { service, items } = await learned({
    parts: 'rows',
    model: 'neupr',
    tower: 'joint',
    depth: 2,
  })
  assert.equal((await service.forHistory([{ item: items.name(3) }], 5)).source, 'POPULAR')
})
