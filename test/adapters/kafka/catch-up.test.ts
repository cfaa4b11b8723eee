// Which records of a partition are history and which are live.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCatchUp } from '../../../src/adapters/kafka/source/catch-up.ts'

const backlogAgeMs = 1_000

test('what stood in the partition at the start is history, what comes after it is live', () => {
  const catchUp = createCatchUp({ backlogAgeMs, endAtStart: 100, start: 0 })
  assert.equal(catchUp.left(20), 80)
  assert.ok(catchUp.isHistory({ next: 60, high: 150, ageMs: 0 }))
  assert.ok(catchUp.isHistory({ next: 100, high: 150, ageMs: 0 }))
  assert.equal(catchUp.left(100), 0)
  assert.ok(!catchUp.isHistory({ next: 110, high: 150, ageMs: 999 }))
})

test('who goes on after a short while finds live records, after a long one history', () => {
  const soon = createCatchUp({ backlogAgeMs, endAtStart: 100, start: 20 })
  assert.ok(!soon.isHistory({ next: 60, high: 150, ageMs: 999 }))
  assert.equal(soon.left(60), 0)
  assert.ok(!soon.isHistory({ next: 100, high: 150, ageMs: 999 }))
  assert.ok(soon.isHistory({ next: 120, high: 150, ageMs: 1_000 }), 'too slow: it waited on')
  const late = createCatchUp({ backlogAgeMs, endAtStart: 100, start: 20 })
  assert.ok(late.isHistory({ next: 60, high: 150, ageMs: 1_000 }))
  assert.ok(
    late.isHistory({ next: 100, high: 150, ageMs: 0 }),
    'up to where the partition ended then',
  )
  assert.ok(!late.isHistory({ next: 110, high: 150, ageMs: 999 }))
})

test('records that waited for long are history again, up to the end that was seen then', () => {
  const catchUp = createCatchUp({ backlogAgeMs, endAtStart: 0, start: 0 })
  assert.ok(!catchUp.isHistory({ next: 10, high: 10, ageMs: 5_000 }), 'nothing waits behind it')
  assert.ok(catchUp.isHistory({ next: 20, high: 500, ageMs: 1_000 }))
  assert.equal(catchUp.left(20), 480)
  assert.ok(catchUp.isHistory({ next: 500, high: 900, ageMs: 0 }))
  assert.ok(!catchUp.isHistory({ next: 510, high: 900, ageMs: 999 }))
})

test('histories follow each other while they shrink; else everything is live until the end is seen', () => {
  const catchUp = createCatchUp({ backlogAgeMs, endAtStart: 1_000, start: 0 })
  assert.ok(catchUp.isHistory({ next: 1_000, high: 1_500, ageMs: 9_000 }))
  assert.ok(catchUp.isHistory({ next: 1_010, high: 1_500, ageMs: 9_000 }), 'half as long')
  assert.ok(catchUp.isHistory({ next: 1_500, high: 2_000, ageMs: 9_000 }))
  assert.ok(!catchUp.isHistory({ next: 1_510, high: 2_000, ageMs: 9_000 }), 'as long as before')
  assert.ok(!catchUp.isHistory({ next: 1_600, high: 9_000, ageMs: 9_000 }), 'still overloaded')
  assert.ok(!catchUp.isHistory({ next: 9_000, high: 9_000, ageMs: 9_000 }), 'the end')
  assert.ok(catchUp.isHistory({ next: 9_010, high: 9_999, ageMs: 9_000 }), 'a new pause')
})
