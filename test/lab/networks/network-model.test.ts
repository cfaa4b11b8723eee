// Networks trained offline: they learn, nothing leaks into a history, and the paper's instances are as counted.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { createNetworkModel, paperTraining } from '../../../src/lab/networks/network-model.ts'
import { type NetworkChoice, networkFor } from '../../../src/lab/networks/network-spec.ts'
import { createSplitBatch } from '../../../src/lab/networks/split-batch.ts'
import { qualityOfRanks, ranksByCount, ranksByScore } from '../../../src/lab/offline/judge.ts'
import { type Split, splitNcr } from '../../../src/lab/offline/leave-one-out.ts'
import { itemPop } from '../../../src/lab/offline/models.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { createWorld } from '../../../src/world/world.ts'

const world = createWorld({ seed: 9, users: 300, items: 400, events: 10_000, undo: 0 })
const split = splitNcr(world.interactions(), createRandom(1, 'negatives'), { minimum: 5 })

function build(of: Split, choice: Partial<NetworkChoice>) {
  const { spec, training } = networkFor({
    model: 'nbpr',
    parts: 'history',
    factors: 8,
    depth: 2,
    rate: 0.1,
    ratio: 4,
    batch: 32,
    ...choice,
  })
  return createNetworkModel(
    of,
    createArraysEngine().create(spec, 1),
    training,
    createRandom(1, 'draws'),
  )
}

function hr(of: Split, model: ReturnType<typeof build>, withValidation = false): number {
  return qualityOfRanks(ranksByScore(of, model.scorer('test', withValidation), 'test')).hr10!
}

test('the history beats ItemPop, more so when it knows the validation item', () => {
  const model = build(split, {})
  for (let epoch = 0; epoch < 3; epoch++) model.epoch()
  const floor = qualityOfRanks(ranksByScore(split, itemPop(split), 'test')).hr10!
  assert.ok(hr(split, model) > floor + 0.1, `${hr(split, model)} against ${floor}`)
  assert.ok(hr(split, model, true) > hr(split, model))
})

test('the paper’s rows learn, by score and by count alike; a snapshot brings them back', () => {
  const model = build(split, { parts: 'rows', rate: 0.01, ratio: 2, batch: 256 })
  const before = hr(split, model)
  for (let epoch = 0; epoch < 3; epoch++) model.epoch()
  const learned = hr(split, model)
  const counted = ranksByCount(split, model.comparer('test', false), 'test')
  assert.ok(Math.abs(qualityOfRanks(counted).hr10! - learned) < 0.01, 'rounding moves few')
  assert.ok(learned > before + 0.1, `${learned}, before ${before}`)
  const restore = model.snapshot()
  model.epoch()
  assert.notEqual(hr(split, model), learned)
  restore()
  assert.equal(hr(split, model), learned)
})

test('a planted leak is seen: the test item at the end of training makes the figure jump', () => {
  const honest = build(split, {})
  const told = leakInto(split)
  const learner = build(told, {})
  for (let epoch = 0; epoch < 3; epoch++) {
    honest.epoch()
    learner.epoch()
  }
  assert.ok(hr(told, learner) > hr(split, honest) + 0.05)
})

/** Every test item is put into the user's training log, as its last event. */
function leakInto(of: Split): Split {
  const items: number[] = []
  const times: number[] = []
  const start = new Int32Array(of.train.start.length)
  for (let u = 0; u + 1 < start.length; u++) {
    for (let at = of.train.start[u]!; at < of.train.start[u + 1]!; at++) {
      items.push(of.train.items[at]!)
      times.push(of.train.times[at]!)
    }
    if (of.test.items[u]! >= 0) {
      items.push(of.test.items[u]!)
      times.push(of.test.times[u]!)
    }
    start[u + 1] = items.length
  }
  const train = { start, items: Int32Array.from(items), times: Float64Array.from(times) }
  return { ...of, train }
}

test('a history holds what came before and nothing else, newest first', () => {
  const shape = { draws: 1, negatives: 1, choices: 1, historyMax: 5 }
  const { batch, clear, addBefore, addAfter } = createSplitBatch(split, shape)
  const { start, items, times } = split.train
  for (let user = 0; user < 40; user++) {
    for (let at = start[user]!; at < start[user + 1]!; at++) {
      clear()
      addBefore(user, at)
      const given = batch.historyItems.subarray(0, batch.historyStart[1])
      const expected = items.slice(Math.max(start[user]!, at - 5), at).reverse()
      assert.deepEqual(given, expected)
      assert.ok(!given.includes(items[at]!))
      assert.equal(batch.historyLength[0], at - start[user]!)
      for (let k = 0; k < given.length; k++) {
        const age = (times[at]! - times[at - 1 - k]!) / 1000
        assert.equal(batch.historyAges[k], Math.fround(age))
      }
    }
    if (split.test.items[user]! < 0) continue
    const whole = start[user + 1]! - start[user]!
    clear()
    addAfter(user, true, split.test.times[user]!)
    assert.equal(batch.historyItems[0], split.validation.items[user])
    assert.equal(batch.historyLength[0], whole + 1)
    clear()
    addAfter(user, false, split.test.times[user]!)
    assert.equal(batch.historyItems[0], items[start[user + 1]! - 1])
    assert.equal(batch.historyLength[0], whole)
  }
})

test('the paper’s instances: one mirrored pair a positive, extra negatives mirrored only', () => {
  const { draws, negatives, direct, mirrored } = paperTraining(3)
  assert.deepEqual([negatives, direct, mirrored], [3, [1, 0, 0], [1, 1, 1]])
  assert.equal(draws * (1 + 3), 256)
})
