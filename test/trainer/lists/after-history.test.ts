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
