// When a worker may publish: on a clock that the test moves.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOwnership } from '../../src/publish/ownership.ts'

function ownershipIn(sessionMs?: number) {
  const clock = { ms: 0 }
  let revoked = 0
  const ownership = createOwnership({ sessionMs, now: () => clock.ms })
  ownership.onRevoked(() => revoked++)
  return { ownership, clock, revoked: () => revoked }
}
const streams = (...names: string[]) => ({ streams: names })

test('where nobody else reads, everything may go out, but for what the gate holds back', () => {
  const { ownership } = ownershipIn()
  assert.deepEqual([ownership.mayPublish(1, 's'), ownership.mayCommit(1)], [true, true])
  ownership.pause()
  assert.deepEqual([ownership.mayPublish(1, 's'), ownership.mayCommit(1)], [true, false])
  ownership.resume()
  assert.equal(ownership.mayCommit(1), true)
})

test('nothing goes out before the newest assignment is claimed, then only what was made since', () => {
  const { ownership } = ownershipIn(6_000)
  assert.equal(ownership.mayPublish(1, 't/0'), undefined, 'not in the group yet')
  const first = streams('t/0')
  ownership.assigned(first, 0)
  assert.equal(ownership.mayPublish(1, 't/0'), false, 'what there is of it is older')
  ownership.claimed(first, 100)
  assert.deepEqual(
    [99, 100].map((version) => ownership.mayPublish(version, 't/0')),
    [false, true],
  )
  assert.equal(ownership.mayPublish(100, 't/1'), false)
  assert.equal(ownership.mayPublish(100, undefined), true)
  ownership.claiming()
  assert.equal(ownership.mayPublish(150, 't/0'), false, 'others may have made a newer one')
  assert.equal(ownership.mayCommit(150), false)
  ownership.claimed(first, 200)
  assert.deepEqual(
    [150, 200].map((version) => ownership.mayPublish(version, 't/0')),
    [false, true],
  )
})

test('a worker that was not heard of falls silent a third of the session before it is put out', () => {
  const { ownership, clock } = ownershipIn(6_000)
  const mine = streams('t/0')
  ownership.assigned(mine, 0)
  ownership.claimed(mine, 1)
  const may = () => ownership.mayPublish(1, 't/0')
  clock.ms = 3_999
  assert.equal(may(), true)
  clock.ms = 4_000
  assert.equal(may(), undefined)
  ownership.heard(3_500)
  assert.equal(may(), true, 'heard of meanwhile: the request, not its answer, counts')
  clock.ms = 7_500
  assert.equal(may(), undefined)
})

test('a group that is formed anew is told of once, and the old claim counts nothing in the new one', () => {
  const { ownership, revoked } = ownershipIn(6_000)
  const old = streams('t/0')
  ownership.assigned(old, 0)
  ownership.claimed(old, 1)
  ownership.revoked()
  ownership.revoked()
  assert.equal(revoked(), 1)
  assert.equal(ownership.mayPublish(1, 't/0'), undefined)
  const next = streams('t/0')
  ownership.assigned(next, 10)
  assert.equal(ownership.mayPublish(1, 't/0'), false)
  ownership.claimed(next, 2)
  assert.equal(ownership.mayPublish(2, 't/0'), true)
})

test('who waits for a word hears of every change', async () => {
  const { ownership } = ownershipIn(6_000)
  const mine = streams('t/0')
  for (const change of [
    () => ownership.assigned(mine, 0),
    () => ownership.claimed(mine, 1),
    () => ownership.heard(1),
  ]) {
    const changed = ownership.changed()
    change()
    await changed
  }
})
