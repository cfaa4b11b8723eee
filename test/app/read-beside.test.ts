// Users are read once, whoever meets them first; what is read beside the work never undoes an event, gives way to
// events, and ends when it is told to.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryPositiveStore } from '../../src/adapters/memory/positive-store.ts'
import { readBeside } from '../../src/app/read-beside.ts'
import type { Retrying } from '../../src/app/retry.ts'
import { createUserReads } from '../../src/app/user-reads.ts'
import type { TrainerBatch } from '../../src/messages.ts'
import { createIds } from '../../src/remember/ids.ts'

const many = 1_000
const retrying: Retrying = (_, work) => work()

async function scene(names: readonly string[]) {
  const store = memoryPositiveStore({ added: many, removed: many })
  for (const user of names) {
    await store.apply([{ user, item: `of ${user}`, timestamp: 1, action: 'ADD' }])
  }
  const users = createIds(many)
  const items = createIds(many)
  const read: string[][] = []
  const offered: TrainerBatch[] = []
  const waiting = { events: 0, snapshots: 0 }
  let held: Promise<void> | undefined
  const noting = {
    names: store.names,
    async read(some: readonly string[]) {
      read.push([...some])
      const states = await store.read(some)
      await held
      return states
    },
  }
  const trainer = {
    offer: async (batch: TrainerBatch) => void offered.push(batch),
    waiting: () => waiting,
  }
  const reads = createUserReads({ store: noting, trainer, users, items, retrying })
  const stop = new AbortController()
  let pauses = 0
  const beside = (known: number, scans: boolean) =>
    readBeside(
      {
        ...{ store: noting, trainer, users, items, reads, retrying, known, scans },
        onLeftOut: (users) => assert.fail(`${users} users were left out`),
        async pause(_, signal) {
          signal.throwIfAborted()
          pauses++
          await new Promise(setImmediate)
        },
      },
      stop.signal,
    )
  return {
    ...{ store, users, read, offered, waiting, reads, stop, beside },
    pauses: () => pauses,
    /** Answers of the store wait until the returned function is called. */
    hold(): () => void {
      let release: () => void = () => undefined
      held = new Promise((resolve) => {
        release = resolve
      })
      return release
    },
  }
}

test('without a checkpoint every user of the store is read once, those met first as well', async () => {
  const { users, reads, read, offered, beside } = await scene(['ann', 'bob', 'cy'])
  reads.beginRound()
  await reads.read([users.of('bob')], 1)
  assert.equal(await beside(0, true), true)
  assert.deepEqual(read, [['bob'], ['ann', 'cy']])
  await reads.read(['ann', 'bob', 'cy'].map(users.of), 1)
  assert.equal(read.length, 2)
  assert.equal(offered.at(-1)?.snapshotsEnd, true)
  assert.equal(offered.flatMap((batch) => [...batch.users]).length, 3)
})

test('with a checkpoint only the users that it knows are read, and none twice', async () => {
  const { users, reads, read, offered, beside } = await scene(['ann', 'bob', 'stranger'])
  for (const name of ['ann', 'bob', 'forgotten']) users.of(name)
  reads.beginRound()
  await reads.read([users.of('ann'), users.of('ann'), -1], 1)
  assert.equal(await beside(3, false), true)
  assert.deepEqual(read, [['ann'], ['bob', 'forgotten']])
  assert.deepEqual([...offered.at(-1)!.forgotten], [users.of('forgotten')])
  assert.ok(offered.every(({ snapshotsEnd }) => snapshotsEnd === undefined))
})

test('an event waits for a read of its user that is under way: the older state comes first', async () => {
  const { users, reads, store, offered, read, hold } = await scene(['ann'])
  reads.beginRound()
  const ann = users.of('ann')
  const release = hold()
  const beside = reads.read([ann], 1)
  let isKnown = false
  const met = reads.read([ann], 1).then(() => {
    isKnown = true
  })
  await new Promise(setImmediate)
  assert.equal(
    isKnown,
    false,
    'stored or offered now, the event would be undone by the older state',
  )
  release()
  await Promise.all([beside, met])
  assert.equal(read.length, 1)
  assert.equal(offered.length, 1)
  // Others may have worked on the user since: in a later round they are read again.
  await store.apply([{ user: 'ann', item: 'new', timestamp: 2, action: 'ADD' }])
  await reads.read([ann], reads.beginRound())
  assert.equal(offered.at(-1)?.users.length, 2)
})

test('nothing is read while what was read before waits, and little while events do', async () => {
  const { reads, waiting, read, pauses, stop, beside } = await scene(['ann'])
  reads.beginRound()
  waiting.snapshots = 1
  const reading = beside(0, true)
  while (pauses() < 100) await new Promise(setImmediate)
  assert.equal(read.length, 0)
  Object.assign(waiting, { snapshots: 0, events: 5 })
  while (read.length === 0) await new Promise(setImmediate)
  assert.equal(await reading, true)
  stop.abort()
})

test('a reading that is aborted says that it is not whole', async () => {
  const { reads, waiting, offered, stop, beside } = await scene(['ann'])
  const early = beside(0, true)
  stop.abort()
  assert.equal(await early, false, 'before the group has given any stream')
  const other = await scene(['ann'])
  other.reads.beginRound()
  other.waiting.snapshots = 1
  const reading = other.beside(0, true)
  while (other.pauses() < 3) await new Promise(setImmediate)
  other.stop.abort()
  assert.equal(await reading, false)
  assert.ok([...offered, ...other.offered].every(({ snapshotsEnd }) => snapshotsEnd !== true))
  assert.deepEqual([reads.beginRound(), waiting.snapshots], [1, 0])
})
