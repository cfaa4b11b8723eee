// What events of a large catalogue share: uniform over what a user does not have, never what the events just before
// were learned against, and the same after a restart.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { createSampledItems } from '../../src/measure/sampled-items.ts'
import { addAction } from '../../src/messages.ts'
import { Positives } from '../../src/remember/positives.ts'
import { createRandom } from '../../src/sample/random.ts'
import { SharedDraws } from '../../src/sample/shared-draws.ts'
import { createTripletSampler } from '../../src/sample/triplets.ts'
import { createLearner } from '../../src/trainer/model/learner.ts'
import { planLearner } from '../../src/trainer/model/plan.ts'
import { configOf } from '../trainer/stream.ts'
import { chiSquare, chiSquareLimit } from './chi-square.ts'

const eventsPerSet = 8
const limits = { drawsPerTripletMax: 200, drawsPerNegativeMax: 200 }

/** 400 items, of which user 0 has every fifth. */
function manyItems(): Positives {
  const positives = new Positives({ positivesPerUserMax: 500, removalsPerUserMax: 10 })
  positives.see(1, 399)
  for (let item = 0; item < 400; item += 5) positives.add(0, item, item)
  return positives
}

test('what is measured and what is learned against are uniform over what the user does not have', () => {
  const positives = manyItems()
  const shared = new SharedDraws(1)
  const random = createRandom(5)
  const sampledItems = createSampledItems(positives, random, false, shared)
  const sampler = createTripletSampler(positives, createRandom(6), limits, shared)
  const measured = new Map<number, number>()
  const learned = new Map<number, number>()
  const count = (into: Map<number, number>, item: number) => {
    assert.ok(!positives.has(0, item))
    into.set(item, (into.get(item) ?? 0) + 1)
  }
  const out = new Int32Array(64)
  const sets = 4_000
  for (let event = 0; event < eventsPerSet * sets; event++) {
    shared.begin(random, positives.items)
    // Draws of one set are no independent trials: one of each set is counted.
    if (event % eventsPerSet !== 3) continue
    count(measured, sampledItems(0, 401)![1 + (event % 100)]!)
    shared.lend()
    assert.equal(sampler.negatives(0, out, 0, 64), 64)
    shared.end()
    count(learned, out[event % 64]!)
  }
  // The first set has none before it.
  for (const counts of [measured, learned]) {
    assert.equal(counts.size, 320)
    assert.ok(chiSquare(counts.values(), sets / 320) < chiSquareLimit(319))
  }
})

test('an event is learned against the draws of the set before the one that it is measured among', () => {
  const shared = new SharedDraws(1)
  const random = createRandom(7)
  const own = new Int32Array(128)
  const [items, drawn] = [1_000_000, 128]
  let before: number[] | undefined
  for (let set = 0; set < 50; set++) {
    const now: number[] = []
    for (let event = 0; event < eventsPerSet; event++) {
      shared.begin(random, items)
      now.splice(0, drawn, ...Array.from(own, (_, at) => shared.draw(at, random, items)))
      assert.equal(shared.take(own, 0, 48), false, 'nothing is lent')
      shared.lend()
      assert.equal(shared.take(own, 0, 48), before !== undefined)
      for (const item of before === undefined ? [] : own.subarray(0, 48)) {
        assert.ok(before!.includes(item) && !now.includes(item))
      }
      shared.end()
    }
    before = now
  }
  shared.lend()
  assert.equal(shared.take(new Int32Array(600), 0, 600), false, 'there are not so many')
})

test('a learner that is restored shares what it would have shared', () => {
  const config = configOf({ seed: 3 })
  const plan = { ...planLearner(config), sharedItemsMin: 200 }
  const random = createRandom(9)
  const open = () => createLearner(config, createWasmEngine(), { plan })
  const learner = open()
  for (let event = 0; event < 613; event++) {
    learner.apply(random.below(40), random.below(300), event, addAction, 1)
  }
  const saved = learner.prequential.save()
  assert.ok(saved.has('prequential.shared'))
  const other = open()
  other.prequential.restore(saved)
  assert.deepEqual(other.prequential.save(), saved)
  const small = open()
  for (let event = 0; event < 100; event++) small.apply(0, event, event, addAction, 1)
  assert.ok(!small.prequential.save().has('prequential.shared'), 'a small catalogue shares nothing')
})
