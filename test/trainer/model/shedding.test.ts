// Shares of work that add up to whole pieces.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPortions } from '../../../src/trainer/model/sampled-network.ts'
import { createRation } from '../../../src/trainer/model/shedding.ts'

test('portions add up to what is owed, evenly spread; at effort 1 every event gets all', () => {
  const portions = createPortions()
  const taken = Array.from({ length: 12 }, () => portions(0.25))
  assert.deepEqual(taken, [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1])
  const many = createPortions()
  assert.deepEqual(
    Array.from({ length: 4 }, () => many(1.5)),
    [1, 2, 1, 2],
  )
  const ration = createRation(0)
  for (let k = 0; k < 5; k++) assert.ok(ration.measures(1) && ration.learns(1))
  const half = createRation(0)
  const events = Array.from({ length: 8 }, () => [half.measures(0.5), half.learns(0.5)])
  assert.equal(events.filter(([measured]) => measured).length, 4)
  assert.equal(events.filter(([, learned]) => learned).length, 8)
})
