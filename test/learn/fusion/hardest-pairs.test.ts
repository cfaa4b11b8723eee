// The pairs that output weights learn from, against the formulas.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createPlainSums } from '../../../src/learn/fusion/fused-scores.ts'
import { createHardestPairs } from '../../../src/learn/fusion/hardest-pairs.ts'

const candidate = fc.record({
  item: fc.integer({ min: -1, max: 30 }),
  score: fc.double({ min: -40, max: 40, noNaN: true }),
})
const some = fc.array(candidate, { maxLength: 60 })

test('the hardest of each group pulls by its logit; the gradient is the sum of pulls times differences', () => {
  const pairs = createHardestPairs()
  const property = fc.property(some, fc.integer({ min: 1, max: 5 }), (candidates, choices) => {
    const groups = Math.floor(candidates.length / choices)
    fc.pre(groups > 0)
    const items = Int32Array.from([7, ...candidates.map(({ item }) => item)])
    const scores = Float32Array.from([1, ...candidates.map(({ score }) => score)])
    const n = items.length
    const values = Float32Array.from({ length: 2 * n }, (_, at) => ((at * 37) % 11) / 11)
    let loss = 0
    const expected = [0, 0]
    for (let q = 0; q < groups; q++) {
      const group = Array.from({ length: choices }, (_, c) => 1 + q * choices + c)
      const there = group.filter((x) => items[x]! >= 0)
      if (there.length === 0) continue
      const j = there.reduce((best, x) => (scores[x]! > scores[best]! ? x : best))
      const z = scores[0]! - scores[j]!
      loss += Math.log1p(Math.exp(-z)) / groups
      expected.forEach((sum, f) => {
        const difference = values[f * n]! - values[f * n + j]!
        expected[f] = sum + difference / (groups * (1 + Math.exp(z)))
      })
    }
    const gradient = new Float32Array(2)
    const sums = createPlainSums(2)
    sums.put(values, n)
    close(pairs.learn(items, scores, sums, choices, gradient), loss)
    for (const [f, sum] of expected.entries()) close(gradient[f]!, sum)
  })
  fc.assert(property, { numRuns: 300, seed: 1 })
})

test('the loss of thousands of pairs is as good as that of a few', () => {
  const items = new Int32Array(3_001).fill(7)
  const [scores, sums] = [new Float32Array(3_001), createPlainSums(1)]
  sums.put(new Float32Array(3_001), 3_001)
  close(createHardestPairs().learn(items, scores, sums, 1, new Float32Array(1)), Math.LN2)
})

function close(got: number, wanted: number): void {
  assert.ok(Math.abs(got - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted)), `${got}, ${wanted}`)
}
