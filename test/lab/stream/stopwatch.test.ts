// Costs by name, without that of the clock itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStopwatch } from '../../../src/lab/stream/stopwatch.ts'

test('adds up by name what the work took, and not what reading the clock took', () => {
  let ms = 0
  // Every reading takes a millisecond.
  const stopwatch = createStopwatch(() => ms++)
  const work = (name: string, took: number) => stopwatch.run(name, () => (ms += took))
  assert.equal(typeof work('one', 5), 'number')
  work('two', 7)
  work('one', 3)
  assert.deepEqual(
    [...stopwatch.spent()],
    [
      ['one', 8],
      ['two', 7],
    ],
  )
})

test('work that is shorter than a reading of the clock takes no time, never less', () => {
  let readings = 0
  // A reading takes a millisecond while the stopwatch is made, and half of one later.
  const stopwatch = createStopwatch(() => Math.min(readings++, 4_000 + readings / 2))
  for (let k = 0; k < 10; k++) stopwatch.run('short', () => undefined)
  assert.deepEqual([...stopwatch.spent()], [['short', 0]])
})

test('a failure goes through', () => {
  const stopwatch = createStopwatch(() => 0)
  assert.throws(() => stopwatch.run('one', () => assert.fail('it fails')), /it fails/)
})
