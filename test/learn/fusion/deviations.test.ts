// Deviations of features against their definition, and which columns of older checkpoints belong to which feature.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columnsOf, namesTensor } from '../../../src/learn/fusion/feature-names.ts'
import { createPlainSums } from '../../../src/learn/fusion/fused-scores.ts'
import { createDeviations } from '../../../src/learn/fusion/weight-sets.ts'
import { numbers } from '../../contracts/engine-worlds.ts'
import { momentOf } from '../moments.ts'
import { items, learn, open, parts } from './formula-parts.ts'

const scaled = { features: ['scaled'], isScaled: true }

test('a deviation is that of the values so far around their mean, and 1 for a feature that is not scaled', () => {
  const deviations = createDeviations([scaled, { features: ['plain'] }, scaled])
  const sums = createPlainSums(3)
  const next = numbers(5)
  assert.deepEqual([...deviations.all], [1, 1, 1])
  const scales = [3, 7, 0]
  for (let event = 0; event < 4_000; event++) {
    sums.put(
      Float32Array.from({ length: 30 }, (_, at) => 5 + scales[Math.floor(at / 10)]! * next()),
      10,
    )
    deviations.learn(sums, 10)
  }
  const [first, second, third] = deviations.all
  // Uniform over three units.
  assert.ok(Math.abs(first! - 3 / Math.sqrt(12)) < 0.02, `${first}`)
  assert.equal(second, 1)
  assert.ok(third! > 0 && third! < 0.01, 'a feature that never varies is not divided by 0')
  const other = createDeviations([scaled])
  other.restore(deviations.save(), 0, 2)
  assert.deepEqual([...other.all], [third])
})

test('weights are steps in units of the deviation: a feature ten times as large gets a tenth of the weight', () => {
  const scaledBy = (by: number) =>
    open(
      0.05,
      parts.map((part) => ({
        ...part,
        isScaled: true,
        start: part.start.map(() => 0),
        score(moment, of, out, offset) {
          part.score(moment, of, out, offset)
          const from = offset * of.length
          for (let at = from; at < from + part.features.length * of.length; at++) out[at]! *= by
        },
      })),
    )
  const [one, other] = [scaledBy(1), scaledBy(10)]
  const moment = momentOf([1, 2, 3])
  for (let k = 0; k < 300; k++) for (const fusion of [one, other]) learn(fusion, moment, items)
  const [small, large] = [one, other].map((fusion) => [...fusion.weights(moment)])
  for (const [f, weight] of small!.entries()) {
    assert.ok(Math.abs(weight) > 0.01)
    assert.ok(
      Math.abs(large![f]! - weight / 10) < 0.05 * Math.abs(weight),
      `${large![f]}, ${weight}`,
    )
  }
})

test('columns are found by the names of their features; checkpoints without names have the older ones', () => {
  const today = [
    ...['rows.nbpr', 'neighbours.lag1', 'neighbours.lag3', 'neighbours', 'neighbours.largest'],
    ...['trend.100', 'match.age', 'freshness.first'],
  ]
  assert.deepEqual(columnsOf(today, undefined), [0, -1, 1, 2, -1, 3, -1, -1])
  assert.deepEqual(columnsOf(today, namesTensor(['trend.100', 'rows.nbpr'])), [
    ...[1, -1, -1, -1, -1, 0, -1, -1],
  ])
})

test('a fusion that has gained a feature goes on with the weights of the others', () => {
  const [first, second] = parts
  const before = open(0.05, [first!])
  const moment = momentOf([1, 2])
  for (let k = 0; k < 20; k++) learn(before, moment, items)
  const after = open(0.05, [second!, first!])
  after.restore(structuredClone(new Map(before.save())))
  const [own] = before.weights(moment)
  assert.deepEqual([...after.weights(moment)], [...second!.start.map(Math.fround), own])
  assert.deepEqual(
    [...after.meanWeights()],
    [...second!.start.map(Math.fround), before.meanWeights()[0]],
  )
})
