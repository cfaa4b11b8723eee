// Trainers that learn as one group through an update log: who learns what, and what of it counts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchEvents, learnSome, play, sorted, streams } from './play.ts'
import { baseOf, config, type GroupWorker, startWorker } from './worker.ts'

test('bases are equal at equal places of the log, and all events count', async () => {
  const log: Uint8Array[] = []
  const { a, b } = await play(log)
  const [one, other] = [baseOf(await a.save()), baseOf(await b.save())]
  assert.ok(one.size > 100)
  assert.deepEqual(sorted(one), sorted(other))
  const { streams: stand, pending } = await a.read()
  assert.equal(pending, 0)
  assert.deepEqual(
    stand.map(([stream, position]) => [stream, position]),
    [
      ['in/0', streams[0]!.length],
      ['in/1', streams[1]!.length],
    ],
  )
  const counted = (await Promise.all([a, b].map((worker) => worker.stats()))).map(
    (stats) => stats.events,
  )
  assert.deepEqual(counted, [streams[0]!.length, streams[1]!.length])
})

test('what only users of the other worker take may be listed, too', async () => {
  const log: Uint8Array[] = []
  const [a, b] = [startWorker('a', log), startWorker('b', log)]
  await a.claim('in/0')
  await a.read()
  await learnSome(a, 0, 0)
  await a.take()
  await b.read()
  const popular = (worker: GroupWorker) => worker.trainer.ask({ kind: 'popular', k: 10 })
  const { items } = await popular(b)
  assert.ok(items.length > 3)
  assert.deepEqual(items, (await popular(a)).items)
})

test('an item that nobody has taken is no event to measure, though its name is known', async () => {
  const log: Uint8Array[] = []
  // Nothing is withheld to measure forgetting.
  const settings = { ...config, probeUsersMax: 0 }
  const open = (author: string) => startWorker(author, log, undefined, 1_000, settings)
  const [a, b] = [open('a'), open('b')]
  await a.claim('in/0')
  await a.read()
  // One user takes new items only; another worker's user takes the same ones afterwards.
  const take = (user: string) => {
    return Array.from({ length: 200 }, (_, k) => {
      return { user, item: `item ${k}`, timestamp: 1e12 + k, action: 'ADD' as const }
    })
  }
  await a.learn('in/0', 0, take('first'))
  assert.equal((await a.stats()).quality.all.model?.events, 0)
  await a.take()
  await b.claim('in/1')
  await b.read()
  await b.learn('in/1', 0, take('second').slice(0, 5))
  assert.equal((await b.stats()).quality.all.model?.events, 5)
})

test('positions that may be committed never go beyond what the log says was learned', async () => {
  const log: Uint8Array[] = []
  const a = startWorker('a', log)
  await learnSome(a, 0, 0)
  await a.trainer.drain()
  assert.deepEqual([...a.committed()], [], 'of an unclaimed stream nothing')
  await a.claim('in/0')
  await a.read()
  await learnSome(a, 0, 0)
  await a.trainer.drain()
  assert.deepEqual([...a.committed()], [['in/0', 0]])
  await a.take()
  await a.trainer.drain()
  assert.deepEqual([...a.committed()], [['in/0', 0]], 'appended is not read back')
  await a.read()
  assert.deepEqual([...a.committed()], [['in/0', batchEvents]])
})

test('what the old owner has stored and not appended is learned by the new one, and nothing twice', async () => {
  const log: Uint8Array[] = []
  const a = startWorker('a', log)
  await a.claim('in/0')
  await a.read()
  let from = await learnSome(a, 0, 0)
  await a.take()
  await a.read()
  from = await learnSome(a, 0, from)
  // It dies: its second batch is in the store, and not in the log.
  const b = startWorker('b', log)
  await b.read()
  await b.claim('in/0')
  const { owned } = await b.read()
  assert.deepEqual(owned, [['in/0', batchEvents]])
  await b.remember(streams[0]!.slice(0, from))
  await b.learn('in/0', 0, streams[0]!.slice(0, from + batchEvents))
  const before = log.length
  await b.take()
  assert.equal(log.length, before + 1)
  const { verdicts } = await b.read()
  const { learned, passed } = { learned: verdicts[0]!.events, passed: verdicts[0]!.passedOver }
  assert.equal(passed, undefined)
  // All from the position on, also those that the user had by then; none before it.
  assert.equal(learned, from)
  const stats = await b.stats()
  assert.equal(stats.debtEvents, 0)
})

test('who has lost a stream gives up what it has learned since, and learns again what is still its own', async () => {
  const log: Uint8Array[] = []
  const a = startWorker('a', log)
  const b = startWorker('b', log)
  await a.claim('in/0', 'in/1')
  await a.read()
  await learnSome(a, 0, 0)
  await learnSome(a, 1, 0)
  await b.read()
  await b.claim('in/1')
  await b.read()
  await a.take()
  // Its record is passed over, because of the one stream; the events of the other are to be learned again.
  const state = await a.read()
  assert.equal(state.verdicts.at(-1)!.passedOver, 'not_owner')
  assert.deepEqual(state.owned, [['in/0', 0]])
  assert.equal(state.isLost, false)
  assert.equal((await a.stats()).debtEvents, batchEvents)
  await a.take()
  const { verdicts, owned } = await a.read()
  assert.deepEqual(owned, [['in/0', batchEvents]])
  assert.equal(verdicts[0]!.events, batchEvents)
  await b.learn('in/1', 0, streams[1]!.slice(0, batchEvents))
  await b.take()
  for (const worker of [a, b]) await worker.read()
  assert.deepEqual(sorted(baseOf(await a.save())), sorted(baseOf(await b.save())))
})

test('a released stream is learned by nobody until a claim was read back', async () => {
  const log: Uint8Array[] = []
  const a = startWorker('a', log)
  await a.claim('in/0')
  await a.read()
  const from = await learnSome(a, 0, 0)
  await a.take(true)
  await learnSome(a, 0, from)
  assert.deepEqual((await a.read()).owned, [])
  assert.equal((await a.trainer.group.take()).length, 0)
  await a.claim('in/0')
  assert.deepEqual((await a.read()).owned, [['in/0', batchEvents]])
  // They come again, and are learned now though they were remembered meanwhile.
  await learnSome(a, 0, from)
  await a.take()
  const { verdicts } = await a.read()
  assert.equal(verdicts.at(-1)!.events, batchEvents)
})

test('a worker without room for an item leaves out what records say of it', async () => {
  const log: Uint8Array[] = []
  const { a } = await play(log)
  const small = startWorker('small', log, undefined, 20)
  const state = await small.read()
  assert.ok(state.unknownItems > 0)
  const known = baseOf(await small.save())
  const all = baseOf(await a.save())
  for (const [row, base] of known) if (row !== 'log') assert.equal(all.get(row), base, row)
})

test('what a worker with another model says of tables that differ is left out, and told', async () => {
  const log: Uint8Array[] = []
  const { b } = await play(log)
  const settings = { ...config, factors: 8 }
  const other = startWorker('other', log, undefined, 1_000, settings)
  const { verdicts, learned } = await other.read()
  assert.equal(learned, streams[0]!.length + streams[1]!.length)
  const foreign = verdicts.flatMap((one) => one.foreign ?? [])
  assert.ok(foreign.includes('history.nbpr/items'), foreign.join(' '))
  assert.ok(!foreign.includes('fusion/weights'), foreign.join(' '))
  assert.ok((await b.read()).verdicts.every((one) => one.foreign === undefined))
})

test('without a group the calls are refused', async () => {
  const { createTrainerInPlace } = await import('../../../src/trainer/loop/in-place.ts')
  const { createWasmEngine } = await import('../../../src/adapters/wasm/engine.ts')
  const { config } = await import('./worker.ts')
  const trainer = createTrainerInPlace({
    ...{ config, engine: createWasmEngine(), checkpoints: undefined, nextGeneration: 1 },
    ...{ versionBase: 0, nowMs: () => 0, report: () => undefined },
  })
  await assert.rejects(trainer.group.take(), /without a group/)
})
