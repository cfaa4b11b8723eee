// While more lists are due than can be made: the newest events come first, each user gets one list for all events,
// those who have waited for longest get their share, and whoever gets a list late is counted.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDueUsers } from '../../../../src/trainer/lists/due/due-users.ts'
import { lateMs } from '../../../../src/trainer/lists/due/waiting.ts'

const neverSent = () => Number.NEGATIVE_INFINITY

function eventAt(atMs: number, user: number, offset: number) {
  return { user, time: atMs, position: { stream: 's', offset }, atMs, isHistory: false }
}

/** Lists that a round has time for. */
function times(count: number): () => boolean {
  let left = count
  return () => --left <= 0
}

test('under twice the load that can be ranked, half are in time, nobody is forgotten, and the late are counted', () => {
  const due = createDueUsers({ pauseMs: 0, sentAt: neverSent, newestFirst: true })
  const waitedMs: number[] = []
  const reflected = new Map<number, number>()
  const newest = new Map<number, number>()
  let late = 0
  let offset = 0
  // Ten events and five lists every 10 ms, for ten seconds: of 400 users by turns, each again after 0.4 s.
  for (let nowMs = 0; nowMs < 10_000; nowMs += 10) {
    for (let n = 0; n < 10; n++) {
      const user = offset % 400
      newest.set(user, offset)
      due.mark(eventAt(nowMs, user, offset++), undefined)
    }
    for (const [user, one] of due.take(nowMs + 5, times(5))) {
      assert.equal(one.position.offset, newest.get(user), 'a list for all that the user did')
      reflected.set(user, one.position.offset)
      waitedMs.push(nowMs + 5 - one.sinceMs)
      if (nowMs + 5 - one.sinceMs > lateMs) late++
    }
  }
  assert.equal(due.late, late)
  const share = late / waitedMs.length
  assert.ok(late > 0 && share < 0.5, `${late} of ${waitedMs.length} late`)
  assert.equal(reflected.size, 400)
  // First in, first out would have everybody wait for as long as the longest does.
  const sorted = waitedMs.toSorted((a, b) => a - b)
  assert.ok(sorted[sorted.length >> 1]! < 50, `half wait ${sorted[sorted.length >> 1]} ms`)
})

test('a pause between two lists of a user is no lateness, and the end of a run neither', () => {
  let sentAtMs = 0
  const due = createDueUsers({ pauseMs: 1_000, sentAt: () => sentAtMs, newestFirst: true })
  due.mark(eventAt(10, 1, 0), undefined)
  assert.deepEqual([...due.take(900, times(9))], [])
  assert.equal(due.pauseLeft(900), 100)
  assert.equal([...due.take(1_000 + lateMs, times(9))].length, 1)
  assert.equal(due.late, 0)
  sentAtMs = 1_250
  due.mark(eventAt(1_300, 1, 1), undefined)
  assert.equal([...due.take(2_251 + lateMs, times(9))].length, 1)
  assert.equal(due.late, 1)
  due.mark(eventAt(2_600, 1, 2), undefined)
  assert.equal([...due.take(Number.POSITIVE_INFINITY, times(9))].length, 1)
  assert.equal(due.late, 1)
})

test('what is committed never passes the first event of a user who waits', () => {
  const due = createDueUsers({ pauseMs: 0, sentAt: neverSent, newestFirst: true })
  for (let offset = 0; offset < 9; offset++)
    due.mark(eventAt(offset, offset % 3, offset), undefined)
  const positions = new Map([['s', 9]])
  assert.equal(due.safeToCommit(positions).get('s'), 0)
  const taken = [...due.take(10, times(1))]
  assert.equal(taken[0]![0], 2)
  assert.equal(due.safeToCommit(positions).get('s'), 0)
  for (const _ of due.take(10, times(9)));
  assert.equal(due.safeToCommit(positions).get('s'), 9)
})
