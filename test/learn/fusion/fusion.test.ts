// The output layer: its gradient against central differences, its sets of weights, that it learns, that it
// goes on after a restore.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFusion, type Fusion } from '../../../src/learn/fusion/fusion.ts'
import type { Moment, Part } from '../../../src/learn/part.ts'
import { numbers } from '../../contracts/engine-worlds.ts'
import { momentOf } from '../moments.ts'

const negatives = 3
const choices = 2
const values = (f: number, item: number) => Math.sin(1 + 7 * f + 3 * item) + 0.2 * f

/** Parts whose features are a formula. */
const parts: Part[] = [1, 2].map((count, p) => ({
  name: `part${p}`,
  features: Array.from({ length: count }, (_, k) => `f${p + k}`),
  start: Array.from({ length: count }, (_, k) => 0.3 + 0.2 * (p + k)),
  score(_moment, items, out, offset) {
    for (let k = 0; k < count; k++) {
      items.forEach((item, x) => {
        out[(offset + k) * items.length + x] = item < 0 ? 0 : values(p + k, item)
      })
    }
  },
  observe() {},
  bytes: 0,
  save: () => new Map(),
  restore() {},
}))

function open(rate = 0.05, of = parts): Fusion {
  return createFusion(of, {
    rate,
    accumulator: 0.1,
    choices,
    newUserLength: 2,
    awaySeconds: 600,
  })
}

const items = Int32Array.of(2, 5, 9, 11, -1, -1, -1)

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
  const loss = fusion.learn(moment, items)
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
  assert.equal(fusion.learn(moment, Int32Array.of(2, -1, -1, -1, -1, -1, -1)), 0)
  assert.deepEqual([...fusion.weights(moment)], before)
})

test('for a new user every candidate is a negative of its own', () => {
  const fusion = open()
  const moment = momentOf([1])
  const before = [...fusion.weights(moment)]
  const score = (item: number) => before.reduce((sum, a, f) => sum + a * values(f, item), 0)
  const others = [5, 9, 11].map((j) => Math.log1p(Math.exp(score(j) - score(2))))
  const mean = others.reduce((sum, one) => sum + one, 0) / (negatives * choices)
  assert.ok(Math.abs(fusion.learn(moment, items) - mean) < 1e-6)
})

test('score and gave add up', () => {
  const fusion = open()
  const moment = momentOf([1])
  fusion.learn(moment, items)
  const some = Int32Array.of(1, 2, 3, 4)
  const all = new Float32Array(4)
  const [first, second] = [new Float32Array(4), new Float32Array(4)]
  fusion.score(moment, some, all)
  fusion.gave(moment, 0, 4, first)
  fusion.gave(moment, 1, 4, second)
  const a = fusion.weights(moment)
  some.forEach((item, x) => {
    assert.ok(Math.abs(all[x]! - first[x]! - second[x]!) < 1e-6)
    assert.ok(Math.abs(first[x]! - a[0]! * values(0, item)) < 1e-6)
  })
})

/** A user with so many positives, the newest so many seconds ago. */
function aged(length: number, seconds: number): Moment {
  const moment = momentOf(length === 0 ? [] : [1], length)
  moment.users.historyAges[0] = seconds
  return moment
}

test('weights are per length of the history, per time since the newest positive, and per both', () => {
  const fusion = open()
  const start = [...fusion.weights(aged(0, 0))]
  const learned = aged(7, 30)
  for (let k = 0; k < 20; k++) fusion.learn(learned, items)
  const moved = (moment: Moment) =>
    fusion.weights(moment).reduce((sum, a, f) => sum + Math.abs(a - start[f]!), 0)
  const whole = moved(learned)
  assert.ok(whole > 0.1)
  for (const length of [5, 9]) assert.ok(Math.abs(moved(aged(length, 30)) - whole) < 1e-6)
  for (const length of [1, 2, 4, 10, 19, 20, 49, 50, 1_000]) {
    assert.ok(moved(aged(length, 30)) < 0.5 * whole, 'another length shares the gap alone')
    assert.equal(moved(aged(length, 100)), 0)
  }
  for (const seconds of [60, 600, 86_400, 864_000]) {
    const half = moved(aged(7, seconds))
    assert.ok(half > 0 && half < 0.5 * whole, 'another gap shares the length alone')
  }
  assert.equal(moved(aged(0, 0)), 0)
})

test('who has been away is ranked with the lean of the parts, and the weights learn without it', () => {
  const leaning = parts.map((part) => ({ ...part, lean: part.start.map((_, k) => 0.5 + k) }))
  const [plain, other] = [open(), open(0.05, leaning)]
  const [session, away] = [aged(7, 599), aged(7, 600)]
  const added = (moment: Moment) => {
    const before = [...plain.weights(moment)]
    return [...other.weights(moment)].map((a, f) => Math.round(1e4 * (a - before[f]!)) / 1e4)
  }
  assert.deepEqual(added(session), [0, 0, 0])
  assert.deepEqual(added(away), [0.5, 0.5, 1.5])
  assert.deepEqual(added(aged(0, 0)), [0, 0, 0])
  for (const moment of [session, away]) {
    other.score(moment, items, new Float32Array(items.length))
    assert.equal(plain.learn(moment, items), other.learn(moment, items, true))
  }
  assert.deepEqual([...other.save()], [...plain.save()])
  const [some, scores, sums] = [Int32Array.of(1, 2, 3), new Float32Array(3), new Float32Array(4)]
  other.score(away, some, scores)
  other.scoreAll(away, 4, sums)
  scores.forEach((score, x) => {
    const whole = other.weights(away).reduce((sum, a, f) => sum + a * values(f, some[x]!), 0)
    assert.ok(Math.abs(score - whole) < 1e-5 && Math.abs(sums[some[x]!]! - whole) < 1e-5)
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
    losses.push(fusion.learn(moment, Int32Array.from(drawn)))
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
  fusion.learn(moment, items)
  const other = open()
  other.restore(structuredClone(new Map(fusion.save())))
  fusion.learn(moment, items)
  other.learn(moment, items)
  assert.deepEqual([...other.save()], [...fusion.save()])
})

test('learns the same from what was scored just before, without asking the parts again', () => {
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
  const [scored, own] = [open(0.05, counting), open(0.05, parts)]
  scored.score(moment, items, new Float32Array(items.length))
  asked = 0
  assert.equal(scored.learn(moment, items, true), own.learn(moment, items))
  assert.equal(asked, 0)
  assert.deepEqual([...scored.save()], [...own.save()])
})

test('a part of one feature whose weight is below zero says the opposite of what it gives', () => {
  const fusion = open(
    0.05,
    parts.map((part) => ({ ...part, start: part.start.map(() => -0.3) })),
  )
  fusion.score(momentOf([1, 2, 3]), items, new Float32Array(items.length))
  // Of several features the signs are what the part has learned.
  assert.deepEqual([fusion.signOf(0), fusion.signOf(1), open().signOf(0)], [-1, 1, 1])
})
