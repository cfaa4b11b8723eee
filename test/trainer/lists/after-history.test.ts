// Lists after a past was read: one for each user, those who were active last first, and no position moves past them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAfterHistory } from '../../../src/trainer/lists/after-history.ts'

const due = (stream: string, offset: number) => {
  const position = { stream, offset }
  return { time: offset, position, since: position, sinceMs: 0 }
}

test('users come out once their stream has caught up, the last active first, each once', () => {
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

test('one stream waits for no other, and one that begins a past again is held again', () => {
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

test('positions stay before the first record whose list is to come', () => {
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

test('where it is kept outside who is owed a list, positions go on as soon as they are told', () => {
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
  assert.deepEqual(after.takeOwed(), [], 'told once')
  after.put(1, { ...due('a', 50), since: { stream: 'a', offset: 10 } })
  assert.equal(at(), 50, 'only the newer record is not kept yet')
  after.caughtUp('a')
  const [first] = after.next()!
  after.settle(first)
  assert.deepEqual([first, at()], [1, 100])
  assert.deepEqual(after.takeOwed(), [{ stream: 'a', owed: [], settled: [[1, 10]] }])
})

test('users given again come after those of new records, in the order given, and are settled, too', () => {
  const after = createAfterHistory(true)
  for (const [user, offset] of [
    [5, 90],
    [6, 80],
    [7, 70],
  ] as const) {
    after.owe(user, due('a', offset))
  }
  assert.equal(after.ready, 3, 'a stream of which nothing is being read has no past to wait for')
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
