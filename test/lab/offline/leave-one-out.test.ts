// The protocols' invariants: what is filtered, what is held out, what a negative may be.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Row, type Split, splitNcf, splitNcr } from '../../../src/lab/offline/leave-one-out.ts'
import { createRandom } from '../../../src/sample/random.ts'

const random = () => createRandom(7, 'negatives')

function row(user: string, item: string, timestamp: number): Row {
  return { user, item, timestamp }
}

function trainOf(split: Split, user: string): string[] {
  const u = split.users.indexOf(user)
  const { start, items } = split.train
  return [...items.subarray(start[u]!, start[u + 1]!)].map((item) => split.items[item]!)
}

function heldOut(split: Split, part: 'validation' | 'test', user: string): string | undefined {
  return split.items[split[part].items[split.users.indexOf(user)]!]
}

test('the latest is the test, the one before the validation, equal times in input order', () => {
  const rows = [
    row('a', 'late', 9),
    row('a', 'first', 1),
    row('a', 'tie one', 5),
    row('a', 'tie two', 5),
    row('b', 'first', 3),
    row('b', 'tie two', 3),
    row('b', 'tie one', 3),
  ]
  const split = splitNcr(rows, random(), { minimum: 1, negatives: 2 })
  assert.equal(heldOut(split, 'test', 'a'), 'late')
  assert.equal(heldOut(split, 'validation', 'a'), 'tie two')
  assert.deepEqual(trainOf(split, 'a'), ['first', 'tie one'])
  assert.equal(heldOut(split, 'test', 'b'), 'tie one')
  assert.equal(heldOut(split, 'validation', 'b'), 'tie two')
  assert.deepEqual(trainOf(split, 'b'), ['first'])
})

test('the filter counts the raw rows once and does not come back', () => {
  // 'rare' falls with one row; 'b' then has one row left, though two were needed, and stays.
  const rows = [
    row('a', 'x', 1),
    row('a', 'y', 2),
    row('b', 'x', 1),
    row('b', 'rare', 2),
    row('c', 'y', 1),
  ]
  const split = splitNcr(rows, random(), { minimum: 2, negatives: 1 })
  assert.deepEqual(split.users, ['a', 'b'])
  assert.deepEqual(split.items, ['x', 'y'])
  assert.deepEqual(trainOf(split, 'b'), ['x'])
})

test('a user with fewer than three events trains and is not judged; a repeat is no event', () => {
  const rows = [row('a', 'x', 1), row('a', 'y', 2), row('a', 'x', 9), row('b', 'x', 1)]
  const split = splitNcr(rows, random(), { minimum: 1 })
  assert.equal(heldOut(split, 'test', 'a'), undefined)
  assert.deepEqual(trainOf(split, 'a'), ['x', 'y'])
})

const logs = fc.array(
  fc.record({
    user: fc.constantFrom('a', 'b', 'c', 'd'),
    item: fc.integer({ min: 0, max: 30 }).map((item) => `i${item}`),
    timestamp: fc.integer({ min: 0, max: 9 }),
  }),
  { maxLength: 120 },
)

test('nothing held out is known, nothing is lost, negatives are never the user’s', () => {
  fc.assert(
    fc.property(logs, fc.integer({ min: 1, max: 4 }), (rows, minimum) => {
      const split = splitNcr(rows, random(), { minimum, negatives: 12 })
      split.users.forEach((user, u) => {
        const all = new Set(
          rows
            .filter((one) => one.user === user && split.items.includes(one.item))
            .map((one) => one.item),
        )
        const train = trainOf(split, user)
        const parts = [heldOut(split, 'validation', user), heldOut(split, 'test', user)]
        const kept = [...train, ...parts.filter((item) => item !== undefined)]
        assert.deepEqual(new Set(kept), all)
        assert.equal(kept.length, all.size)
        const negatives = [...split.negatives.subarray(u * 12, u * 12 + 12)].filter((j) => j >= 0)
        assert.equal(new Set(negatives).size, negatives.length)
        assert.equal(negatives.length, Math.min(12, split.items.length - all.size))
        for (const j of negatives) assert.ok(!all.has(split.items[j]!))
      })
    }),
    { seed: 11 },
  )
})

test('the negatives depend on the seed and the data alone', () => {
  const rows = Array.from({ length: 300 }, (_, k) => row(`u${k % 7}`, `i${(k * 13) % 50}`, k))
  const once = splitNcr(rows, createRandom(1, 'negatives'), { minimum: 1, negatives: 20 })
  assert.deepEqual(
    splitNcr(rows, createRandom(1, 'negatives'), { minimum: 1, negatives: 20 }),
    once,
  )
  const other = splitNcr(rows, createRandom(2, 'negatives'), { minimum: 1, negatives: 20 })
  assert.notDeepEqual(other.negatives, once.negatives)
})

test('ncf: given negatives, the held-out pair is nowhere in the training log', () => {
  const rows = [row('a', 'x', 1), row('a', 'y', 2), row('b', 'y', 1), row('b', 'x', 2)]
  const held = [{ ...row('a', 'y', 2), negatives: ['q', 'y', 'r', 'q'] }]
  const split = splitNcf(rows, held)
  assert.deepEqual(trainOf(split, 'a'), ['x'])
  assert.deepEqual(trainOf(split, 'b'), ['y', 'x'])
  assert.equal(heldOut(split, 'test', 'a'), 'y')
  assert.equal(heldOut(split, 'test', 'b'), undefined)
  const given = [...split.negatives.subarray(0, 4)].map((item) => split.items[item])
  assert.deepEqual(given, ['q', 'r', undefined, undefined], 'neither the item itself nor twice')
})
