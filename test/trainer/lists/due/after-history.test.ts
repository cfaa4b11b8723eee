// Lists that are due once a history has been read: one for each user, the most recently active first. No position moves
// past a record whose list is still to come.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAfterHistory } from '../../../../src/trainer/lists/due/after-history.ts'

const due = (stream: string, offset: number) => {
  const position = { stream, offset }
  return { time: offset, position, since: position, sinceMs: 0 }
}

test('users get their turn once their stream has caught up, the most recently active first, each once', () => {
  const after = createAfterHistory()
  after.catchesUp('a')
  for (const [user, offset] of [
    [1, 10],
    [2, 11],
    [1, 12],
    [3, 13],
  ] as const) {
    after.put(user, due('a', offset))
  }
  assert.equal(after.next(), undefined)
  assert.equal(after.ready, 0)
  assert.ok(after.isReading)
  after.caughtUp('a')
  assert.ok(!after.isReading)
  assert.equal(after.ready, 3)
  after.delete(1)
  assert.deepEqual([after.next()?.[0], after.next()?.[0], after.next()], [3, 2, undefined])
})

test('a stream does not wait for others, and waits again when it begins a history anew', () => {
  const after = createAfterHistory()
  after.catchesUp('a')
  after.put(1, due('a', 5))
  after.catchesUp('b')
  after.put(2, due('b', 5))
  after.caughtUp('b')
  assert.deepEqual([after.next()?.[0], after.next()], [2, undefined])
  after.catchesUp('b')
  after.put(3, due('b', 9))
  assert.equal(after.next(), undefined)
  after.caughtUp()
  assert.deepEqual([after.next()?.[0], after.next()?.[0]].sort(), [1, 3])
})

test('a position stays at the first record whose list is still to come', () => {
  const after = createAfterHistory()
  after.catchesUp('a')
  after.put(1, due('a', 10))
  after.put(2, due('a', 11))
  const at = () => {
    const positions = new Map([
      ['a', 100],
      ['b', 7],
    ])
    after.limitPositions(positions)
    return [...positions.values()]
  }
  assert.deepEqual(at(), [10, 7])
  after.caughtUp()
  after.next()
  assert.deepEqual(at(), [10, 7], 'the older of the two is still due')
  after.next()
  assert.deepEqual(at(), [100, 7])
  after.put(3, due('a', 50))
  after.keep(new Set(['b']))
  assert.deepEqual(at(), [100, 7])
})

test('where the store keeps who is owed a list, positions move on once those users were reported', () => {
  const after = createAfterHistory(true)
  after.catchesUp('a')
  after.put(1, due('a', 10))
  after.put(2, due('a', 11))
  const at = () => {
    const positions = new Map([['a', 100]])
    after.limitPositions(positions)
    return positions.get('a')
  }
  assert.equal(at(), 10)
  assert.deepEqual(after.takeOwed(), [
    {
      stream: 'a',
      owed: [
        [1, 10],
        [2, 11],
      ],
      settled: [],
    },
  ])
  assert.equal(at(), 100)
  assert.deepEqual(after.takeOwed(), [], 'reported once')
  after.put(1, { ...due('a', 50), since: { stream: 'a', offset: 10 } })
  assert.equal(at(), 50, 'only the newer record has not been reported yet')
  after.caughtUp('a')
  const [first] = after.next()!
  after.settle(first)
  assert.deepEqual([first, at()], [1, 100])
  assert.deepEqual(after.takeOwed(), [{ stream: 'a', owed: [], settled: [[1, 10]] }])
})

test('users read back from the store come after those of new records, in order, and are settled as well', () => {
  const after = createAfterHistory(true)
  for (const [user, offset] of [
    [5, 90],
    [6, 80],
    [7, 70],
  ] as const) {
    after.owe(user, due('a', offset))
  }
  assert.equal(after.ready, 3, 'a stream of which no history is being read has nothing to wait for')
  after.catchesUp('a')
  assert.equal(after.ready, 0)
  after.put(8, due('a', 100))
  after.put(6, due('a', 101))
  after.forget(7)
  after.caughtUp('a')
  const order: number[] = []
  for (let next = after.next(); next !== undefined; next = after.next()) {
    order.push(next[0])
    after.settle(next[0])
  }
  assert.deepEqual(order, [6, 8, 5])
  const [told] = after.takeOwed()
  assert.deepEqual(told?.settled, [
    [6, 80],
    [5, 90],
  ])
})
