// What a worker does when its group gives it streams: what counts as its own, whose histories it reads again, and what
// the trainer is told.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryPositiveStore } from '../../src/adapters/memory/positive-store.ts'
import { createRebalance } from '../../src/app/rebalance.ts'
import type { Retrying } from '../../src/app/retry.ts'
import { createUserReads } from '../../src/app/user-reads.ts'
import type { AssignedStreams } from '../../src/messages.ts'
import type { Assignment } from '../../src/ports/event-source.ts'
import type { Trainer } from '../../src/ports/trainer.ts'
import { createOwnership } from '../../src/publish/ownership.ts'
import { createIds } from '../../src/remember/ids.ts'
import { recordOf } from './rig.ts'

function scene() {
  const claims: { go: () => void }[] = []
  const told: AssignedStreams[] = []
  const read: string[] = []
  const users = createIds(10)
  let others: readonly string[] = []
  let base = 0
  const store = memoryPositiveStore({ added: 10, removed: 10 })
  const trainer = {
    offer: async ({ assignment }) => void (assignment && told.push(assignment)),
  } as Partial<Trainer> as Trainer
  const ownership = createOwnership({ now: () => 0 })
  const items = createIds(10)
  const retrying: Retrying = (_, work) => work()
  const noting = {
    async read(names: readonly string[]) {
      read.push(...names)
      return store.read(names)
    },
  }
  const rebalance = createRebalance({
    ...{ trainer, users, items, ownership, retrying },
    reads: createUserReads({ store: noting, trainer, users, items, retrying }),
    claimVersions: (streams) =>
      new Promise((resolve) => {
        const kept = streams.filter((one) => !others.includes(one))
        claims.push({ go: () => resolve({ versionBase: (base += 100), kept }) })
      }),
  })
  /** The next claim, once it is asked for. */
  async function claimIsMade(): Promise<void> {
    while (claims.length === 0) await new Promise(setImmediate)
    claims.shift()?.go()
  }
  return {
    ...{ claimIsMade, told, read, ownership },
    rebalance: {
      ...rebalance,
      readUsers: (stream: string, names: readonly string[]) =>
        rebalance.readUsers(stream, Int32Array.from(names, users.of), () => undefined),
    },
    /** Works on these streams before the next claim of ours. */
    othersClaim: (streams: readonly string[]) => void (others = streams),
    async begin(assignment: Assignment) {
      const records = [recordOf(assignment.streams[0] ?? '', 0, '')]
      const begun = rebalance.begin({ records, assignment, ack: async () => undefined })
      await claimIsMade()
      await begun
    },
  }
}

test('between two assignments nothing is its own, then only what was made since', async () => {
  const { rebalance, ownership, claimIsMade, begin } = scene()
  await begin({ streams: ['t/0'] })
  assert.deepEqual([ownership.mayCommit(99), ownership.mayCommit(100)], [false, true])
  const records = [recordOf('t/0', 1, '')]
  const assignment = { streams: ['t/0'] }
  const begun = rebalance.begin({ records, assignment, ack: async () => undefined })
  assert.equal(
    ownership.mayCommit(150),
    false,
    'the claim is under way: others may have made a newer one',
  )
  await claimIsMade()
  await begun
  assert.deepEqual([ownership.mayCommit(150), ownership.mayCommit(200)], [false, true])
})

test('a stream kept over assignments is read once, one that others worked on in between again', async () => {
  const { rebalance, begin, othersClaim, read, told } = scene()
  await begin({ streams: ['t/0', 't/1'] })
  await rebalance.readUsers('t/0', ['a'])
  await rebalance.readUsers('t/1', ['b'])
  await rebalance.readUsers('t/1', ['b'])
  assert.deepEqual(read.splice(0), ['a', 'b'])
  othersClaim(['t/1'])
  await begin({ streams: ['t/0', 't/1'] })
  await rebalance.readUsers('t/0', ['a'])
  await rebalance.readUsers('t/1', ['b'])
  assert.deepEqual(read, ['b'], 'put out of the group unawares, and back with the same streams')
  assert.deepEqual(
    told.map(({ gained }) => gained),
    [[], ['t/1']],
    'at the first start the checkpoint stands for itself',
  )
})
