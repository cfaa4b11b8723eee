// Old tastes: one early event of everyone with enough of them, ranked among items that are never taken, with the
// history of then.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Arrivals, arrivalsOf } from '../../../src/lab/stream/arrivals.ts'
import { createOldTastes } from '../../../src/lab/stream/old-tastes.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { momentOf } from '../../learn/moments.ts'

/** Users 0…9 with 12 early events each, user 10 with 9, then a long rest by others; 400 items. */
function stream(): Arrivals {
  const rows = []
  let time = 0
  for (let user = 0; user <= 10; user++) {
    const events = user === 10 ? 9 : 12
    for (let k = 0; k < events; k++) {
      rows.push({ user: `u${user}`, item: `i${(31 * user + k) % 400}`, timestamp: time++ })
    }
  }
  for (let k = 0; k < 400; k++) rows.push({ user: `v${k % 40}`, item: `i${k}`, timestamp: time++ })
  return arrivalsOf(rows)
}

test('everyone with ten early events has one withheld', () => {
  const arrivals = stream()
  const old = createOldTastes(arrivals, createRandom(1))
  const held = Array.from({ length: arrivals.count }, (_, k) => k).filter(old.withholds)
  assert.deepEqual(
    held.map((place) => arrivals.users[place]),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  )
  assert.ok(held.every((place) => place < old.begins))
})

test('ranked among a hundred that the user never takes, with the moment of then', () => {
  const arrivals = stream()
  const old = createOldTastes(arrivals, createRandom(1))
  assert.equal(old.probes, 0)
  // What the caller goes on to fill must not change what was taken.
  const shared = momentOf([7])
  old.begin((user, time) => Object.assign(shared, { user, time }), arrivals.itemCount)
  shared.users.historyItems[0] = 99
  assert.equal(old.probes, 10)
  const known = old.rank((moment, items, out) => {
    assert.equal(moment.time, arrivals.times[old.begins])
    assert.equal(moment.users.historyItems[0], 7)
    assert.equal(new Set(items).size, 101)
    const taken = new Set(
      arrivals.items.filter((_, place) => arrivals.users[place] === moment.user),
    )
    assert.deepEqual(
      [...items].filter((item) => taken.has(item)),
      [items[0]],
    )
    out.fill(0)
    out[0] = moment.user < 5 ? 1 : -1
  })
  assert.deepEqual(known, { hr10: 0.5, ndcg10: 0.5 })
})
