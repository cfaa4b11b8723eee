// The output layer: its gradient against central differences, its sets of weights, that it learns, that it
// goes on after a restore.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Part } from '../../../src/learn/part.ts'
import { numbers } from '../../contracts/engine-worlds.ts'
import { momentOf } from '../moments.ts'
import { choices, items, learn, negatives, open, parts, scored, values } from './formula-parts.ts'

/** The loss as the formula says, for weights a. */
function lossFor(a: readonly number[], of: Int32Array): number {
  const score = (item: number) => a.reduce((sum, weight, f) => sum + weight * values(f, item), 0)
  let loss = 0
  for (let q = 0; q < negatives; q++) {
    const group = [...of.subarray(1 + q * choices, 1 + (q + 1) * choices)].filter((j) => j >= 0)
    if (group.length === 0) continue
    const hardest = Math.max(...group.map(score))
    loss += Math.log1p(Math.exp(hardest - score(of[0]!)))
  }
  return loss / negatives
}

test('one step is Adagrad on the gradient of the loss, for the three sets of the moment', () => {
  const fusion = open(0.05)
  const moment = momentOf([1, 2, 3])
  const before = [...fusion.weights(moment)]
  const loss = learn(fusion, moment, items)
  assert.ok(Math.abs(loss - lossFor(before, items)) < 1e-6)
  const after = [...fusion.weights(moment)]
  before.forEach((_, f) => {
    const shifted = (by: number) => before.map((weight, g) => (g === f ? weight + by : weight))
    const slope = (lossFor(shifted(1e-5), items) - lossFor(shifted(-1e-5), items)) / 2e-5
    const step = (-0.05 * slope) / Math.sqrt(0.1 + slope * slope)
    const moved = after[f]! - before[f]!
    // The weight is a sum of three, and all take the step.
    assert.ok(Math.abs(moved - 3 * step) < 1e-4 * Math.abs(step) + 1e-7, `${moved}, ${3 * step}`)
  })
})

test('candidates that are missing are left out; without any, nothing is learned', () => {
  const fusion = open()
  const moment = momentOf([1])
  const before = [...fusion.weights(moment)]
  assert.equal(learn(fusion, moment, Int32Array.of(2, -1, -1, -1, -1, -1, -1)), 0)
  assert.deepEqual([...fusion.weights(moment)], before)
})

test('for a new user every candidate is a negative of its own', () => {
  const fusion = open()
  const moment = momentOf([1])
  const before = [...fusion.weights(moment)]
  const score = (item: number) => before.reduce((sum, a, f) => sum + a * values(f, item), 0)
  const others = [5, 9, 11].map((j) => Math.log1p(Math.exp(score(j) - score(2))))
  const mean = others.reduce((sum, one) => sum + one, 0) / (negatives * choices)
  assert.ok(Math.abs(learn(fusion, moment, items) - mean) < 1e-6)
})

test('the contributions of the parts add up to the score', () => {
  const fusion = open()
  const moment = momentOf([1])
  learn(fusion, moment, items)
  const some = Int32Array.of(1, 2, 3, 4)
  const [first, second] = [new Float32Array(4), new Float32Array(4)]
  const all = scored(fusion, moment, some)
  fusion.contribution(all, 0, first)
  fusion.contribution(all, 1, second)
  const a = fusion.weights(moment)
  some.forEach((item, x) => {
    assert.ok(Math.abs(all.scores[x]! - first[x]! - second[x]!) < 1e-6)
    assert.ok(Math.abs(first[x]! - a[0]! * values(0, item)) < 1e-6)
  })
})

test('learning lowers the loss, and finds which feature says the truth', () => {
  const fusion = open(1)
  const next = numbers(3)
  const moment = momentOf([1, 2])
  const losses: number[] = []
  for (let k = 0; k < 2_000; k++) {
    const drawn = Array.from({ length: 1 + negatives * choices }, () => Math.floor(next() * 200))
    // The user prefers what feature 2 is high for.
    drawn.sort((a, b) => values(2, b) - values(2, a))
    losses.push(learn(fusion, moment, Int32Array.from(drawn)))
  }
  const mean = (some: readonly number[]) => some.reduce((sum, one) => sum + one, 0) / some.length
  assert.ok(mean(losses.slice(-200)) < 0.6 * mean(losses.slice(0, 50)))
  const [first, second, third] = fusion.weights(moment)
  assert.ok(third! > 3 * Math.abs(first!) && third! > 3 * Math.abs(second!))
  assert.equal(fusion.meanWeights().length, 3)
})

test('goes on to the same weights after a restore', () => {
  const fusion = open()
  const moment = momentOf([1])
  learn(fusion, moment, items)
  const other = open()
  other.restore(structuredClone(new Map(fusion.save())))
  learn(fusion, moment, items)
  learn(other, moment, items)
  assert.deepEqual([...other.save()], [...fusion.save()])
})

test('learns from scores whatever was scored since, without asking the parts again', () => {
  let asked = 0
  const counting = parts.map(
    (part): Part => ({
      ...part,
      score(...given) {
        asked++
        part.score(...given)
      },
    }),
  )
  const moment = momentOf([1, 2, 3])
  const [one, other] = [open(0.05, counting), open(0.05, parts)]
  const scores = scored(one, moment, items)
  scored(one, momentOf([7]), Int32Array.of(1, 2))
  asked = 0
  assert.equal(one.learn(moment, scores), learn(other, moment, items))
  assert.equal(asked, 0)
  assert.deepEqual([...one.save()], [...other.save()])
})

test('a part of one feature whose weight is below zero orders items the opposite way', () => {
  const fusion = open(
    0.05,
    parts.map((part) => ({ ...part, start: part.start.map(() => -0.3) })),
  )
  const orders = [fusion, open()].map((one) => {
    const scores = one.createScores()
    const columns = one.scoreParts(momentOf([1, 2, 3]), items, scores).map((column) => [...column])
    const given = parts.map((_, p) => {
      const out = new Float32Array(items.length)
      one.contribution(scores, p, out)
      return [...out]
    })
    const others = given.map((own) => own.map((value, x) => Math.fround(scores.linear[x]! - value)))
    return { columns, given, others }
  })
  const opposite = (values: readonly number[]) => values.map((value) => -value)
  const [below, above] = orders as [(typeof orders)[0], (typeof orders)[0]]
  // Of several features the signs are what the part has learned.
  assert.deepEqual(below.columns, [
    ...[opposite(below.given[0]!), below.others[0], below.given[1], below.others[1]],
  ])
  assert.deepEqual(above.columns, [
    ...[above.given[0], above.others[0], above.given[1], above.others[1]],
  ])
})
