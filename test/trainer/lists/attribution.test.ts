// What an item of a history contributed to a score: exactly what is lost without it, beyond what an average item loses.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Moment } from '../../../src/learn/part.ts'
import { attributeScores } from '../../../src/trainer/lists/attribution.ts'

const ages = [10, 20, 30]

/** A user with items 4, 5, 6, the newest first, in a batch with room for more. */
function moment(): Moment {
  return {
    user: 1,
    time: 0,
    users: {
      count: 1,
      userRows: Int32Array.of(1),
      historyStart: Int32Array.of(0, 3),
      historyItems: Int32Array.of(4, 5, 6, 0),
      historyAges: Float32Array.of(...ages, 0),
      historyLength: Int32Array.of(3),
    },
  }
}

/** Item 0 is liked for 4 and disliked for 5, item 1 is liked for 6; every item of a history lifts all by 100. */
const given = (had: number, item: number) =>
  (had === 4 && item === 0 ? 8 : 0) +
  (had === 5 && item === 0 ? -2 : 0) +
  (had === 6 && item === 1 ? 16 : 0) +
  100

function score({ users }: Moment, items: Int32Array, out: Float32Array): void {
  const history = [...users.historyItems.subarray(0, users.historyStart[1])]
  items.forEach((item, x) => {
    out[x] = history.reduce((sum, had) => sum + given(had, item), 0)
  })
}

test('an item contributed what is lost without it, beyond what an average item loses', () => {
  const itemsKnown = 8
  const pulls = attributeScores(score, moment(), Int32Array.of(0, 1, 2), itemsKnown)
  const beyond = (gave: number) => gave - gave / itemsKnown
  // Item 5 lowers the score of item 0, and so lifts all others a little above the average: by 2 / 8.
  assert.deepEqual(pulls, [
    [{ item: 4, gave: beyond(8) }],
    [
      { item: 6, gave: beyond(16) },
      { item: 5, gave: 2 / itemsKnown },
    ],
    [{ item: 5, gave: 2 / itemsKnown }],
  ])
})

test('each item is left out by itself, together with its age, and the moment is not changed', () => {
  const whole = moment()
  const seen: string[] = []
  attributeScores(
    ({ users }, _, out) => {
      const end = users.historyStart[1]!
      const row = [...users.historyItems.subarray(0, end)].map((item, l) => {
        assert.equal(users.historyAges[l], ages[item - 4])
        return item
      })
      seen.push(`${row} of ${users.historyLength[0]}`)
      out.fill(0)
    },
    whole,
    Int32Array.of(0),
    8,
  )
  assert.deepEqual(seen, ['4,5,6 of 3', '5,6 of 2', '4,6 of 2', '4,5 of 2'])
  assert.deepEqual(whole, moment())
})
