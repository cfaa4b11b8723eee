// The spread of a sample against plain counting over all pairs of its lists.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSpread } from '../../src/publish/spread.ts'

const lists = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 12 }),
    fc.uniqueArray(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 6 }),
    fc.boolean(),
  ),
  { maxLength: 60 },
)

function counted(kept: ReadonlyMap<number, readonly number[]>) {
  const all = [...kept.values()]
  let shared = 0
  let pairs = 0
  all.forEach((a, at) => {
    for (const b of all.slice(at + 1)) {
      pairs += 1
      shared += a.filter((item) => b.includes(item)).length
    }
  })
  const length = all.reduce((sum, list) => sum + list.length, 0) / all.length
  return {
    coverage: all.length === 0 ? undefined : new Set(all.flat()).size / 16,
    overlap: pairs === 0 ? undefined : shared / pairs / length,
  }
}

test('coverage and overlap equal counting, over any lists, repeats and users forgotten', () => {
  fc.assert(
    fc.property(lists, (steps) => {
      const spread = createSpread({ usersMax: 8, itemsMax: 5 })
      const kept = new Map<number, readonly number[]>()
      for (const [user, items, leaves] of steps) {
        kept.delete(user)
        if (leaves) spread.forget(user)
        else {
          spread.add(user, items, 0)
          kept.set(user, items.slice(0, 5))
          if (kept.size > 8) kept.delete(kept.keys().next().value as number)
        }
      }
      const { users, coverage, overlap } = spread.figures(16, 0)
      const want = counted(kept)
      assert.equal(users, kept.size)
      assert.equal(coverage, want.coverage)
      assert.equal(overlap === undefined, want.overlap === undefined)
      assert.ok(Math.abs((overlap ?? 0) - (want.overlap ?? 0)) < 1e-12)
    }),
    { seed: 11, numRuns: 300 },
  )
})

test('the same list for everyone overlaps whole, lists apart not at all', () => {
  const same = createSpread({ usersMax: 100, itemsMax: 10 })
  const apart = createSpread({ usersMax: 100, itemsMax: 10 })
  for (let user = 0; user < 50; user++) {
    same.add(user, [1, 2, 3], 0)
    apart.add(`u${user}`, [`a${user}`, `b${user}`], 0)
  }
  assert.deepEqual(same.figures(30, 0).overlap, 1)
  assert.deepEqual(same.figures(30, 0).coverage, 0.1)
  assert.deepEqual(apart.figures(200, 0).overlap, 0)
  assert.deepEqual(apart.figures(200, 0).coverage, 0.5)
})

test('ages count from the newest list of each user and are never negative', () => {
  const spread = createSpread({ usersMax: 3, itemsMax: 2 })
  assert.deepEqual(spread.figures(5, 0), {
    users: 0,
    coverage: undefined,
    overlap: undefined,
    ageMedian: undefined,
    ageOldest: undefined,
  })
  spread.add('a', ['x'], 1_000)
  spread.add('b', ['x'], 8_000)
  spread.add('c', ['x'], 90_000)
  const { ageMedian, ageOldest } = spread.figures(5, 11_000)
  assert.deepEqual([ageMedian, ageOldest], [3, 10])
  assert.deepEqual(spread.newest(2), ['c', 'b'])
})
