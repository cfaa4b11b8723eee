// The measure on the whole catalogue: which events, among which items, against a plain count of popularity.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { arrivalsOf } from '../../../src/lab/stream/arrivals.ts'
import { createWholeCatalogue } from '../../../src/lab/stream/whole-catalogue.ts'
import { addAction } from '../../../src/messages.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { createLearner } from '../../../src/trainer/model/learner.ts'
import { configOf } from '../../trainer/stream.ts'

test('every twentieth known event of the last 30 % is ranked among all that the user lacks', () => {
  const random = createRandom(3)
  const rows = Array.from({ length: 2_000 }, (_, k) => {
    // Some items are popular, and some come late.
    const item = random.below(4) === 0 ? `new${Math.floor(k / 9)}` : `i${random.below(8) ** 2}`
    return { user: `u${random.below(150)}`, item, timestamp: k }
  })
  const arrivals = arrivalsOf(rows)
  const { users, items, times, count } = arrivals
  const learner = createLearner(
    configOf({ parts: 'history,trend', model: 'nbpr', factors: 4, effort: 'light' }),
    createWasmEngine(),
  )
  const asked: number[][] = []
  const whole = createWholeCatalogue(arrivals, learner, {
    popularity(_moment, all, out) {
      asked.push([...all])
      for (let x = 0; x < all.length; x++) out[x] = learner.prequential.popularity(all[x]!)
    },
    nothing: (_moment, all, out) => void out.fill(0, 0, all.length),
    model: learner.score,
  })
  const had = new Map<number, Set<number>>()
  const events = new Map<number, number>()
  const expected: { among: number[]; hit: boolean }[] = []
  let met = 0
  for (let place = 0; place < count; place++) {
    const [user, item] = [users[place]!, items[place]!]
    const own = had.get(user) ?? new Set()
    had.set(user, own)
    if (place >= 0.7 * count && !own.has(item) && events.has(item) && met++ % 20 === 0) {
      const others = [...events.keys()].filter((other) => other !== item && !own.has(other))
      const popularity = (one: number) => events.get(one)!
      const above = others.filter((other) => popularity(other) > popularity(item)).length
      const equal = others.filter((other) => popularity(other) === popularity(item)).length
      const among = [item, ...others.sort((a, b) => a - b)]
      expected.push({ among, hit: above + equal / 2 <= 9 })
    }
    whole.rank(place)
    learner.apply(user, item, times[place]!, addAction, 1)
    if (!own.has(item)) events.set(item, (events.get(item) ?? 0) + 1)
    own.add(item)
  }
  assert.ok(expected.length >= 10)
  assert.deepEqual(
    asked,
    expected.map(({ among }) => among),
  )
  const { events: ranked, quality } = whole.result()
  assert.equal(ranked, expected.length)
  const hits = expected.filter(({ hit }) => hit).length
  assert.ok(hits > 0 && hits < expected.length)
  assert.ok(Math.abs(quality.popularity!.hr10! - hits / expected.length) < 1e-12)
  assert.equal(quality.nothing!.hr10, 0, 'who says nothing is in the middle')
  assert.ok(quality.model!.hr10! > 0)
})
