// When a member may speak for its partitions: on a clock that the test moves.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLease } from '../../../src/adapters/kafka/source/lease.ts'

function leaseAt(sessionMs: number) {
  const clock = { ms: 0 }
  let lost = 0
  const lease = createLease({ sessionMs, now: () => clock.ms, onLost: () => lost++ })
  return { lease, clock, lost: () => lost }
}

test('nothing is held before a batch of the newest tenure is in hand', () => {
  const { lease } = leaseAt(6_000)
  assert.equal(lease.holds('t/0'), undefined, 'not joined yet')
  lease.joined(['t/0'], 0)
  assert.equal(lease.holds('t/0'), false, 'what there is of it is older than this tenure')
  lease.began(lease.tenure)
  assert.equal(lease.holds('t/0'), true)
  assert.equal(lease.holds('t/1'), false)
  assert.equal(lease.holds(undefined), true)
})

test('a member that was not heard of falls silent a third of the session before it is put out', () => {
  const { lease, clock } = leaseAt(6_000)
  lease.joined(['t/0'], 0)
  lease.began(lease.tenure)
  clock.ms = 3_999
  assert.equal(lease.holds('t/0'), true)
  clock.ms = 4_000
  assert.equal(lease.holds('t/0'), undefined)
  lease.heard(3_500)
  assert.equal(
    lease.holds('t/0'),
    true,
    'it was heard of meanwhile: the request, not its answer, counts',
  )
  clock.ms = 7_500
  assert.equal(lease.holds('t/0'), undefined)
})

test('a group that is formed anew is told of once, and the old tenure holds nothing in the new one', () => {
  const { lease, lost } = leaseAt(6_000)
  lease.joined(['t/0'], 0)
  const old = lease.tenure
  lease.began(old)
  lease.lost()
  lease.lost()
  assert.equal(lost(), 1)
  assert.equal(lease.holds('t/0'), undefined)
  lease.joined(['t/0'], 10)
  lease.began(old)
  assert.equal(lease.holds('t/0'), false)
  lease.began(lease.tenure)
  assert.equal(lease.holds('t/0'), true)
})

test('who waits for a word hears of every change', async () => {
  const { lease } = leaseAt(6_000)
  for (const change of [
    () => lease.joined(['t/0'], 0),
    () => lease.began(lease.tenure),
    () => lease.heard(1),
  ]) {
    const changed = lease.changed()
    change()
    await changed
  }
})
