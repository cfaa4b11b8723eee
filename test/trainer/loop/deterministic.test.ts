// Learning is a pure function of the log, the seed and the settings: the same bytes twice, however the log was cut
// into batches, and over a stop at any batch's end. The model is the worker's own, with small factors.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import type { Config } from '../../../src/config.ts'
import type { RankedList, TrainerBatch, TrainerReport } from '../../../src/messages.ts'
import type { Checkpoint } from '../../../src/ports/checkpoint-store.ts'
import type { Question } from '../../../src/requests.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { createDriver } from '../../../src/trainer/loop/driver.ts'
import { createTrainerInPlace } from '../../../src/trainer/loop/in-place.ts'
import { layerNews } from '../../../src/trainer/loop/state.ts'
import { createMemoryCheckpointStore } from '../../adapters/memory/memory-checkpoint-store.ts'
import { configOf, coreOf, play, streamOf } from '../stream.ts'

const small = { factors: 4, depth: 3, effort: 'light', listStaleEvents: 1_000 }
const config = configOf(small)
const events = 2_000
const stream = streamOf(events)

interface Run {
  readonly lists: readonly RankedList[]
  readonly last: Checkpoint
}

/** A whole run through the driver: batches in, drained at the end, with a last checkpoint. */
async function run(batches: readonly TrainerBatch[], settings: Config = config): Promise<Run> {
  const lists: RankedList[] = []
  const checkpoints = createMemoryCheckpointStore({ kept: 2 })
  const trainer = createTrainerInPlace({
    ...{ config: settings, engine: createWasmEngine(), checkpoints },
    ...{ nextGeneration: 1, versionBase: 0, nowMs: () => 0 },
    report(report: TrainerReport) {
      if (report.kind === 'lists') lists.push(...report.lists)
    },
  })
  for (const batch of batches) await trainer.offer(structuredClone(batch))
  await trainer.drain()
  await trainer.checkpoint()
  const { checkpoint } = await checkpoints.latest()
  return { lists, last: checkpoint! }
}

/** Names of what differs, rather than megabytes of it. */
function differences(one: Checkpoint, other: Checkpoint): string[] {
  const names = new Set([...one.tensors.keys(), ...other.tensors.keys()])
  const differ = [...names].filter((name) => {
    const [a, b] = [one.tensors.get(name)?.data, other.tensors.get(name)?.data]
    if (a === undefined || b === undefined || a.length !== b.length) return true
    return Buffer.compare(bytesOf(a), bytesOf(b)) !== 0
  })
  if (JSON.stringify(one.facts) !== JSON.stringify(other.facts)) differ.push('facts')
  if (JSON.stringify([...one.texts]) !== JSON.stringify([...other.texts])) differ.push('texts')
  return differ
}

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

const whole = await run(stream)

test('the same log, seed and settings give the same bytes; another seed gives others', async () => {
  const again = await run(stream)
  assert.ok(whole.lists.length > 500)
  assert.deepEqual(again.lists, whole.lists)
  assert.deepEqual(differences(again.last, whole.last), [])
  const other = await run(stream, configOf({ ...small, seed: 8 }))
  assert.ok(differences(other.last, whole.last).includes('random.test'))
  assert.notDeepEqual(other.lists, whole.lists)
})

test('where the batches end, and batches without any event, change nothing', async () => {
  const random = createRandom(5)
  const sizes = { size: () => 1 + random.below(250), empty: () => random.below(3) === 0 }
  for (const cuts of [
    { size: () => 64, empty: () => false },
    { size: () => 64, empty: () => true },
    sizes,
  ]) {
    const { lists, last } = await run(streamOf(events, cuts))
    assert.deepEqual(lists, whole.lists)
    const differ = differences(last, whole.last).filter((name) => name !== 'facts')
    assert.deepEqual(differ, [], 'only the books may differ: they count the dead letters')
    assert.deepEqual(last.facts.positions, whole.last.facts.positions)
    assert.deepEqual(last.facts.counts, whole.last.facts.counts)
  }
})

/** Batches that forget users, some of whom come back. */
const withFarewells = stream.map((batch, k) =>
  k % 4 === 3 ? { ...batch, forgotten: Int32Array.of(k, k + 7) } : batch,
)

for (const parts of ['history,rows,neighbours,trend,match,freshness', 'history', 'rows']) {
  test(`stopped at any batch's end, ${parts} goes on to the same state, bit for bit`, () => {
    const settings = configOf({ ...small, parts, tower: 'user', choices: 2 })
    const unbroken = coreOf(settings)
    let broken = coreOf(settings)
    for (const [k, batch] of withFarewells.entries()) {
      const lists = play(unbroken, [batch])
      if (k === 2 || k % 7 === 6) broken = coreOf(settings, structuredClone(broken.snapshot(k + 1)))
      assert.deepEqual(play(broken, [batch]), lists)
      if (k % 5 !== 0 && k < withFarewells.length - 1) continue
      assert.deepEqual(differences(broken.snapshot(1), unbroken.snapshot(1)), [], `batch ${k}`)
    }
    assert.ok(unbroken.learner.counts.removals > 20)
    assert.ok(unbroken.stats(true).quality.all.model!.events > 1_000)
  })
}

test('the same test fails where a checkpoint lacks a part of the state', () => {
  const unbroken = coreOf(config)
  play(unbroken, stream.slice(0, 10))
  const saved = structuredClone(unbroken.snapshot(1))
  for (const lacking of ['window', 'random.fusion', 'fusion.accumulators', 'match.counts']) {
    const tensors = new Map(saved.tensors)
    assert.ok(tensors.delete(lacking), lacking)
    const broken = coreOf(config, { ...saved, tensors })
    const twin = coreOf(config, saved)
    for (const core of [broken, twin]) play(core, structuredClone(stream.slice(10, 14)))
    const differ = differences(broken.snapshot(1), twin.snapshot(1))
    assert.ok(differ.length > 0, `nothing depends on ${lacking}`)
  }
})

test('a checkpoint of other settings is refused with what differs and what to do', () => {
  const saved = coreOf(config).snapshot(1)
  assert.throws(() => coreOf(configOf({ ...small, factors: 8 }), saved), {
    code: 'CHECKPOINT_FOREIGN',
    message: /factors is 4 there, 8 here.*--fresh/,
  })
})

test('a checkpoint of before there were match and freshness is taken over; these begin with nothing', () => {
  const older = 'history,rows,neighbours,trend'
  const before = coreOf(configOf({ ...small, parts: older }))
  play(before, stream.slice(0, 10))
  const saved = structuredClone(before.snapshot(1))
  const after = coreOf(config, saved)
  play(after, structuredClone(stream.slice(10, 14)))
  assert.equal(
    after.learner.counts.events,
    stream.slice(0, 14).flatMap(({ items }) => [...items]).length,
  )
  const weights = after.learner.preference.weights()
  assert.ok(weights['freshness.first'] !== 0 && weights['match.age'] !== 0)
  assert.throws(() => coreOf(configOf({ ...small, parts: older }), after.snapshot(1)), {
    code: 'CHECKPOINT_FOREIGN',
  })
  assert.throws(() => coreOf(configOf({ ...small, parts: 'history,freshness' }), saved), {
    code: 'CHECKPOINT_FOREIGN',
  })
})

test('a start tells what becomes of a hidden layer of another size', () => {
  const of = (hiddenUnits: number) => configOf({ ...small, effort: 'full', hiddenUnits })
  const saved = [0, 4].map((units) => {
    const core = coreOf(of(units))
    play(core, stream.slice(0, 2))
    return structuredClone(core.snapshot(1))
  })
  const told = (units: number) => saved.map((checkpoint) => layerNews(checkpoint, of(units)))
  const keep = 'to keep what it has learned, run with --hidden-units 4'
  const has = 'the checkpoint has a hidden layer of 4 units: '
  assert.deepEqual(told(0), [undefined, `${has}it is left out; ${keep}`])
  assert.deepEqual(told(4), [
    'the checkpoint has no hidden layer to go on with: one of 4 units begins to learn',
    undefined,
  ])
  assert.equal(told(12)[1], `${has}one of 12 units begins to learn instead; ${keep}`)
})

test('questions that are answered amid the work of a turn change nothing', async () => {
  const lists: RankedList[] = []
  const checkpoints = createMemoryCheckpointStore({ kept: 2 })
  const driver = createDriver({
    ...{ config, engine: createWasmEngine(), checkpoints },
    ...{ nextGeneration: 1, versionBase: 0, nowMs: () => 0 },
    report(report: TrainerReport) {
      if (report.kind === 'lists') lists.push(...report.lists)
    },
  })
  const [user = ''] = stream[0]!.newUsers
  const history = { items: [0, 1, 2], times: [1, 2, 3], at: 4 }
  const questions: Question[] = [
    ...[{ kind: 'list', user, k: 10 } as const, { kind: 'rank', history, k: 10 } as const],
    ...[{ kind: 'popular', k: 10 } as const, { kind: 'explain', user, k: 3 } as const],
  ]
  let looks = 0
  const asked = { lists: 0 }
  const between = (): boolean => {
    const isAsked = looks % 5 === 0
    const answer = isAsked ? driver.answer(questions[(looks / 5) % 4]!) : undefined
    if (answer !== undefined && 'items' in answer) asked.lists++
    looks++
    return isAsked
  }
  for (const batch of stream) {
    driver.take(structuredClone(batch))
    while (await driver.step(between));
  }
  await driver.finish()
  await driver.checkpoint()
  assert.ok(looks > events && asked.lists > 400, `${asked.lists} of ${looks} looks`)
  assert.deepEqual(lists, whole.lists)
  assert.deepEqual(differences((await checkpoints.latest()).checkpoint!, whole.last), [])
})
