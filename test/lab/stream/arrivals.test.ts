// A log as the stream it was: its order, its ids, what is left out, and what a shuffle may touch.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrivalsOf, stepEnd } from '../../../src/lab/stream/arrivals.ts'
import { createRandom } from '../../../src/sample/random.ts'

const row = (user: string, item: string, timestamp: number) => ({ user, item, timestamp })

test('in order of time, ids by first appearance, equal times as in the log, each pair once', () => {
  const rows = [row('b', 'y', 20), row('a', 'x', 10), row('a', 'z', 20), row('a', 'x', 30)]
  const { users, items, times, count, repeats, userCount, itemCount } = arrivalsOf(rows)
  assert.deepEqual([...users], [0, 1, 0])
  assert.deepEqual([...items], [0, 1, 2])
  assert.deepEqual([...times], [10, 20, 20])
  assert.deepEqual([count, repeats, userCount, itemCount], [3, 1, 2, 3])
})

test('a shuffle moves events within their moment only, and comes to every order', () => {
  const rows = ['p', 'q', 'r'].map((item) => row('a', item, 5))
  rows.unshift(row('a', 'first', 1))
  rows.push(row('a', 'last', 9))
  const orders = new Set<string>()
  for (let seed = 0; seed < 200; seed++) {
    const { times } = arrivalsOf(rows, createRandom(seed))
    assert.deepEqual([...times], [1, 5, 5, 5, 9])
    // Who came when shows in a second user's ids, given by first appearance.
    const marked = rows.map((one, k) => ({ ...one, user: `u${k}`, item: one.item }))
    const { users } = arrivalsOf(
      [...marked, row('u1', 'z', 10), row('u2', 'z', 11)],
      createRandom(seed),
    )
    orders.add([...users.subarray(5)].join())
  }
  assert.equal(orders.size, 6)
})

test('a step ends where the time changes', () => {
  const arrivals = arrivalsOf([row('a', 'x', 1), row('b', 'x', 1), row('a', 'y', 2)])
  assert.equal(stepEnd(arrivals, 0), 2)
  assert.equal(stepEnd(arrivals, 2), 3)
})
