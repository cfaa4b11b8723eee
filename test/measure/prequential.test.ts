// Predict, then learn: a case small enough for the hand, the same draws for every ranker, what is not scored, and
// that a leak of the item into what is known shows.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createPrequential,
  type Prequential,
  type ScoreAll,
} from '../../src/measure/prequential.ts'
import { Positives } from '../../src/remember/positives.ts'
import { createRandom } from '../../src/sample/random.ts'

/** `items` seen; user 0 has items 0…9, user 1 has nothing. */
function open(names: readonly string[] = ['model'], items = 200, seed = 1) {
  const positives = new Positives({ positivesPerUserMax: 1_000, removalsPerUserMax: 10 })
  positives.see(1, items - 1)
  for (let item = 0; item < 10; item++) positives.add(0, item, item + 1)
  return { positives, prequential: createPrequential(positives, createRandom(seed), names) }
}

/** The item is beaten by `count` of the sampled ones. */
const beatenBy =
  (count: number): ScoreAll =>
  (items) => [Float32Array.from(items, (_, x) => (x === 0 ? 0 : x <= count ? 1 : -1))]

test('hits and NDCG are those of the rank among 100 others', () => {
  const { prequential } = open()
  const ranks = [0, 1, 9, 10, 50]
  for (const rank of ranks) prequential.predict(0, 20, 10, beatenBy(rank))
  const { model } = prequential.quality().all
  const ndcg = [0, 1, 9].reduce((sum, rank) => sum + 1 / Math.log2(rank + 2), 0)
  assert.equal(model!.events, 5)
  assert.equal(model!.hits, 3)
  assert.ok(Math.abs(model!.ndcg - ndcg) < 1e-12)
})

test('a model that scores everything the same is ranked in the middle, not on top', () => {
  const { prequential } = open()
  prequential.predict(0, 20, 10, (items) => [new Float32Array(items.length).fill(1)])
  assert.equal(prequential.quality().all.model!.hits, 0)
})

test('the item is scored with 100 others that the user does not have, none of them twice', () => {
  let items = new Int32Array()
  const { prequential } = open()
  prequential.predict(0, 20, 10, (asked) => {
    items = asked.slice()
    return [new Float32Array(asked.length)]
  })
  assert.equal(items[0], 20)
  assert.equal(new Set(items).size, 101)
  assert.ok(items.every((item) => item >= 10 && item < 200))
})

test('the draws depend on the data only, not on how many rankers there are', () => {
  const drawn = (names: readonly string[]) => {
    let last = new Int32Array()
    const { prequential } = open(names)
    for (let k = 0; k < 5; k++) {
      prequential.predict(0, 20 + k, 10, (items) => {
        last = items.slice()
        return names.map(() => new Float32Array(items.length))
      })
    }
    return last
  }
  assert.deepEqual(drawn(['a']), drawn(['a', 'b', 'c']))
})

test('each column is ranked under its name', () => {
  const { prequential } = open(['good', 'bad'])
  prequential.predict(0, 20, 10, (items) => [...beatenBy(0)(items), ...beatenBy(100)(items)])
  const { good, bad } = prequential.quality().all
  assert.deepEqual([good!.hits, bad!.hits], [1, 0])
})

test('repeats, items nobody has met, and worlds too small to draw from are not scored', () => {
  const { positives, prequential } = open()
  const never: ScoreAll = () => assert.fail('nothing is to be scored')
  prequential.predict(0, 3, 10, undefined)
  assert.equal(prequential.unscored, 0)
  prequential.predict(0, positives.items, 10, never)
  assert.equal(prequential.unscored, 1)
  const small = open(['model'], 149).prequential
  small.predict(1, 3, 0, never)
  assert.equal(small.unscored, 1)
  assert.equal(prequential.quality().all.model!.events, 0)
})

test('cold and warm users apart, the last 30 % of all valid events, and the window', () => {
  const { prequential } = open()
  for (let k = 0; k < 100; k++) {
    // The first 70 miss; of the last 30, every third is a cold user's and the cold ones miss.
    const cold = k % 3 === 0
    const hit = k >= 70 && !cold
    prequential.predict(0, 20, cold ? 4 : 5, beatenBy(hit ? 0 : 60))
  }
  const { all, last30, cold, warm, window } = prequential.quality()
  const of = (sums: { events: number; hits: number } | undefined) => [sums!.events, sums!.hits]
  assert.deepEqual(of(all.model), [100, 20])
  assert.deepEqual(of(last30.model), [30, 20])
  assert.deepEqual(of(cold.model), [10, 0])
  assert.deepEqual(of(warm.model), [20, 20])
  assert.deepEqual(of(window.model), [100, 20])
})

test('popularity counts all events, recent the last thousand', () => {
  const { prequential } = open([])
  for (let k = 0; k < 1_500; k++) prequential.observe(20)
  for (let k = 0; k < 1_000; k++) prequential.observe(21)
  assert.equal(prequential.popularity(20), 1_500)
  prequential.predict(1, 20, 5, () => [])
  const first = prequential.quality().all
  assert.equal(first.popularity!.ndcg, 1, 'of all time the first')
  assert.equal(first.recent!.hits, 0, 'forgotten by the last thousand')
})

test('goes on to the same numbers after a restore', () => {
  const random = createRandom(1)
  const run = (into: Prequential, from: number) => {
    for (let k = from; k < from + 1_500; k++) {
      into.predict(0, 20 + (k % 90), k % 9, beatenBy(k % 14))
      into.observe(k % 130)
    }
  }
  // The draws have a generator of their own, which is saved beside.
  const a = createPrequential(open().positives, random, ['model'])
  run(a, 0)
  const state = random.state()
  const twin = createRandom(9)
  const b = createPrequential(open().positives, twin, ['model'])
  b.restore(structuredClone(a.save()))
  twin.restore(state)
  run(a, 1_500)
  run(b, 1_500)
  assert.deepEqual(b.quality(), a.quality())
  assert.deepEqual([...b.save()], [...a.save()])
})
