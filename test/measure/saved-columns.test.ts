// The measures of a checkpoint under the rankers of today: whoever is known goes on, and nobody gets another's figures.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPrequential } from '../../src/measure/prequential.ts'
import { Positives } from '../../src/remember/positives.ts'
import { createRandom } from '../../src/sample/random.ts'
import { configOf } from '../trainer/stream.ts'

const older = ['model', 'rows', 'without.rows']
const today = ['model', 'rows', 'without.rows', 'hidden-layer', 'without.hidden-layer']

function open(names: readonly string[]) {
  const positives = new Positives({ ...configOf({}), hidesEqualTimes: false })
  for (let item = 0; item < 300; item++) positives.see(0, item)
  return createPrequential(positives, createRandom(1), names)
}

/** Ranker r hits every (r + 1)-th event. */
function play(
  prequential: ReturnType<typeof open>,
  names: readonly string[],
  events: number,
): void {
  for (let k = 0; k < events; k++) {
    prequential.predict(0, 20, 10, (of) =>
      names.map((_, r) => of.map((__, x) => ((x === 0) === (k % (r + 1) === 0) ? 1 : 0)) as never),
    )
  }
}

function hitsOf(prequential: ReturnType<typeof open>, segment: 'all' | 'window') {
  const found = Object.entries(prequential.quality()[segment])
  return Object.fromEntries(found.map(([name, { hits, events }]) => [name, [hits, events]]))
}

for (const hasNames of [true, false]) {
  const how = hasNames ? 'with' : 'without'
  test(`a model that gains a layer keeps the figures of the others, ${how} saved names`, () => {
    const before = open(older)
    play(before, older, 12)
    const saved = new Map(before.save())
    if (!hasNames) saved.delete('prequential.rankers')
    const now = open(today)
    now.restore(saved)
    for (const segment of ['all', 'window'] as const) {
      const { model, rows, ...others } = hitsOf(now, segment)
      assert.deepEqual(
        [model, rows, others['without.rows']],
        [
          [12, 12],
          [6, 12],
          [4, 12],
        ],
      )
      // Without a layer the model was that.
      assert.deepEqual(others['without.hidden-layer'], [12, 12])
      assert.deepEqual(others['hidden-layer'], [0, 12])
    }
    play(now, today, 12)
    assert.deepEqual(hitsOf(now, 'all').model, [24, 24])
    const back = open(older)
    back.restore(now.save())
    assert.deepEqual(hitsOf(back, 'window').rows, [12, 24])
  })
}

test('measures of who knows how many rankers begin anew', () => {
  const before = open(['model', 'x', 'y', 'z'])
  play(before, ['model', 'x', 'y', 'z'], 12)
  const saved = new Map(before.save())
  saved.delete('prequential.rankers')
  const now = open(today)
  now.restore(saved)
  assert.deepEqual(hitsOf(now, 'all').model, [0, 0])
  assert.deepEqual(hitsOf(now, 'window').model, [0, 0])
})
