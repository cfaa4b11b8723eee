// The trainer in its thread: what it remembers is what the trainer in place does, its queue is bounded, and whatever
// ends the thread ends every call with a failure that says so.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createDiskCheckpointStore } from '../../../src/adapters/disk/checkpoint-store.ts'
import { createTrainerThread, type ThreadOptions } from '../../../src/adapters/thread/trainer.ts'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import type { TrainerBatch, TrainerReport } from '../../../src/messages.ts'
import type { Checkpoint } from '../../../src/ports/checkpoint-store.ts'
import type { Trainer } from '../../../src/ports/trainer.ts'
import { userStatesOf } from '../../../src/remember/user-states.ts'
import { createTrainerInPlace } from '../../../src/trainer/loop/in-place.ts'
import { configOf, streamOf } from '../../trainer/stream.ts'
import { createMemoryCheckpointStore } from '../memory/memory-checkpoint-store.ts'

const real = new URL('../../../src/thread.js', import.meta.url)
const scripted = new URL('./scripted.js', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'neupr-thread-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const config = configOf({ deterministic: false, checkpoints: folder, queueEventsMax: 300 })
const open = (entry: URL, more: Partial<ThreadOptions> = {}): Trainer =>
  createTrainerThread({
    ...{ entry, config, resume: undefined, nextGeneration: 1, versionBase: 0 },
    report: () => undefined,
    ...more,
  })

const tell = (trainer: Trainer, order: string): Promise<unknown> =>
  trainer.ask({ kind: 'explain', user: order, k: 1 })

function statesOf(checkpoint: Checkpoint) {
  const byName = ([one]: readonly [string, number], [other]: readonly [string, number]) =>
    one < other ? -1 : 1
  return [...userStatesOf(checkpoint)].map(({ user, added, removed }) => {
    return { user, added: [...added].sort(byName), removed: [...removed].sort(byName) }
  })
}

/** Buffers move to the thread, so every trainer has its own. */
const stream = (): TrainerBatch[] => streamOf(1_500)

test('the thread remembers what the trainer in place does, and lists everyone', async () => {
  const listed = new Set<number>()
  const report = (one: TrainerReport): void => {
    if (one.kind === 'lists') for (const { user } of one.lists) listed.add(user)
  }
  const thread = open(real, { report })
  for (const batch of stream()) await thread.offer(batch)
  await thread.drain()
  assert.equal(await thread.checkpoint(), 1)
  const stats = await thread.ask({ kind: 'stats' })
  await thread.close()

  const checkpoints = createMemoryCheckpointStore({ kept: 2 })
  const inPlace = createTrainerInPlace({
    ...{ config, checkpoints, engine: createWasmEngine(), nextGeneration: 1, versionBase: 0 },
    nowMs: () => 0,
    report: () => undefined,
  })
  for (const batch of stream()) await inPlace.offer(batch)
  await inPlace.drain()
  await inPlace.checkpoint()

  const disk = createDiskCheckpointStore({ directory: folder, kept: 2, bytesMax: 1e9 })
  const theirs = (await disk.latest()).checkpoint!
  const ours = (await checkpoints.latest()).checkpoint!
  assert.deepEqual(statesOf(theirs), statesOf(ours))
  assert.ok(statesOf(ours).length > 50)
  assert.deepEqual(theirs.facts.positions, { world: 1_500 })
  assert.equal(stats.events, 1_500)
  assert.equal(stats.queuedEvents, 0)
  assert.equal(listed.size, statesOf(ours).length)
})

test('the queue is bounded: an offer waits until the thread has taken enough', async () => {
  const thread = open(scripted)
  let held = 0
  const offers = stream()
    .slice(0, 8)
    .map((batch) => thread.offer(batch).then(() => held++))
  await tell(thread, 'nothing')
  assert.equal(held, 3, 'of 100 events each, in a queue of 300')
  await tell(thread, 'take 99')
  assert.equal(held, 4, '201 wait, so one more fits, and no second')
  await tell(thread, 'take 1')
  assert.equal(held, 4, '300 wait')
  await tell(thread, 'take 400')
  await Promise.all(offers.slice(0, 7))
  await tell(thread, 'take 400')
  await Promise.all(offers)
  await thread.close()
})

test('an offer that waits says so whenever the thread has come further, and only then', async () => {
  const thread = open(scripted)
  const batches = stream()
  for (const batch of batches.slice(0, 3)) await thread.offer(batch)
  let signs = 0
  const offer = thread.offer(batches[3]!, () => signs++)
  await tell(thread, 'nothing')
  assert.equal(signs, 0, 'a thread that stands still is no sign of life')
  await tell(thread, 'take 0')
  await tell(thread, 'take 0')
  assert.equal(signs, 2)
  await tell(thread, 'take 1')
  await offer
  await thread.close()
})

test('close() of a thread that ends without a word rejects instead of waiting for ever', async () => {
  const thread = open(scripted)
  await tell(thread, 'hush')
  await assert.rejects(thread.close(), { code: 'TRAINER_FAILED', message: /exit code 0/ })
})

const ends: Record<string, { order: string; code: string; says: RegExp }> = {
  'an unexpected error': { order: 'throw', code: 'TRAINER_FAILED', says: /out of order/ },
  'an exit': { order: 'exit 3', code: 'TRAINER_FAILED', says: /exit code 3/ },
  'a failure of its own': {
    order: 'fail TRAINER_FAILED',
    code: 'TRAINER_FAILED',
    says: /says why/,
  },
  'a failure of its checkpoints': {
    order: 'fail CHECKPOINT_TAKEN',
    code: 'CHECKPOINT_TAKEN',
    says: /says why/,
  },
}
for (const [name, { order, code, says }] of Object.entries(ends)) {
  test(`${name} ends every call under way and every later one`, async () => {
    const thread = open(scripted)
    const [first, ...others] = stream()
    const waiting = [...others.slice(0, 4).map((batch) => thread.offer(batch)), thread.drain()]
    const settled = Promise.allSettled([...waiting, tell(thread, order)])
    const failure = await thread.failed
    assert.equal(failure.code, code)
    assert.match(failure.message, says)
    const results = await settled
    // What the queue had room for was taken; the rest, and what waits for an answer, is refused.
    assert.deepEqual(
      results.slice(0, 5).map(({ status }) => status),
      [...Array(3).fill('fulfilled'), ...Array(2).fill('rejected')],
    )
    for (const one of [thread.offer(first!), thread.drain(), thread.checkpoint()]) {
      await assert.rejects(one, failure)
    }
    await thread.close()
  })
}

test('a checkpoint of another model is told as such, from the thread as in place', async () => {
  const checkpoints = createMemoryCheckpointStore({ kept: 2 })
  const other = createTrainerInPlace({
    ...{ config: { ...config, factors: 8 }, checkpoints, engine: createWasmEngine() },
    ...{ nextGeneration: 1, versionBase: 0, nowMs: () => 0, report: () => undefined },
  })
  await other.checkpoint()
  const { checkpoint: resume } = await checkpoints.latest()
  const thread = open(real, { resume })
  const failure = await thread.failed
  assert.equal(failure.code, 'CHECKPOINT_FOREIGN')
  assert.match(
    failure.message,
    /^the checkpoint holds another model: --factors is 8 there, 32 here/,
  )
  await assert.rejects(thread.drain(), failure)
  await thread.close()
})

test('an engine that fails ends the trainer in place for good', async () => {
  const engine = createWasmEngine()
  let steps = 0
  const inPlace = createTrainerInPlace({
    ...{ config, checkpoints: undefined, nextGeneration: 1, versionBase: 0 },
    engine: {
      ...engine,
      create(spec, seed) {
        const network = engine.create(spec, seed)
        return {
          ...network,
          step(batch, how) {
            if (++steps > 200) throw new Error('no more numbers')
            return network.step(batch, how)
          },
        }
      },
    },
    nowMs: () => 0,
    report: () => undefined,
  })
  const offers = Promise.allSettled(stream().map((batch) => inPlace.offer(batch)))
  const failure = await inPlace.failed
  assert.equal(failure.code, 'TRAINER_FAILED')
  assert.match(failure.message, /no more numbers/)
  assert.equal((await offers).at(-1)!.status, 'rejected')
  await assert.rejects(inPlace.drain(), failure)
  await assert.rejects(inPlace.checkpoint(), failure)
})
