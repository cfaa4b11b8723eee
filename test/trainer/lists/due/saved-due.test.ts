// Who is due a list, as a checkpoint holds it that is written while lists are made: by user, as far as it has changed,
// and a start puts all of them into the order in which they came to wait.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChangedRows } from '../../../../src/ports/live-state.ts'
import { createRandom } from '../../../../src/sample/random.ts'
import { createDueUsers } from '../../../../src/trainer/lists/due/due-users.ts'
import { dueRows, dueWidth, readDueRows } from '../../../../src/trainer/lists/list-records.ts'

const streams = ['one', 'two', 'three']
const users = 300

function createWorld() {
  const changed = new ChangedRows(2)
  const sentAt = () => Number.NEGATIVE_INFINITY
  return { changed, due: createDueUsers({ changed, pauseMs: 0, sentAt, newestFirst: true }) }
}

/** Follows by changed rows alone, some at a time. */
function createFollower({ changed, due }: ReturnType<typeof createWorld>, names: string[]) {
  let known = new Float64Array(0)
  return () => {
    const data = new Float64Array(dueWidth * due.arrivals.users)
    data.set(known.subarray(0, data.length))
    for (let from = 0; ; ) {
      const run = changed.take(from, due.arrivals.users, 16)
      if (run === undefined) break
      data.set(dueRows(run.from, run.to, due, names), dueWidth * run.from)
      from = run.to
    }
    known = data
    return { shape: [due.arrivals.users, dueWidth], data }
  }
}

test('whatever happens to users who are due, their changed rows say it, and a start goes on from them', () => {
  const random = createRandom(1, 'due')
  const world = createWorld()
  const { due } = world
  const names: string[] = []
  const follow = createFollower(world, names)
  for (const stream of streams) due.catchesUp(stream)
  let offset = 0
  const position = () => ({ stream: streams[random.below(streams.length)]!, offset: offset++ })
  const someone = () => ({ ...{ time: random.below(1e6), position: position(), sinceMs: 0 } })
  const happenings = [
    (user: number) => {
      const isHistory = random.below(3) > 0
      due.mark(
        { user, time: random.below(1e6), position: position(), atMs: 0, isHistory },
        undefined,
      )
    },
    (user: number) => {
      const one = someone()
      due.put(user, { ...one, since: one.position })
    },
    (user: number) => {
      const one = someone()
      due.owe(user, { ...one, since: one.position }, undefined)
    },
    (user: number) => {
      const one = someone()
      due.oweNothing(user, { ...one, since: one.position })
    },
    (user: number) => due.delete(user),
    () => {
      let left = 1 + random.below(40)
      for (const _ of due.take(0, () => --left <= 0));
    },
    () => due.caughtUp(random.below(3) === 0 ? 'two' : 'none'),
    () => due.keep(new Set(random.below(30) === 0 ? ['one', 'two'] : streams)),
  ]
  let most = 0
  for (let k = 0; k < 4_000; k++) {
    const lot = random.below(20)
    happenings[lot < 13 ? 0 : lot - 12]!(random.below(1 + (users * k) / 4_000))
    if (k % 50 > 0) continue
    const rows = follow()
    assert.deepEqual(rows.data, dueRows(0, due.arrivals.users, due, names), `after ${k} happenings`)
    const after = createWorld()
    for (const row of readDueRows(rows, names)) after.due.put(...row)
    const shown: number[] = []
    after.due.show((user, time, stream, at) => {
      shown.push(user)
      const { position: place, time: then } = due.get(user)!
      assert.deepEqual([time, stream, at], [then, place.stream, place.offset], `user ${user}`)
    })
    assert.deepEqual(
      shown,
      shown.toSorted((a, b) => due.arrivals.placeOf(a) - due.arrivals.placeOf(b)),
    )
    const live: number[] = []
    due.show((user) => {
      if (due.isLive(user)) live.push(user)
    })
    assert.deepEqual(shown.filter(due.isLive), live, 'in order of arrival')
    let all = 0
    for (let user = 0; user < due.arrivals.users; user++) if (due.get(user) !== undefined) all++
    assert.equal(shown.length, all)
    most = Math.max(most, all)
    // Users keep their places: nothing of it has changed for the next checkpoint.
    assert.deepEqual(dueRows(0, due.arrivals.users, after.due, names), rows.data)
  }
  assert.ok(most > 100, `${most} users are due at most`)
})

test('who comes to wait first is first after a start, though others have older events', () => {
  const { due } = createWorld()
  for (const [k, user] of [7, 3, 9, 1].entries()) {
    const event = { user, time: 1_000 - k, position: { stream: 'one', offset: k }, atMs: 0 }
    due.mark({ ...event, isHistory: false }, undefined)
  }
  // Who waits keeps the place.
  due.mark(
    { user: 7, time: 5, position: { stream: 'one', offset: 9 }, atMs: 0, isHistory: false },
    undefined,
  )
  const names: string[] = []
  const data = dueRows(0, due.arrivals.users, due, names)
  const order = [...readDueRows({ shape: [due.arrivals.users, dueWidth], data }, names)]
  assert.deepEqual(
    order.map(([user]) => user),
    [7, 3, 9, 1],
  )
})
