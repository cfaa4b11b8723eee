// The gate at work on a stream that goes bad for a while: it holds, puts the model back, and opens again. The same
// stream without the gate, and without the poison, are the controls.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Course, play } from './poisoned.ts'

const stream = { seed: 3, events: 14_000, from: 5_000, to: 9_000 }
const settings = {
  parts: 'history,neighbours',
  factors: 8,
  effort: 'light',
  checkpointEverySeconds: 1,
  checkpointsKept: 8,
  gateEventsMin: 500,
}

const listsBetween = ({ lists }: Course, from: number, to: number) =>
  lists.filter(({ at }) => at > from && at <= to)

test('random labels hold publishing and put the model back; it opens when the stream is good again', async () => {
  const { points, told, lists } = await play({ ...stream, gate: true, settings })
  const held = points.filter((point) => point.held)
  const [first, last] = [held[0]!, held.at(-1)!]
  assert.ok(first.events > stream.from && first.events <= stream.to, told.join('\n'))
  assert.ok(first.rollbacks >= 1, told.join('\n'))
  assert.ok(told.some((line) => line.endsWith('the model was rolled back to a checkpoint')))
  assert.ok(last.events > stream.to && !points.at(-1)!.held, told.join('\n'))
  assert.equal(listsBetween({ points, told, lists }, first.events, last.events).length, 0)
  const released = listsBetween({ points, told, lists }, last.events, stream.events)
  assert.ok(released.length > 100, 'users held back get their lists')
  const after = points.at(-1)!
  assert.ok(after.model > after.popularity)
})

test('without the gate the lists of the poisoned model go out; without poison the gate is never heard', async () => {
  const free = await play({ ...stream, events: stream.to, gate: false, settings })
  assert.deepEqual([free.told, free.points.filter(({ held }) => held)], [[], []])
  assert.ok(listsBetween(free, stream.from + 2_000, stream.to).length > 100)
  const clean = await play({ ...stream, from: 0, to: 0, events: 6_000, gate: true, settings })
  assert.deepEqual(clean.told, [])
})
