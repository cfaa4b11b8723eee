// What a worker does when its group gives it streams: what counts as its own, whose histories it reads again, and what
// the trainer is told.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryPositiveStore } from '../../src/adapters/memory/positive-store.ts'
import { createTakeOver } from '../../src/app/take-over.ts'
import type { Held } from '../../src/messages.ts'
import type { Tenure } from '../../src/ports/event-source.ts'
import type { Trainer } from '../../src/ports/trainer.ts'
import { createIds } from '../../src/remember/ids.ts'
import { recordOf } from './rig.ts'

function scene() {
  const claims: { go: () => void }[] = []
  const told: Held[] = []
  const read: string[] = []
  const users = createIds(10)
  let others: readonly string[] = []
  let base = 0
  const store = memoryPositiveStore({ added: 10, removed: 10 })
  const trainer = {
    offer: async ({ held }) => void (held && told.push(held)),
  } as Partial<Trainer> as Trainer
  const takeOver = createTakeOver({
    ...{ trainer, users, items: createIds(10) },
    retrying: (_, work) => work(),
    store: {
      ...store,
      async read(users) {
        read.push(...users)
        return store.read(users)
      },
    },
    claimVersions: (streams) =>
      new Promise((resolve) => {
        const kept = streams.filter((one) => !others.includes(one))
        claims.push({ go: () => resolve({ versionBase: (base += 100), kept }) })
      }),
  })
  return {
    ...{ claims, told, read },
    takeOver: {
      ...takeOver,
      know: (stream: string, names: readonly string[]) =>
        takeOver.know(stream, Int32Array.from(names, users.of), () => undefined),
    },
    /** Works on these streams before the next claim of ours. */
    othersClaim: (streams: readonly string[]) => void (others = streams),
    async begin(tenure: Tenure) {
      const records = [recordOf(tenure.streams[0] ?? '', 0, '')]
      const begun = takeOver.begin({ records, tenure, ack: async () => undefined })
      claims.shift()?.go()
      await begun
    },
  }
}

test('between two tenures nothing is its own, then only what was made since', async () => {
  const { takeOver, claims, begin } = scene()
  await begin({ streams: ['t/0'] })
  assert.deepEqual([takeOver.owns(99), takeOver.owns(100)], [false, true])
  const records = [recordOf('t/0', 1, '')]
  const tenure = { streams: ['t/0'] }
  const begun = takeOver.begin({ records, tenure, ack: async () => undefined })
  assert.equal(
    takeOver.owns(150),
    false,
    'the claim is under way: others may have made a newer one',
  )
  claims.shift()?.go()
  await begun
  assert.deepEqual([takeOver.owns(150), takeOver.owns(200)], [false, true])
})

test('a stream kept over tenures is read once, one that others worked on in between again', async () => {
  const { takeOver, begin, othersClaim, read, told } = scene()
  await begin({ streams: ['t/0', 't/1'] })
  await takeOver.know('t/0', ['a'])
  await takeOver.know('t/1', ['b'])
  await takeOver.know('t/1', ['b'])
  assert.deepEqual(read.splice(0), ['a', 'b'])
  othersClaim(['t/1'])
  await begin({ streams: ['t/0', 't/1'] })
  await takeOver.know('t/0', ['a'])
  await takeOver.know('t/1', ['b'])
  assert.deepEqual(read, ['b'], 'put out of the group unawares, and back with the same streams')
  assert.deepEqual(
    told.map(({ gained }) => gained),
    [[], ['t/1']],
    'at the first start the checkpoint stands for itself',
  )
})
