// Networks learned from windows: they learn, nothing of the future is in a history, and a leak would be seen.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { createWasmSequenceEngine } from '../../../src/adapters/wasm/sequence/engine.ts'
import { membership } from '../../../src/lab/baselines/membership.ts'
import { windowNetwork } from '../../../src/lab/networks/network-spec.ts'
import {
  createWindowModel,
  stepsMin,
  windowsPerStep,
} from '../../../src/lab/networks/window-model.ts'
import { createWindows } from '../../../src/lab/networks/windows.ts'
import { qualityOfRanks, ranksByScore } from '../../../src/lab/offline/judge.ts'
import { type Split, splitNcr } from '../../../src/lab/offline/leave-one-out.ts'
import { itemPop } from '../../../src/lab/offline/models.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { createWorld } from '../../../src/world/world.ts'
import { createArraysSequenceEngine } from '../../adapters/arrays/sequence/engine.ts'

const world = createWorld({ seed: 9, users: 300, items: 400, events: 10_000, undo: 0 })
const split = splitNcr(world.interactions(), createRandom(1, 'negatives'), { minimum: 5 })
const epochs = 6

function build(of: Split, model: 'nbpr' | 'neupr' = 'nbpr', averaged = 1) {
  const choice = { model, factors: 8, depth: 3, rate: 0.02, ratio: 64, batch: 8 }
  const how = { epochs, dropout: [0.1, 0.1, 0.1] as const, decay: 0, averaged }
  const { spec, training } = windowNetwork(choice, how)
  const network = createArraysEngine().create(spec, 1)
  return createWindowModel(
    of,
    network,
    createWasmSequenceEngine(),
    training,
    createRandom(1, 'draws'),
  )
}

type Model = ReturnType<typeof build>

function learn(model: Model): Model {
  for (let epoch = 0; epoch < epochs; epoch++) model.epoch()
  return model
}

function hr(of: Split, model: Model, withValidation = false): number {
  return qualityOfRanks(ranksByScore(of, model.scorer('test', withValidation), 'test')).hr10!
}

test('NBPR and NeuPR beat ItemPop; the loss falls; a mean of weights ranks as well', () => {
  const floor = qualityOfRanks(ranksByScore(split, itemPop(split), 'test')).hr10!
  for (const model of [build(split), build(split, 'neupr'), build(split, 'nbpr', 40)]) {
    const first = model.epoch()
    const losses = Array.from({ length: epochs - 1 }, () => model.epoch())
    assert.ok(losses.at(-1)! < first - 0.1, `${first}, then ${losses}`)
    assert.ok(hr(split, model) > floor + 0.1, `${hr(split, model)} against ${floor}`)
  }
})

test('a short log is learned in small steps, a long one in as large ones as asked', () => {
  assert.deepEqual(
    [1, 499, 3 * stepsMin, 100 * stepsMin].map((count) => windowsPerStep(count, 32)),
    [1, 1, 3, 32],
  )
})

test('the same seed gives the same bytes', () => {
  const [one, other] = [learn(build(split)), learn(build(split))]
  const others = other.network.tensors()
  for (const [name, { data }] of one.network.tensors())
    assert.deepEqual(data, others.get(name)!.data)
})

test('a planted leak is seen: the test item at the end of training makes the figure jump', () => {
  const told = leakInto(split)
  assert.ok(hr(told, learn(build(told))) > hr(split, learn(build(split))) + 0.05)
})

/** Every test item is put into the user's training log, as its last event. */
function leakInto(of: Split): Split {
  const { start, items, times } = of.train
  const users = Array.from({ length: start.length - 1 }, (_, u) => {
    const [from, to] = [start[u]!, start[u + 1]!]
    const told = of.test.items[u]! >= 0
    return {
      items: [...items.subarray(from, to), ...(told ? [of.test.items[u]!] : [])],
      times: [...times.subarray(from, to), ...(told ? [of.test.times[u]!] : [])],
    }
  })
  let end = 0
  const ends = users.map((user) => (end += user.items.length))
  const train = {
    start: Int32Array.of(0, ...ends),
    items: Int32Array.from(users.flatMap((user) => user.items)),
    times: Float64Array.from(users.flatMap((user) => user.times)),
  }
  return { ...of, train }
}

test('windows hold every training event once as a target, after what came before it', () => {
  const { start, items } = split.train
  const windows = createWindows(split, { targetsMax: 7, reach: 10 })
  const order = Int32Array.from({ length: windows.count }, (_, w) => w)
  const batch = windows.batch(order, 0, windows.count, 30, createRandom(4))
  const { has } = membership(split)
  let w = 0
  let seen = 0
  for (let user = 0; user + 1 < start.length; user++) {
    for (let first = start[user]!; first < start[user + 1]!; first += 7, w++) {
      const end = Math.min(start[user + 1]!, first + 7)
      const since = Math.max(start[user]!, first - 10)
      const given = batch.items.subarray(batch.start[w], batch.start[w + 1])
      assert.deepEqual(given, items.subarray(since, end))
      assert.equal(batch.targets[w], end - first)
      assert.equal(batch.before[w], since - start[user]!)
      batch.negatives.forEach((item, k) => {
        assert.equal(batch.allowed[w * 30 + k] === 1, !has(user, item))
      })
      seen += end - first
    }
  }
  assert.equal(w, windows.count)
  assert.equal(seen, items.length)
})

test('a target’s loss depends on nothing that comes later in its window', () => {
  const { spec } = windowNetwork(
    { model: 'neupr', factors: 4, depth: 3, rate: 1, ratio: 1, batch: 1 },
    { epochs, dropout: [0, 0, 0], decay: 0, averaged: 1 },
  )
  const none = { dropItems: 0, dropQuery: 0, dropTower: 0 }
  for (const engine of [createArraysSequenceEngine(), createWasmSequenceEngine()]) {
    const learner = engine.create(spec, 50, none)
    const random = createRandom(3)
    for (const { data } of learner.tensors('values').values()) {
      for (let k = 0; k < data.length; k++) data[k] = random.normal() / 2
    }
    /** Loss of the first of the targets 5 … n-1 of one window, times their number. */
    const sum = (items: readonly number[], n: number) =>
      (n - 5) *
      learner.gradient({
        start: Int32Array.of(0, n),
        targets: Int32Array.of(n - 5),
        items: Int32Array.from(items.slice(0, n)),
        times: Float64Array.from(items.slice(0, n), (_, x) => x),
        before: Int32Array.of(0),
        negatives: Int32Array.of(1, 2, 3),
        allowed: Uint8Array.of(1, 1, 1),
        key: 1,
      })
    const items = [10, 11, 12, 13, 14, 15, 16, 17]
    const sixth = sum(items, 6)
    const seventh = sum(items, 7) - sixth
    const eighth = sum([10, 11, 12, 13, 14, 15, 16, 40], 8) - sixth - seventh
    assert.ok(Math.abs(sum(items, 8) - sum(items, 7) - eighth) > 1e-3, 'another eighth target')
    assert.ok(Math.abs(sum([10, 11, 12, 13, 14, 15, 30], 7) - sixth - seventh) > 1e-3)
    const alone = learner.gradient({
      start: Int32Array.of(0, 7),
      targets: Int32Array.of(1),
      items: Int32Array.from(items.slice(0, 7)),
      times: new Float64Array(7),
      before: Int32Array.of(0),
      negatives: Int32Array.of(1, 2, 3),
      allowed: Uint8Array.of(1, 1, 1),
      key: 1,
    })
    assert.ok(
      Math.abs(alone - seventh) < 1e-4,
      `${engine.name}: ${alone} alone, ${seventh} in a row`,
    )
  }
})
