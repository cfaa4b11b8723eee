// What `size` and `inspect` say of memory and checkpoints against what a trainer holds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { addAction } from '../../../src/messages.ts'
import { createRecommender } from '../../../src/trainer/lists/recommender.ts'
import { createCore } from '../../../src/trainer/loop/core.ts'
import { footprintOf } from '../../../src/trainer/model/footprint.ts'
import { numbers } from '../../contracts/engine-worlds.ts'
import { configOf } from '../stream.ts'

for (const population of [
  { users: 8_000, items: 1_000, positives: 9 },
  { users: 500, items: 24_000, positives: 60 },
]) {
  test(`arrays and checkpoint of ${JSON.stringify(population)} are what is computed`, () => {
    const { users, items, positives } = population
    const config = configOf({})
    const core = createCore({ config, engine: createWasmEngine(), versionBase: 0 })
    const { learner } = core
    const next = numbers(1)
    for (let item = 0; item < items; item++) learner.remember(item % users, item, 1, addAction)
    while (learner.positives.size < users * positives) {
      learner.remember(Math.floor(next() * users), Math.floor(next() * items), 2, addAction)
    }
    const recommend = createRecommender(learner)
    // The index is made by lists.
    for (let list = 0; list < 20; list++) recommend.toUser(list, 10, 3)
    const own = footprintOf(config, population)
    const rows = learner.networks.flatMap(({ network }) => [...network.tensors().values()])
    const arrays = rows.reduce((sum, { data }) => sum + data.byteLength, learner.positives.bytes)
    const names = 1.25 * 58
    const listed = 1.25 * 18
    const index = items >= 20_000 ? (learner.preference.bytes ?? 0) : 0
    const computed =
      users * (own.perUser - names - listed) +
      items * (own.perItem - names - (items >= 20_000 ? 0 : 304))
    const ratio = (arrays + index) / computed
    assert.ok(
      ratio > 0.7 && ratio < 1.4,
      `${arrays + index} bytes, ${Math.round(computed)} computed`,
    )
    const saved = [...core.snapshot(1).tensors.values()]
    const bytes = saved.reduce((sum, { data }) => sum + data.byteLength, 0)
    const expected = own.checkpoint - own.neighbours
    assert.ok(
      bytes > 0.6 * expected && bytes < 1.3 * expected,
      `${bytes} bytes, ${expected} computed`,
    )
  })
}
