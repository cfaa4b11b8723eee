// Events that count less than others: what they teach, what may be listed after them, what is measured, and that a
// model goes on from a checkpoint as if nothing had been. Where all are full, not one bit is another.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { addAction, type TrainerBatch } from '../../../src/messages.ts'
import { createDrawBatch, createDrawer, createFreshWindow } from '../../../src/sample/draws.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { createTripletSampler } from '../../../src/sample/triplets.ts'
import { fullAdd, strengthCode, unmeasured } from '../../../src/strength.ts'
import { createLearner } from '../../../src/trainer/model/learner.ts'
import { mirror } from '../../remember/stories.ts'
import { configOf, coreOf, play, streamOf } from '../stream.ts'

const view = strengthCode(0.2, true)
const small = { factors: 4, effort: 'light', model: 'nbpr' }

/** Two of three events are views, every other of an item that was viewed before. */
function weighed(batches: readonly TrainerBatch[]): TrainerBatch[] {
  let n = 0
  return batches.map((batch) => ({
    ...batch,
    strengths: Uint16Array.from(batch.users, () => (n++ % 3 === 0 ? fullAdd : view)),
  }))
}

/** The same events once more, in full. */
function bought({ strengths: _, ...batch }: TrainerBatch, at: number): TrainerBatch {
  const { newUsers: _users, newItems: _items, ...rest } = batch
  return {
    ...rest,
    ...{ newUsers: [], newItems: [] },
    times: batch.times.map((time) => time + 1),
    offsets: batch.offsets.map((_, k) => at + k),
    nextOffset: at + batch.offsets.length,
  }
}

test('full events with strengths are learned to the bit as those without', () => {
  const plain = streamOf(600)
  const told = plain.map((batch) => ({
    ...batch,
    strengths: new Uint16Array(batch.users.length).fill(fullAdd),
  }))
  const [one, other] = [coreOf(configOf(small)), coreOf(configOf(small))]
  assert.deepEqual(play(other, told), play(one, plain))
  assert.deepEqual(other.snapshot(1).tensors, one.snapshot(1).tensors)
})

for (const parts of ['history,rows,neighbours,trend,match,freshness', 'rows']) {
  test(`${parts}: a run that goes on from a checkpoint ends in the same bytes`, () => {
    const config = configOf({ ...small, parts, repeats: false })
    const stream = weighed(streamOf(1_200))
    const all = [...stream, bought(stream[9]!, 1_200)]
    const whole = coreOf(config)
    const lists = play(whole, all).slice(-30)
    const half = coreOf(config)
    play(half, all.slice(0, 6))
    const resumed = coreOf(config, structuredClone(half.snapshot(1)))
    assert.deepEqual(play(resumed, all.slice(6)).slice(-30), lists)
    assert.deepEqual(resumed.snapshot(2).tensors, whole.snapshot(2).tensors)
    assert.ok(whole.learner.positives.strengths.bytes > 0)
  })
}

test('what was only viewed may be listed, what was bought not; a purchase after a view is measured', () => {
  const core = coreOf(configOf({ ...small, k: 200 }))
  const stream = weighed(streamOf(1_200))
  const lists = play(core, stream)
  const { positives } = core.learner
  const ownIn = (user: number) => {
    const list = lists.findLast((one) => one.user === user)
    return [...(list?.items ?? [])].filter((item) => positives.has(user, item))
  }
  const users = Array.from({ length: positives.users }, (_, user) => user)
  const listed = users.flatMap((user) => ownIn(user).map((item) => [user, item] as const))
  assert.ok(listed.length > 100, `${listed.length} viewed items are listed`)
  assert.ok(listed.every(([user, item]) => !positives.excludes(user, item)))

  const before = core.learner.prequential.quality().all.model!.events
  const views = stream.at(-1)!.strengths!.filter((code) => code === view).length
  const later = play(core, [bought(stream.at(-1)!, 1_200)])
  const after = core.learner.prequential.quality().all.model!.events
  assert.ok(after - before > 0.9 * views, `${after - before} of ${views} purchases were measured`)
  for (const { user, items } of later) {
    assert.ok(items.every((item) => !positives.excludes(user, item)))
  }
  const steps = core.stats(true).repeats
  play(core, [bought(stream.at(-1)!, 1_300)])
  assert.equal(core.learner.prequential.quality().all.model!.events, after, 'not a second time')
  const adds = stream.at(-1)!.actions.filter((action) => action === addAction).length
  assert.equal(core.stats(true).repeats - steps, adds)
})

test('events of kinds that are not measured are learned and left out of the measures', () => {
  const learnerOf = (code: number) => {
    const learner = createLearner(configOf({ ...small, probeUsersMax: 0 }), createWasmEngine())
    const random = createRandom(3, 'events')
    for (let k = 0; k < 2_000; k++) {
      learner.apply(random.below(30), random.below(400), 1_000 * k, addAction, 1, code)
    }
    return learner
  }
  const [measured, silent] = [learnerOf(fullAdd), learnerOf(fullAdd + unmeasured)]
  assert.ok(measured.prequential.quality().all.model!.events > 1_000)
  assert.equal(silent.prequential.quality().all.model!.events, 0)
  assert.equal(silent.positives.size, measured.positives.size)
  assert.equal(silent.networks[0]!.counts.steps, measured.networks[0]!.counts.steps)
})

test('a purchase of what weighs as much already is measured once more, and teaches the output weights alone', () => {
  const learner = createLearner(configOf({ ...small, probeUsersMax: 0 }), createWasmEngine())
  const random = createRandom(3, 'events')
  const listable = strengthCode(1, true)
  for (let k = 0; k < 1_000; k++) {
    learner.apply(
      random.below(30),
      random.below(400),
      1_000 * k,
      addAction,
      1,
      listable + unmeasured,
    )
  }
  const sums = () => learner.prequential.quality().all.model!.events
  assert.equal(sums(), 0)
  const item = learner.positives.runs.itemsOf(3)[0]!
  const steps = learner.networks[0]!.counts.steps
  const weights = structuredClone(learner.preference.save().get('fusion.weights')!.data)
  assert.equal(learner.apply(3, item, 2_000_000, addAction, 1, fullAdd), 'changed')
  assert.equal(sums(), 1)
  assert.equal(learner.networks[0]!.counts.steps, steps)
  assert.notDeepEqual(learner.preference.save().get('fusion.weights')!.data, weights)
  assert.equal(learner.apply(3, item, 3_000_000, addAction, 1, fullAdd), 'changed')
  assert.equal(sums(), 1, 'it is in no list any more')
})

test('replays take a positive as often as it weighs', () => {
  const positives = mirror()
  for (let item = 0; item < 4; item++) positives.add(0, item, 10 + item, item < 2 ? view : fullAdd)
  positives.see(0, 7)
  const random = createRandom(9, 'replays')
  const limits = { drawsPerTripletMax: 100, drawsPerNegativeMax: 100 }
  const sampler = createTripletSampler(positives, random, limits)
  const draws = { immediate: 1, perImmediate: 1, replays: 1, perReplay: 1 }
  for (const freshShare of [0, 1]) {
    const window = createFreshWindow(8)
    for (let item = 0; item < 4; item++) window.push(0, item)
    const plan = { ...draws, freshShare, window: 4, negatives: 1, choices: 1, historyMax: 0 }
    const drawer = createDrawer(positives, sampler, window, random, plan)
    const batch = createDrawBatch(1, plan)
    const met = [0, 0, 0, 0]
    for (let k = 0; k < 20_000; k++) {
      drawer.replays(batch, 1)
      met[batch.positives[0]!]!++
    }
    const share = (met[0]! + met[1]!) / 20_000
    assert.ok(Math.abs(share - 0.4 / 2.4) < 0.01, `${share} of the replays are of views`)
    drawer.immediate(batch, 0, 0, 0.2)
    assert.ok(Math.abs(batch.direct[0]! - 0.2) < 1e-6)
    drawer.replays(batch, 1)
    assert.equal(batch.direct[0], 1)
  }
})

test('a purchase from a cart that took the item out of the list is learned, not measured, and counted', () => {
  const learner = createLearner(configOf({ ...small, probeUsersMax: 0 }), createWasmEngine())
  const random = createRandom(3, 'events')
  const [cart, listableCart] = [strengthCode(0.5, false), strengthCode(0.5, true)]
  const carts = [cart, listableCart].map((code) => code + unmeasured)
  for (let k = 0; k < 1_000; k++) {
    const user = random.below(30)
    learner.apply(user, random.below(400), 1_000 * k, addAction, 1, carts[user % 2])
  }
  const told = () => [
    learner.prequential.quality().all.model!.events,
    learner.prequential.leftOut,
    learner.networks[0]!.counts.steps,
  ]
  const [fromCart, fromList] = [2, 3].map((user) => learner.positives.runs.itemsOf(user)[0]!)
  const buy = (user: number, item: number, time: number) =>
    learner.apply(user, item, time, addAction, 1, fullAdd)
  const [, , steps = 0] = told()
  assert.deepEqual(told(), [0, 0, steps])
  assert.equal(buy(2, fromCart!, 2_000_000), 'learned')
  const [measured, leftOut, after = 0] = told()
  assert.deepEqual([measured, leftOut], [0, 1])
  assert.ok(after > steps)
  assert.equal(buy(3, fromList!, 2_000_000), 'learned')
  assert.deepEqual(told().slice(0, 2), [1, 1], 'it could still be listed')
  buy(2, fromCart!, 3_000_000)
  assert.deepEqual(told().slice(0, 2), [1, 1], 'a repeated purchase tells nothing new')
})
