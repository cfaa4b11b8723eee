// Ranks from scores and from pairs agree where they must, ties stand in the middle, full means full.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type OfflineComparer,
  type OfflineScorer,
  qualityOfRanks,
  ranksByAlgorithm1,
  ranksByCount,
  ranksByScore,
} from '../../../src/lab/offline/judge.ts'
import { splitNcr } from '../../../src/lab/offline/leave-one-out.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { createWorld } from '../../../src/world/world.ts'

const world = createWorld({ seed: 2, users: 80, items: 400, events: 3_000, undo: 0 })
const split = splitNcr(world.interactions(), createRandom(1, 'negatives'), { minimum: 3 })

/** Some fixed opinion, different for every user and item. */
const opinion: OfflineScorer = (user, items, count, out) => {
  for (let x = 0; x < count; x++) out[x] = Math.sin(user * 12.9 + items[x]! * 78.2)
}

const asPairs: OfflineComparer = (user, first, second, count, out) => {
  const one = new Float32Array(count)
  const other = new Float32Array(count)
  opinion(user, first, count, one)
  opinion(user, second, count, other)
  for (let x = 0; x < count; x++) out[x] = one[x]! - other[x]!
}

test('a model with a total order has the same ranks by score and by count', () => {
  for (const full of [false, true]) {
    const ranks = ranksByScore(split, opinion, 'test', { full })
    assert.deepEqual(ranksByCount(split, asPairs, 'test', { full }), ranks)
    assert.equal(ranks.length, split.test.items.filter((item) => item >= 0).length)
  }
})

test('a model that cannot tell stands in the middle, by score and by count', () => {
  const mute = (...all: unknown[]) => void (all.at(-1) as Float32Array).fill(0)
  for (const rank of ranksByScore(split, mute, 'test')) assert.equal(rank, 50)
  for (const rank of ranksByCount(split, mute, 'test')) assert.equal(rank, 50)
  assert.equal(qualityOfRanks(ranksByScore(split, mute, 'test')).hr10!, 0)
})

test('the full catalogue leaves out exactly what the user has', () => {
  let judged = 0
  const seen: OfflineScorer = (user, items, count) => {
    judged++
    const has = split.train.start[user + 1]! - split.train.start[user]! + 2
    assert.equal(count, split.items.length - has + 1)
    assert.equal(items[0], split.test.items[user])
    assert.equal(new Set(items.subarray(0, count)).size, count)
    assert.ok(!items.subarray(0, count).includes(split.validation.items[user]!))
  }
  ranksByScore(split, seen, 'test', { full: true })
  assert.ok(judged > 50)
})

test('a leak is seen: a model that is told the held-out items jumps to the top', () => {
  const honest = qualityOfRanks(ranksByScore(split, opinion, 'test')).hr10!
  const told: OfflineScorer = (user, items, count, out) => {
    opinion(user, items, count, out)
    for (let x = 0; x < count; x++) if (items[x] === split.test.items[user]) out[x] = 2
  }
  assert.ok(honest < 0.3)
  assert.equal(qualityOfRanks(ranksByScore(split, told, 'test')).hr10!, 1)
  assert.ok(qualityOfRanks(ranksByScore(split, told, 'validation')).hr10! < 0.3)
})

test('Algorithm 1 lists a total order as the scores do, whatever the order of the candidates', () => {
  const byScore = ranksByScore(split, opinion, 'test')
  for (const seed of [1, 2]) {
    const byList = ranksByAlgorithm1(split, asPairs, 'test', createRandom(seed, 'order'))
    assert.deepEqual(
      byList.map((rank) => Math.min(rank, 10)),
      byScore.map((rank) => Math.min(rank, 10)),
    )
  }
})

test('every n-th user only', () => {
  const all = ranksByScore(split, opinion, 'test')
  const some = ranksByScore(split, opinion, 'test', { every: 3 })
  assert.ok(some.length < all.length / 2)
  assert.equal(some[0], all[0])
})
