// A checkpoint that was read is as large as the whole state: once it is taken over, nothing holds it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import type { Checkpoint } from '../../../src/ports/checkpoint-store.ts'
import type { Trainer } from '../../../src/ports/trainer.ts'
import { recognise, releaseCheckpoint } from '../../../src/trainer/checkpoint/saved-parts.ts'
import { createCore } from '../../../src/trainer/loop/core.ts'
import { createTrainerInPlace } from '../../../src/trainer/loop/in-place.ts'
import { createMemoryCheckpointStore } from '../../adapters/memory/memory-checkpoint-store.ts'
import { configOf, streamOf } from '../stream.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const config = configOf({ factors: 4, effort: 'light', model: 'nbpr' })

function open(resume?: Checkpoint, checkpoints = createMemoryCheckpointStore({ kept: 1 })) {
  return createTrainerInPlace({
    ...{ config, checkpoints, resume, engine: createWasmEngine() },
    ...{ nextGeneration: 1, versionBase: 0, nowMs: () => 0, report: () => undefined },
  })
}

async function written(): Promise<Checkpoint> {
  const checkpoints = createMemoryCheckpointStore({ kept: 1 })
  const trainer = open(undefined, checkpoints)
  for (const batch of streamOf(600)) await trainer.offer(batch)
  await trainer.checkpoint()
  return structuredClone((await checkpoints.latest()).checkpoint!)
}

/** A trainer that goes on from a checkpoint, and weak references to all that is large in the checkpoint. */
async function resumed(): Promise<{ trainer: Trainer; large: Map<string, WeakRef<object>> }> {
  const resume = await written()
  const large = new Map<string, WeakRef<object>>([['the checkpoint', new WeakRef(resume)]])
  for (const [name, { data }] of resume.tensors) large.set(name, new WeakRef(data.buffer))
  for (const [name, text] of resume.texts) large.set(name, new WeakRef(text))
  return { trainer: open(resume), large }
}

test('a trainer that goes on from a checkpoint does not hold it', async () => {
  const { trainer, large } = await resumed()
  assert.ok(large.size > 30)
  // Weak references are kept until the turn of the event loop ends.
  await new Promise(setImmediate)
  collectGarbage()
  const held = [...large].flatMap(([name, one]) => (one.deref() === undefined ? [] : [name]))
  assert.deepEqual(held, [])
  assert.equal((await trainer.ask({ kind: 'stats' })).events, 600)
})

test('a checkpoint that is released is empty, and a trainer made from it before goes on', async () => {
  const resume = await written()
  const trainer = open(resume)
  releaseCheckpoint(resume)
  assert.deepEqual([resume.tensors.size, resume.texts.size], [0, 0])
  for (const batch of streamOf(900).slice(6)) await trainer.offer(batch)
  assert.equal((await trainer.ask({ kind: 'stats' })).events, 900)
})

test('what is large leaves a checkpoint once it is restored, and the state knows it as well as ever', async () => {
  const [kept, emptied] = [await written(), await written()]
  const bytesOf = ({ tensors }: Checkpoint) =>
    [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0)
  const all = bytesOf(emptied)
  let [out, times] = [0, 0]
  let left = [...emptied.tensors.keys()]
  const onTakenOut = (bytes: number): void => {
    out += bytes
    times++
    assert.equal(bytesOf(emptied), all - out)
    const gone = left.filter((name) => !emptied.tensors.has(name)).join()
    left = [...emptied.tensors.keys()]
    const halves = [/nbpr\.item\b/, /nbpr\.(user|context)\b/].filter((half) => half.test(gone))
    assert.ok(halves.length < 2, `${gone} are in memory twice until all of them are restored`)
  }
  const options = { config, engine: createWasmEngine(), versionBase: 0 }
  const worlds = [
    { core: createCore({ ...options, resume: kept }), resume: kept },
    { core: createCore({ ...options, resume: emptied, onTakenOut }), resume: emptied },
  ] as const
  assert.equal(bytesOf(kept), all)
  const rowsOfUsersAndItems = /^(positives|neighbours|match)\.(?!facts|free)|\/nbpr\.(user|item)/
  assert.deepEqual(
    [...emptied.tensors.keys()].filter((name) => rowsOfUsersAndItems.test(name)),
    [],
  )
  assert.ok(times > 4, 'not all of them at the end')
  const changed = worlds.map(({ core, resume }) => {
    recognise(core.live, resume)
    return core.live.state.live.map((rows) => rows.changed.count(rows.rows))
  })
  assert.ok(changed[0]!.filter((count) => count === 0).length > 4)
  assert.deepEqual(changed[1], changed[0])
  const [one, other] = worlds.map(({ core }) => core.snapshot(2))
  assert.deepEqual(other, one)
})
