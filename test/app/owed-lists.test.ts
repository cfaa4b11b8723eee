// Who is owed a list for a past that was committed before its lists were out: kept before the commit, taken away behind
// the lists, and read again by whoever is given the stream.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOwedKeeper } from '../../src/app/owed-lists.ts'
import type { TrainerBatch } from '../../src/messages.ts'
import type { OwedUser } from '../../src/ports/positive-store.ts'
import { createIds } from '../../src/remember/ids.ts'

/** A store's record that lets each change through when told. */
function scene({ slow = false } = {}) {
  const kept = new Map<string, Map<string, number>>()
  const of = (stream: string) => kept.get(stream) ?? kept.set(stream, new Map()).get(stream)!
  let open: () => void = () => undefined
  const opened = slow ? new Promise<void>((resolve) => (open = resolve)) : Promise.resolve()
  const offered: TrainerBatch[] = []
  const users = createIds(1_000)
  const owns: { now: boolean | undefined } = { now: true }
  let ownershipChanged: () => void = () => undefined
  const keeper = createOwedKeeper({
    owed: {
      async add(stream, owed) {
        await opened
        for (const [user, at] of owed) of(stream).set(user, Math.max(at, of(stream).get(user) ?? 0))
      },
      async remove(stream, names) {
        for (const name of names) of(stream).delete(name)
      },
      page: async (stream, before, most) =>
        [...of(stream)]
          .filter(([, at]) => at < before)
          .sort((a, b) => b[1] - a[1])
          .slice(0, most),
    },
    trainer: {
      offer: async (batch) => void offered.push(batch),
      waiting: () => ({ events: 0, snapshots: 0 }),
    },
    ...{ users, items: createIds(10), reads: undefined },
    retrying: (_, work) => work(),
    owns: () => owns.now,
    ownershipChanged: () => new Promise((resolve) => (ownershipChanged = resolve)),
    pause: async () => undefined,
    signal: new AbortController().signal,
  })
  const told = (owed: OwedUser[], settled: OwedUser[] = [], isCurrent = true) => {
    const ids = (all: OwedUser[]) => all.map(([name, at]) => [users.of(name), at] as const)
    const seen: { written: () => void }[] = []
    keeper.told(
      {
        lists: [{ stream: 'a', owed: ids(owed), settled: ids(settled) }],
        ...{ evictions: undefined, isCurrent },
      },
      (written) => seen.push({ written }),
    )
    return seen
  }
  const own = (now: boolean | undefined) => {
    owns.now = now
    ownershipChanged()
  }
  return { keeper, of, told, offered, users, owns, own, letGo: () => open() }
}

const idle = () => new Promise<void>((resolve) => setImmediate(resolve))

test('nothing is committed before the store has who is owed a list', async () => {
  const { keeper, of, told, letGo } = scene({ slow: true })
  keeper.assigned(new Map([['a', 1]]))
  const first = told([['one', 5]])
  const second = told([])
  await idle()
  assert.deepEqual([first.length, second.length], [0, 0])
  letGo()
  await keeper.flush()
  assert.deepEqual([first.length, second.length, of('a').get('one')], [1, 1, 5])
})

test('who got a list is taken away once it is written, but not who is owed another one since', async () => {
  const { keeper, of, told } = scene()
  keeper.assigned(new Map([['a', 1]]))
  const both: OwedUser[] = [
    ['one', 5],
    ['two', 6],
  ]
  told(both)
  const listed = told([], both)
  await keeper.flush()
  assert.equal(of('a').size, 2, 'the lists are not written yet')
  told([['two', 9]])
  await keeper.flush()
  listed[0]?.written()
  await keeper.flush()
  assert.deepEqual([...of('a')], [['two', 9]])
})

test('a worker that may have been given up adds nobody before it knows', async () => {
  const { keeper, of, told, own } = scene()
  keeper.assigned(new Map([['a', 1]]))
  own(undefined)
  const first = told([['one', 5]])
  await idle()
  assert.deepEqual([first.length, of('a').size], [0, 0])
  own(false)
  await idle()
  assert.equal(of('a').size, 0, 'its claim is under way')
  own(true)
  await keeper.flush()
  assert.deepEqual([first.length, [...of('a')]], [1, [['one', 5]]])
  own(undefined)
  told([['two', 6]])
  await idle()
  keeper.assigned(new Map())
  await keeper.flush()
  assert.deepEqual([...of('a')], [['one', 5]], 'the stream went to another worker')
})

test('lists that a new assignment may have lost, or that another worker writes now, settle nothing', async () => {
  const { keeper, of, told, owns } = scene()
  keeper.assigned(new Map([['a', 1]]))
  told([
    ['one', 5],
    ['two', 6],
  ])
  const before = told([], [['one', 5]])
  await keeper.flush()
  keeper.assigned(new Map([['a', 2]]))
  before[0]?.written()
  const stale = told([], [['one', 5]], false)
  await keeper.flush()
  stale[0]?.written()
  const mine = told([], [['two', 6]])
  await keeper.flush()
  owns.now = undefined
  mine[0]?.written()
  await keeper.flush()
  assert.equal(of('a').size, 2, 'not to be known now')
  owns.now = true
  const later = told([])
  await keeper.flush()
  later[0]?.written()
  await keeper.flush()
  assert.deepEqual([...of('a').keys()], ['one'])
  owns.now = false
  const lost = told([], [['one', 5]])
  await keeper.flush()
  lost[0]?.written()
  await keeper.flush()
  assert.equal(of('a').size, 1, 'another worker has the stream')
})

test('of a stream that another worker was given since, nothing is kept', async () => {
  const { keeper, of, told, letGo } = scene({ slow: true })
  keeper.assigned(new Map([['a', 1]]))
  told([['one', 5]])
  await idle()
  told([['two', 6]])
  keeper.assigned(new Map([['b', 2]]))
  letGo()
  const after = told([['three', 7]])
  await keeper.flush()
  assert.deepEqual([...of('a').keys()], ['one'], 'only what was under way')
  assert.equal(after.length, 1, 'what comes behind it goes on')
})

test('an assignment reads all who are owed a list, the most recently active first', async () => {
  const { keeper, of, offered, users } = scene()
  for (let n = 1; n <= 450; n++) of('a').set(`user-${n}`, n)
  of('b').set('other', 1)
  keeper.assigned(new Map([['a', 1]]))
  await keeper.loaded(new AbortController().signal)
  const given = offered.flatMap(({ stream, owed = [] }) =>
    owed.map(([user, at]) => `${stream} ${users.name(user)} ${at}`),
  )
  assert.equal(given.length, 450)
  assert.deepEqual([given[0], given.at(-1)], ['a user-450 450', 'a user-1 1'])
})

test('a forgotten user is owed nothing', async () => {
  const { keeper, of, told } = scene()
  keeper.assigned(new Map([['a', 1]]))
  told([['one', 5]])
  keeper.forgotten(['one'])
  await keeper.flush()
  assert.equal(of('a').size, 0)
})
