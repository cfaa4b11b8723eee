// At which points an item is taken: by hand, with sessions that end, over a restore, and without what is not known.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Moment } from '../../../src/learn/part.ts'
import { createPoints } from '../../../src/learn/parts/match/points.ts'
import { vectors } from '../../../src/ports/live-state.ts'
import { numbers } from '../../contracts/engine-worlds.ts'
import { momentOf } from '../moments.ts'

const hour = 3_600

/** `ages`: seconds since each of the newest items; `length`: positives in all; `user` -1: one of another worker. */
function momentAt(ages: readonly number[], length = ages.length, user = 0): Moment {
  const history = ages.map((_, l) => 100 + l)
  const { users, ...rest } = momentOf(history, length)
  return { ...rest, user, users: { ...users, historyAges: Float32Array.from(ages) } }
}

/** With how many items taken in the session. */
const moments: readonly [moment: Moment, inSession: number][] = [
  [momentAt([]), 0],
  [momentAt([hour]), 0],
  [momentAt([hour - 1]), 1],
  [momentAt([0, 0, 3_000, 6_000, 6_000 + hour, 6_000 + hour]), 4],
  [momentAt([5 * hour, 5 * hour], 40), 0],
  [momentAt([10, 20, 30], 250), 3],
]

const items = Int32Array.of(0, 3, 9, 2_000)

function featuresOf(points: ReturnType<typeof createPoints>, moment: Moment): number[][] {
  const out = new Float32Array(3 * items.length)
  points.read(moment, items, out, items.length)
  assert.deepEqual([...out.subarray(0, items.length)], [0, 0, 0, 0])
  return [0, 1].map((k) => [...out.subarray((k + 1) * items.length, (k + 2) * items.length)])
}

function saved(points: ReturnType<typeof createPoints>) {
  return { tensors: vectors('of', points.rows(4_000)), facts: points.facts.slice() }
}

test('features are how far a user is from where an item is usually taken', () => {
  const points = createPoints(0)
  const next = numbers(4)
  const all = [0, 0]
  const means = new Map<number, { events: number; values: number[] }>()
  for (let event = 1; event <= 200; event++) {
    const [moment, inSession] = moments[Math.floor(next() * moments.length)]!
    const item = items[Math.floor(next() * 3)]!
    const weight = next() < 0.3 ? 0.5 : 1
    points.observe(moment, item, weight)
    const now = [Math.log(1 + inSession), Math.log(1 + moment.users.historyLength[0]!)]
    const of = means.get(item) ?? { events: 0, values: [...all] }
    of.events += weight
    of.values = of.values.map((mean, k) => mean + (weight / (of.events + 5)) * (now[k]! - mean))
    means.set(item, of)
    now.forEach((one, k) => {
      all[k]! += (one - all[k]!) / event
    })
  }
  for (const [moment, inSession] of moments) {
    const now = [Math.log(1 + inSession), Math.log(1 + moment.users.historyLength[0]!)]
    featuresOf(points, moment).forEach((found, k) => {
      items.forEach((item, x) => {
        const expected = Math.abs((means.get(item)?.values[k] ?? 0) - now[k]!)
        assert.ok(
          Math.abs(found[x]! - expected) < 1e-5,
          `${k} of ${item}: ${found[x]}, ${expected}`,
        )
      })
    })
  }
})

test('a restored one goes on to the last bit, and one without what was counted begins', () => {
  const points = createPoints(0)
  for (let k = 0; k < 50; k++) points.observe(moments[k % 6]![0], items[k % 4]!, 1)
  const { tensors, facts } = saved(points)
  const restored = createPoints(0)
  restored.restore(structuredClone(tensors), 'of', facts)
  for (const one of [points, restored]) one.observe(moments[3]![0], 9, 1)
  assert.deepEqual(saved(restored), saved(points))
  const older = createPoints(0)
  older.restore(new Map(), 'of', [])
  assert.deepEqual(saved(older), saved(createPoints(0)))
})

test('users of other workers count nothing, and what is forgotten is as if it had never been', () => {
  const points = createPoints(0)
  points.observe(moments[5]![0], 3, 1)
  const before = structuredClone(saved(points))
  points.observe(momentAt([0, 0, 0], 3, -1), 3, 1)
  assert.deepEqual(saved(points), before)
  assert.ok(points.rows(10).session[3]! > 0)
  points.forget(3)
  points.forget(9_999)
  assert.deepEqual(points.rows(4_000), createPoints(0).rows(4_000))
})
