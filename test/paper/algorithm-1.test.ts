// Algorithm 1 in both its forms against the textbook, on thousands of relations that are not transitive.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Algorithm1, type Compare, createAlgorithm1 } from '../../src/paper/algorithm-1.ts'
import { randomTable, relationOf, shuffled, textbook, totalOrder } from './relations.ts'

const one = createAlgorithm1({ blockMax: 1 })
const blocks = createAlgorithm1({ blockMax: 16 })

function listOf(
  pick: Algorithm1['resume'],
  order: Int32Array,
  k: number,
  compare: Compare,
): number[] {
  const out = new Int32Array(k)
  return [...out.subarray(0, pick(order, order.length, k, compare, out))]
}

test('literal, resume and the textbook give the same list for any relation and any order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 14 }),
      fc.constantFrom(2, 5, 1_000_000),
      fc.integer(),
      (n, k, levels, seed) => {
        const { z, compare } = randomTable(n, seed, levels)
        const order = shuffled(n, ~seed)
        const expected = textbook(order, k, z)
        assert.equal(expected.length, Math.min(n, k))
        for (const algorithm of [one, blocks]) {
          assert.deepEqual(listOf(algorithm.literal, order, k, compare), expected)
          assert.deepEqual(listOf(algorithm.resume, order, k, compare), expected)
        }
      },
    ),
    { numRuns: 5_000, seed: 3 },
  )
})

test('the champion before is not simply the runner-up: the stack matters', () => {
  // Rock, paper, scissors and a stone: whoever stands first in the scan decides.
  const beats = [[], [0], [1], [2, 0]]
  const { z, compare } = relationOf(4, (i, j) => (beats[i]!.includes(j) ? 1 : -1))
  for (let seed = 0; seed < 24; seed++) {
    const order = shuffled(4, seed)
    assert.deepEqual(listOf(one.resume, order, 4, compare), textbook(order, 4, z))
  }
})

test('literal asks K·M times, resume at a good order about M times', () => {
  const m = 2_000
  const scores = Array.from({ length: m }, (_, item) => (item * 7919) % m)
  const { compare } = totalOrder(scores, 1, 1)
  const ascending = Int32Array.from(scores.keys()).sort((i, j) => scores[i]! - scores[j]!)
  const count = (pick: 'literal' | 'resume', order: Int32Array): number => {
    const algorithm = createAlgorithm1({ blockMax: 1 })
    listOf(algorithm[pick], order, 10, compare)
    return algorithm.comparisons()
  }
  const passes = Array.from({ length: 10 }, (_, pass) => m - pass - 1).reduce((sum, n) => sum + n)
  assert.equal(count('literal', ascending), passes)
  // The stack holds everything: each of the nine further items is known at once.
  assert.equal(count('resume', ascending), m - 1)
  assert.equal(count('resume', ascending.toReversed()), passes)
  assert.ok(count('resume', shuffled(m, 1)) < passes)
})

test('blocks compare at most twice the pairs that are needed', () => {
  for (let seed = 0; seed < 50; seed++) {
    const { compare } = randomTable(300, seed, 1_000_000)
    const [exact, inBlocks] = [1, 64].map((blockMax) => {
      const algorithm = createAlgorithm1({ blockMax })
      listOf(algorithm.resume, shuffled(300, seed), 10, compare)
      return algorithm.comparisons()
    })
    assert.ok(inBlocks! <= 2 * exact!, `${inBlocks} against ${exact}`)
  }
})

test('a NaN is refused with the items, equal infinities are a tie', () => {
  const order = Int32Array.of(4, 2, 3)
  const bad = relationOf(5, (i, j) => (i === 2 && j === 4 ? Number.NaN : 0))
  for (const pick of [one.literal, one.resume]) {
    assert.throws(() => listOf(pick, order, 2, bad.compare), /items 4 and 2 cannot be compared/)
    const infinite = relationOf(5, () => Number.POSITIVE_INFINITY)
    assert.deepEqual(listOf(pick, order, 2, infinite.compare), [4, 2])
  }
})
