// Who gets the next list while more wait than can be ranked.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Due } from '../../../../src/trainer/lists/due/due.ts'
import { createWaiting } from '../../../../src/trainer/lists/due/waiting.ts'

function dueAt(sinceMs: number): Due {
  const position = { stream: 's', offset: sinceMs }
  return { time: sinceMs, position, since: position, sinceMs }
}

const anybody = () => true

test('the newest event comes first, and every fourth list goes to whoever has waited longest', () => {
  const waiting = createWaiting()
  for (let user = 0; user < 10; user++) waiting.set(user, dueAt(user))
  // User 2 has another event: the newest now, and still the third of those who have waited.
  waiting.set(2, dueAt(10))
  const turns: number[] = []
  for (const user of waiting.inTurn(anybody)) {
    waiting.delete(user)
    turns.push(user)
  }
  assert.deepEqual(turns, [2, 9, 8, 0, 7, 6, 5, 1, 4, 3])
})

test('everybody who is due gets a turn with their newest event, and nobody else does', () => {
  const touches = fc.array(fc.tuple(fc.nat(40), fc.boolean()), { maxLength: 200 })
  const property = fc.property(touches, fc.nat(5), (all, notDue) => {
    const waiting = createWaiting()
    const expected = new Map<number, Due>()
    all.forEach(([user, isGone], at) => {
      if (isGone) waiting.delete(user)
      else waiting.set(user, dueAt(at))
      if (isGone) expected.delete(user)
      else expected.set(user, waiting.get(user)!)
    })
    const isDue = (user: number) => user % 5 !== notDue
    const given = new Map<number, Due>()
    for (const user of waiting.inTurn(isDue)) {
      assert.ok(isDue(user) && !given.has(user))
      given.set(user, waiting.get(user)!)
      waiting.delete(user)
    }
    const due = [...expected].filter(([user]) => isDue(user))
    assert.deepEqual(new Map([...given].sort()), new Map(due.sort()))
    assert.equal(waiting.size, expected.size - due.length)
  })
  fc.assert(property)
})

test('a user with many events takes no more room', () => {
  const waiting = createWaiting()
  for (let at = 0; at < 100_000; at++) waiting.set(at % 3, dueAt(at))
  assert.equal([...waiting.inTurn(anybody)].length >= 3, true)
  assert.equal(waiting.size, 3)
})
