// The spans of a stream, counted by hand.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTally } from '../../../src/lab/stream/tally.ts'

const dayMs = 86_400_000

test('the middle is 40-70 %, of the last 30 % cold and returning users are apart', () => {
  const tally = createTally(['one', 'two'], 10)
  for (let place = 0; place < 10; place++) {
    const earlier = place === 8 ? 4 : 5
    const idle = place === 9 ? dayMs + 1 : place === 8 ? Number.NaN : dayMs
    tally.add(place, earlier, idle, [place % 2 === 0 ? 0 : 50, 10])
  }
  assert.deepEqual(tally.events(), { all: 10, middle: 3, last30: 3, cold: 1, returning: 1 })
  const one = tally.of('one')
  assert.deepEqual(
    [one.all.hr10, one.middle.hr10, one.last30.hr10, one.cold.hr10, one.returning.hr10],
    [0.5, 2 / 3, 1 / 3, 1, 0],
  )
  assert.equal(one.cold.ndcg10, 1)
  assert.equal(tally.of('two').all.hr10, 0)
  assert.throws(() => tally.of('three'), /three/)
})

test('without events there are no figures', () => {
  assert.deepEqual(createTally(['one'], 10).of('one').last30, {
    hr10: null,
    ndcg10: null,
    se: null,
  })
})
