// Lists with scores: total orders rank the same by every way, nothing excluded is ever listed.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Compare, createAlgorithm1 } from '../../src/paper/algorithm-1.ts'
import { createNetworkRanker, createRanker, type RankOptions } from '../../src/paper/ranker.ts'
import type { Ranked } from '../../src/rank/top-k.ts'
import { randomTable, textbook, totalOrder } from '../paper/relations.ts'

const base: RankOptions = { kMax: 12, exact: 'resume', order: 'anchor', candidates: 0, blockMax: 8 }
const none = (): boolean => false
const sigmoid = (x: number): number => Math.fround(1 / (1 + Math.exp(-x)))
const listOf = ({ items, scores, beatsNext, count }: Ranked) => ({
  beatsNext: [...beatsNext.subarray(0, count)],
  items: [...items.subarray(0, count)],
  scores: [...scores.subarray(0, count)],
})
const ways: Partial<RankOptions>[] = [
  {},
  { exact: 'literal' },
  { order: 'itemId' },
  { order: 'itemId', exact: 'literal' },
  { candidates: 13 },
  { blockMax: 1 },
]

describe('where the order is total', () => {
  test('every way of Algorithm 1 gives the plain top-K, with the same probabilities', () => {
    const rankers = ways.map((way) => createRanker({ ...base, ...way }))
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom([1, 1], [2, 0.5], [0.25, 3]),
        fc.func(fc.boolean()),
        (list, k, [w1 = 1, w2 = 1], excluded) => {
          const { compare, n } = totalOrder(list, w1, w2)
          // z(i,j) - z(j,i) = (w1 + w2)(s_i - s_j): eq. 20.
          const scores = Float32Array.from(list, (score) => (score * (w1 + w2)) / 2)
          const expected = listOf(rankers[0]!.byScore(scores, n, k, excluded))
          for (const [at, ranker] of rankers.entries()) {
            const anchor = list.length >> 1
            const got = listOf(ranker.byComparison(compare, n, k, excluded, anchor))
            assert.deepEqual(got, expected, JSON.stringify(ways[at]))
          }
        },
      ),
      { numRuns: 1_500, seed: 21 },
    )
  })

  test('a network is ranked by score alone, and would give the same by comparison', () => {
    // NBPR: s_i = w·(U ⊙ V_i), in float64; z = s_i - s_j, with learned weights s counts for both.
    const [n, f] = [200, 8]
    const rows = Float64Array.from({ length: (n + 1) * f }, (_, at) => Math.sin(at * at + 1))
    const s = (item: number): number => {
      let sum = 0
      for (let d = 0; d < f; d++) sum += rows[d]! * rows[(item + 1) * f + d]!
      return sum
    }
    let compared = 0
    const network = (tower: 'user' | 'joint', output: 'ones' | 'learned') => ({
      spec: { model: 'dncr', tower, output } as Parameters<typeof createNetworkRanker>[0]['spec'],
      scoreAll: (_: unknown, count: number) =>
        Float32Array.from({ length: count }, (_, item) => s(item) * (output === 'learned' ? 2 : 1)),
      compare: (
        _: unknown,
        first: Int32Array,
        second: Int32Array,
        count: number,
        out: Float32Array,
      ) => {
        compared += count
        for (let x = 0; x < count; x++) out[x] = s(first[x]!) - s(second[x]!)
      },
    })
    const users = {} as Parameters<ReturnType<typeof createNetworkRanker>>[0]
    const odd = (item: number): boolean => item % 2 === 1
    const rankBy = (tower: 'user' | 'joint', output: 'ones' | 'learned') =>
      listOf(createNetworkRanker(network(tower, output), createRanker(base))(users, n, 10, odd, 4))
    const [plain, learned] = [rankBy('user', 'ones'), rankBy('user', 'learned')]
    assert.equal(compared, 0)
    const compareAll = rankBy('joint', 'learned')
    assert.ok(compared > 0)
    assert.equal(plain.items.length, 10)
    for (const { items, ...by } of [plain, learned]) {
      assert.deepEqual(items, compareAll.items)
      for (const name of ['scores', 'beatsNext'] as const) {
        for (const [at, score] of by[name].entries()) {
          assert.ok(Math.abs(score - compareAll[name][at]!) < 1e-6)
        }
      }
    }
  })
})

describe('where it is not', () => {
  test('the list is the textbook one over the order of the anchor, P from both logits', () => {
    const ranker = createRanker(base)
    for (let seed = 1; seed < 300; seed++) {
      const { compare, n, z } = randomTable(25, seed, 9)
      const free = Array.from({ length: n }, (_, item) => item)
      const g = (item: number): number => z(item, 3) - z(3, item)
      const order = Int32Array.from(free.toSorted((i, j) => g(i) - g(j) || i - j))
      const list = textbook(order, 13, z)
      const { items, scores, beatsNext } = listOf(ranker.byComparison(compare, n, 12, none, 3))
      assert.deepEqual(items, list.slice(0, 12))
      const P = (i: number, j: number): number => sigmoid((z(i, j) - z(j, i)) / 2)
      assert.deepEqual(
        beatsNext,
        items.map((i, at) => P(i, list[at + 1]!)),
      )
      const overRest = items.map((i) => P(i, list[12]!))
      assert.deepEqual(
        scores,
        overRest.map((_, at) => Math.min(...overRest.slice(0, at + 1))),
      )
    }
  })

  test('counts every pair it compares', () => {
    const ranker = createRanker({
      ...base,
      kMax: 1,
      exact: 'literal',
      order: 'itemId',
      blockMax: 1,
    })
    const { compare, n } = randomTable(50, 2, 100)
    ranker.byComparison(compare, n, 1, none, -1)
    assert.equal(ranker.comparisons(), 49 + 48)
    assert.equal(createAlgorithm1({ blockMax: 1 }).comparisons(), 0)
  })
})

describe('whoever is ranked', () => {
  test('an item that the user has or that was deleted is never listed, nor lost places made up', () => {
    const rankers = ways.map((way) => createRanker({ ...base, ...way }))
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30 }),
        fc.uniqueArray(fc.nat(30)),
        fc.integer(),
        (n, gone, seed) => {
          const owned = new Set(gone)
          const excluded = (item: number): boolean => owned.has(item)
          const free = Array.from({ length: n }, (_, item) => item).filter(
            (item) => !excluded(item),
          )
          const { compare, z } = randomTable(n, seed, 5)
          const scores = Float32Array.from({ length: n }, (_, item) => z(item, 0))
          for (const ranker of rankers) {
            // The anchor itself may be an item that cannot be listed.
            for (const anchor of n === 0 ? [-1] : [-1, 0]) {
              assertLists(listOf(ranker.byComparison(compare, n, 12, excluded, anchor)), free)
            }
            assertLists(listOf(ranker.byScore(scores, n, 12, excluded)), free)
          }
        },
      ),
      { numRuns: 500, seed: 8 },
    )
  })

  test('the last item is certain only when nothing else is left', () => {
    const ranker = createRanker(base)
    const scores = Float32Array.of(3, 1, 2)
    const { compare, n } = totalOrder([3, 1, 2], 1, 1)
    for (const ranked of [
      () => listOf(ranker.byScore(scores, 3, 3, none)),
      () => listOf(ranker.byComparison(compare, n, 3, none, 1)),
    ]) {
      const beatsNext = [sigmoid(1), sigmoid(1), 1]
      assert.deepEqual(ranked(), { items: [0, 2, 1], scores: [1, 1, 1], beatsNext })
    }
    for (const ranked of [
      () => listOf(ranker.byScore(scores, 3, 2, none)),
      () => listOf(ranker.byComparison(compare, n, 2, none, 1)),
    ]) {
      const { scores, beatsNext } = ranked()
      assert.deepEqual(scores, [sigmoid(2), sigmoid(1)], 'against the one that is left')
      assert.deepEqual(beatsNext, [sigmoid(1), sigmoid(1)])
    }
  })

  test('what cannot be done is refused', () => {
    assert.throws(() => createRanker({ ...base, candidates: 12 }), /cannot fill 12 places/)
    const compare: Compare = (_, __, ___, out) => out.fill(0)
    assert.throws(() => createRanker(base).byComparison(compare, 3, 13, none, -1), RangeError)
    assert.throws(() => createRanker(base).byScore(Float32Array.of(Number.NaN), 1, 1, none), /NaN/)
  })
})

function assertLists(list: ReturnType<typeof listOf>, free: readonly number[]): void {
  assert.equal(list.items.length, Math.min(12, free.length))
  assert.equal(new Set(list.items).size, list.items.length)
  assert.ok(list.items.every((item) => free.includes(item)))
  assert.ok(list.beatsNext.every((one) => one >= 0.5 && one <= 1))
  assert.ok(list.scores.every((score, at) => score >= 0 && score <= (list.scores[at - 1] ?? 1)))
}
