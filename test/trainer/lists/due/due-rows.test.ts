// Rows of users in queues against Maps, which keep their keys in order, too; walks along a queue that changes; and
// which record is the first that anybody waits for.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DueQueue, DueRows } from '../../../../src/trainer/lists/due/due-rows.ts'
import { EarliestRows } from '../../../../src/trainer/lists/due/earliest-rows.ts'
import { ReflectedByUser } from '../../../../src/trainer/lists/sent-lists.ts'

const streams = ['a', 'b', '']

function dueAt(stream: string, offset: number) {
  return {
    time: 2 * offset,
    position: { stream, offset },
    since: { stream, offset: 0 },
    sinceMs: 7,
  }
}

const touch = fc.record({
  user: fc.oneof(fc.nat(12), fc.constantFrom(4_095, 4_096, 1_000_000)),
  stream: fc.constantFrom(...streams),
  isGone: fc.boolean(),
})

test('a user has a row for each stream, in the order in which they became the newest', () => {
  const property = fc.property(fc.array(touch, { maxLength: 150 }), (touches) => {
    const rows = new DueRows()
    const queue = new DueQueue(rows, 1)
    const plain = new Map<string, ReturnType<typeof dueAt>>()
    touches.forEach(({ user, stream, isGone }, offset) => {
      const key = rows.streamNumber(stream)
      const name = `${user} ${stream}`
      const row = rows.find(user, key)
      assert.equal(row >= 0, plain.delete(name))
      if (row >= 0) queue.remove(row)
      if (row >= 0) rows.delete(row)
      if (isGone) return
      const made = rows.add(user, key)
      rows.setDue(made, dueAt(stream, offset))
      queue.append(made)
      plain.set(name, dueAt(stream, offset))
    })
    const shown: [string, number, number][] = []
    for (const row of queue.walk()) {
      rows.show(row, (user, time, stream, offset) =>
        shown.push([`${user} ${stream}`, time, offset]),
      )
      assert.deepEqual(rows.due(row), plain.get(shown.at(-1)![0]))
    }
    const expected = [...plain].map(([name, { time, position }]) => [name, time, position.offset])
    assert.deepEqual(shown, expected)
    assert.equal(queue.size, plain.size)
    assert.equal([...queue.walk('newest')].length, plain.size)
  })
  fc.assert(property)
})

/** Counts how often somebody looks at what a row is due since. */
class CountedRows extends DueRows {
  looks = 0
  override since(row: number): number {
    this.looks++
    return super.since(row)
  }
}

test('positions stay before the first record that anybody is due since, whoever comes and goes', () => {
  const event = fc.record({
    user: fc.nat(30),
    stream: fc.constantFrom(...streams),
    since: fc.nat(50),
    isGone: fc.boolean(),
  })
  const property = fc.property(fc.array(event, { maxLength: 200 }), (events) => {
    const rows = new DueRows()
    const earliest = new EarliestRows(rows)
    const plain = new Map<number, { readonly stream: string; readonly offset: number }>()
    for (const { user, stream, since, isGone } of events) {
      let row = rows.find(user, 0)
      if (row >= 0) earliest.remove(row)
      if (row >= 0 && isGone) rows.delete(row)
      plain.delete(user)
      if (!isGone) {
        if (row < 0) row = rows.add(user, 0)
        rows.setDue(row, { ...dueAt(stream, since + 5), since: { stream, offset: since } })
        earliest.add(row)
        plain.set(user, { stream, offset: since })
      }
      const positions = new Map(['a', 'b', 'c'].map((name) => [name, 30]))
      earliest.limit(positions)
      for (const [name, position] of positions) {
        const offsets = [...plain.values()].filter((one) => one.stream === name)
        assert.equal(position, Math.min(30, ...offsets.map(({ offset }) => offset)))
      }
    }
  })
  fc.assert(property)
})

test('of a hundred thousand users who wait few are looked at, in whatever order they come and go', () => {
  const [users, looksMax] = [100_000, 60]
  const orders = {
    ascending: (n: number) => n,
    descending: (n: number) => users - n,
    scattered: (n: number) => (n * 7_919) % users,
  }
  for (const [name, sinceOf] of Object.entries(orders)) {
    const rows = new CountedRows()
    const earliest = new EarliestRows(rows)
    let most = 0
    const looksOf = (work: () => void): void => {
      rows.looks = 0
      work()
      most = Math.max(most, rows.looks)
    }
    for (let user = 0; user < users; user++) {
      const row = rows.add(user, 0)
      rows.setDue(row, { ...dueAt('a', users), since: { stream: 'a', offset: sinceOf(user) } })
      looksOf(() => earliest.add(row))
    }
    for (let user = 0; user < users; user += 3) looksOf(() => earliest.remove(rows.find(user, 0)))
    looksOf(() => earliest.limit(new Map([['a', users]])))
    assert.ok(most <= looksMax, `${name}: ${most} looks`)
  }
})

test('who leaves a queue amid a walk is passed over, and nobody else', () => {
  const property = fc.property(
    fc.array(fc.nat(19), { maxLength: 19 }),
    fc.boolean(),
    (gone, back) => {
      const rows = new DueRows()
      const queue = new DueQueue(rows)
      for (let user = 0; user < 20; user++) queue.append(rows.add(user, 0))
      const left = new Set(Array.from({ length: 20 }, (_, user) => user))
      const met: number[] = []
      const leaving = gone.values()
      for (const row of queue.walk(back ? 'newest' : 'oldest')) {
        met.push(rows.get(row, 'user'))
        for (const user of [leaving.next().value, leaving.next().value]) {
          if (user === undefined || !left.delete(user)) continue
          const row = rows.find(user, 0)
          queue.remove(row)
          rows.delete(row)
        }
      }
      const order = back ? met.toReversed() : met
      assert.deepEqual(
        order,
        [...new Set(order)].sort((a, b) => a - b),
      )
      for (const user of left) assert.ok(met.includes(user), `${user} was not met`)
    },
  )
  fc.assert(property)
})

test('what the last list of each user reflects is what was set last', () => {
  const property = fc.property(fc.array(touch, { maxLength: 150 }), (touches) => {
    const reflected = new ReflectedByUser()
    const plain = new Map<number, { time: number; position: { stream: string; offset: number } }>()
    touches.forEach(({ user, stream, isGone }, offset) => {
      const about = { time: -offset, position: { stream, offset } }
      if (isGone) reflected.delete(user)
      else reflected.set(user, about)
      if (isGone) plain.delete(user)
      else plain.set(user, about)
      assert.deepEqual(reflected.get(user), plain.get(user))
    })
    const kept = new Set(['b'])
    reflected.keep(kept)
    for (const [user, { position }] of plain) if (!kept.has(position.stream)) plain.delete(user)
    assert.deepEqual(
      [...reflected.keys()],
      [...plain.keys()].sort((a, b) => a - b),
    )
    for (const [user, about] of plain) assert.equal(reflected.timeOf(user), about.time)
  })
  fc.assert(property)
})
