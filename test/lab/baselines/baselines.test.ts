// Every baseline learns something on the synthetic world, repeats itself to the bit, and keeps its formula.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bprMf } from '../../../src/lab/baselines/bpr-mf.ts'
import { eals } from '../../../src/lab/baselines/eals.ts'
import { ease, easeWeights } from '../../../src/lab/baselines/ease.ts'
import { itemKnn } from '../../../src/lab/baselines/item-knn.ts'
import { membership } from '../../../src/lab/baselines/membership.ts'
import { neumf } from '../../../src/lab/baselines/neumf.ts'
import { type OfflineScorer, qualityOfRanks, ranksByScore } from '../../../src/lab/offline/judge.ts'
import { splitNcr } from '../../../src/lab/offline/leave-one-out.ts'
import { itemPop } from '../../../src/lab/offline/models.ts'
import { type Trainable, trainToBest } from '../../../src/lab/offline/training.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { createWorld } from '../../../src/world/world.ts'

// Nothing drifts here and no order matters, so that models without time can show what they learn.
const still = { drift: 0, closeness: 0, novelty: 0, wave: 0, bornLater: 0, undo: 0 }
const world = createWorld({ ...still, seed: 4, users: 400, items: 300, events: 16_000 })
const split = splitNcr(world.interactions(), createRandom(1, 'negatives'))
const hr = (scorer: OfflineScorer) => qualityOfRanks(ranksByScore(split, scorer, 'test')).hr10!
const floor = hr(itemPop(split))

const learned: Record<string, () => Trainable> = {
  'BPR-MF': () => bprMf(split, { factors: 8, rate: 0.1 }, createRandom(1, 'bpr')),
  eALS: () => eals(split, { factors: 8, missingWeight: 30 }, createRandom(1, 'eals')),
  NeuMF: () => neumf(split, { factors: 4, rate: 0.005 }, createRandom(1, 'neumf')),
}

for (const [name, make] of Object.entries(learned)) {
  test(`${name} beats ItemPop, keeps its best epoch and repeats to the bit`, async () => {
    const judge = (model: Trainable) => () =>
      qualityOfRanks(ranksByScore(split, model.scorer(false), 'validation')).hr10!
    const one = make()
    const seen: number[] = []
    const best = await trainToBest(one, judge(one), {
      epochs: 6,
      patience: 6,
      onEpoch: (_epoch, _loss, judged) => void seen.push(judged!),
    })
    assert.equal(judge(one)(), Math.max(...seen))
    assert.equal(seen[best - 1], Math.max(...seen))
    assert.ok(hr(one.scorer(false)) > floor + 0.05, `${hr(one.scorer(false))} against ${floor}`)
    const twin = make()
    for (let epoch = 0; epoch < best; epoch++) twin.epoch()
    assert.deepEqual(
      ranksByScore(split, twin.scorer(false), 'test'),
      ranksByScore(split, one.scorer(false), 'test'),
    )
  })
}

test('NeuMF scores with shares of its first layer as it learns with the whole of it', () => {
  const options = { factors: 4, rate: 0, ratio: 0, batch: 7 }
  const model = neumf(split, options, createRandom(1, 'neumf'))
  const scorer = model.scorer(false)
  const { items, start } = split.train
  let sum = 0
  split.users.forEach((_, user) => {
    const own = items.subarray(start[user]!, start[user + 1]!)
    const logits = new Float32Array(own.length)
    scorer(user, own, own.length, logits)
    for (const z of logits) sum += Math.log1p(Math.exp(-z))
  })
  const loss = model.epoch()
  assert.ok(Math.abs(sum / items.length - loss) < 1e-6 * loss, `${sum / items.length} and ${loss}`)
})

test('EASE and ItemKNN beat ItemPop; the validation item changes what they say', () => {
  for (const make of [ease(split, { lambda: 50 }), itemKnn(split)]) {
    assert.ok(hr(make(false)) > floor + 0.05, `${hr(make(false))} against ${floor}`)
    assert.notDeepEqual(
      ranksByScore(split, make(true), 'test', { full: true }),
      ranksByScore(split, make(false), 'test', { full: true }),
    )
  }
})

test('EASE scores a few candidates as it scores them among all', () => {
  const scorer = ease(split)(false)
  const all = Int32Array.from(split.items.keys())
  const few = Int32Array.of(7, 3)
  const among = new Float32Array(all.length)
  const alone = new Float32Array(2)
  scorer(5, all, all.length, among)
  scorer(5, few, 2, alone)
  assert.ok(Math.abs(alone[0]! - among[7]!) < 1e-6)
  assert.ok(Math.abs(alone[1]! - among[3]!) < 1e-6)
})

test('EASE equals its formula on two items', () => {
  // G = [[3, 1], [1, 2]] with λ = 1 is [[4, 1], [1, 3]]; its inverse is [[3, -1], [-1, 4]] / 11,
  // so B₁₂ = 1/4 and B₂₁ = 1/3.
  const weights = easeWeights(Float64Array.of(3, 1, 1, 2), 2, 1)
  assert.deepEqual([...weights], [0, 1 / 4, 1 / 3, 0].map(Math.fround))
})

test('EASE refuses a catalogue that would not fit', () => {
  assert.throws(() => ease(split, { itemsMax: 10 }), /at most 10 items, got \d+/)
})

test('a user who has everything gives up the draw', () => {
  const rows = ['x', 'y', 'z', 'v', 't'].map((item, timestamp) => ({ user: 'a', item, timestamp }))
  const full = splitNcr(rows, createRandom(1), { minimum: 1 })
  const { has, drawNegative } = membership({ ...full, items: ['x', 'y', 'z'] })
  assert.deepEqual(
    [0, 1, 2].map((item) => has(0, item)),
    [true, true, true],
  )
  assert.equal(drawNegative(0, createRandom(1)), -1)
})
