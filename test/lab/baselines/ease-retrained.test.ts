// EASE on a stream is honest: what it knows at a moment are the events before its last training, and the user's own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { easeRetrained } from '../../../src/lab/baselines/ease-retrained.ts'
import { Positives } from '../../../src/remember/positives.ts'
import { momentOf } from '../../learn/moments.ts'

const items = 12
const everyEvents = 30

/** Feeds (user, item) pairs and returns the scores of all items for user 0 after each. */
function feed(pairs: readonly (readonly [number, number])[], itemsMax = items): Float32Array[] {
  const positives = new Positives({ positivesPerUserMax: 1_000, removalsPerUserMax: 10 })
  positives.see(0, items - 1)
  const ease = easeRetrained({ lambda: 1, everyEvents, itemsMax })(positives)
  const all = Int32Array.from({ length: items }, (_, item) => item)
  return pairs.map(([user, item], time) => {
    positives.add(user, item, time)
    const moment = momentOf([], positives.count(0), time)
    ease.observe(moment, item)
    const out = new Float32Array(items)
    ease.score(moment, all, out)
    return out
  })
}

/** Users 1… each take two neighbouring items; user 0 has item 0. */
const pairs = (users: number, apart: number): [number, number][] =>
  Array.from({ length: 2 * users }, (_, k) => [
    1 + Math.floor(k / 2),
    (2 * Math.floor(k / 2) + (k % 2) * apart) % items,
  ])

test('it knows nothing before its first training, and afterwards what was taken together', () => {
  const scores = feed([[0, 0], ...pairs(20, 1)])
  for (const before of scores.slice(0, everyEvents - 1)) assert.ok(before.every((s) => s === 0))
  const after = scores.at(everyEvents - 1)!
  assert.equal(after.indexOf(Math.max(...after)), 1, 'item 1 was taken by those who have item 0')
})

test('events after a training change nothing until the next one', () => {
  const start: [number, number][] = [[0, 0], ...pairs(15, 1)].slice(0, everyEvents) as [
    number,
    number,
  ][]
  const one = feed([...start, ...pairs(30, 1).slice(-everyEvents)])
  const other = feed([...start, ...pairs(30, 5).slice(-everyEvents)])
  assert.deepEqual(other.slice(0, 2 * everyEvents - 1), one.slice(0, 2 * everyEvents - 1))
  assert.notDeepEqual(other.at(-1), one.at(-1))
})

test('only the most taken items take part', () => {
  const after = feed([[0, 0], ...pairs(20, 1)], 4).at(-1)!
  assert.ok(after.filter((score) => score !== 0).length <= 4)
})
