// Who reads the changed rows of a network: checkpoints, and whoever follows it, each with notes of its own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { trackChanges } from '../../../src/learn/network/tracked-network.ts'
import type { DrawBatch } from '../../../src/ports/engine.ts'
import type { LiveRows } from '../../../src/ports/live-state.ts'
import { planLearner } from '../../../src/trainer/model/plan.ts'
import { configOf } from '../../trainer/stream.ts'

const { spec } = planLearner(configOf({ factors: 4, effort: 'light' })).networks[0]!

/** One draw of item 2 against item 5, with item 3 as history. */
const batch: DrawBatch = {
  ...{ count: 1, negatives: 1, choices: 1 },
  userRows: Int32Array.of(-1),
  historyStart: Int32Array.of(0, 1),
  historyItems: Int32Array.of(3),
  historyAges: Float32Array.of(60),
  historyLength: Int32Array.of(1),
  positives: Int32Array.of(2),
  candidates: Int32Array.of(5),
  direct: Float32Array.of(0.5),
  mirrored: Float32Array.of(0.5),
}

function changed({ changed, rows }: LiveRows): number[] {
  const found: number[] = []
  for (let run = changed.take(0, rows, rows); run; run = changed.take(run.to, rows, rows)) {
    for (let row = run.from; row < run.to; row++) found.push(row)
  }
  return found
}

test('a step is noted for checkpoints and for a follower, what others write for checkpoints alone', () => {
  const network = trackChanges(createWasmEngine().create(spec, 1))
  network.grow(0, 8)
  const [items, sources] = network.state.live
  const [ownItems, ownSources] = network.follow()
  for (const rows of [items!, sources!, ownItems!, ownSources!]) rows.changed.clear(rows.rows)
  network.step(batch, 'each')
  // Row 0 of the context is that of the start item.
  assert.deepEqual(
    [changed(ownItems!), changed(ownSources!)],
    [
      [2, 5],
      [0, 4],
    ],
  )
  assert.deepEqual(
    [changed(items!), changed(sources!)],
    [
      [2, 5],
      [0, 4],
    ],
  )
  network.tell('items', Int32Array.of(6))
  network.tell('sources', Int32Array.of(7))
  assert.deepEqual([changed(items!), changed(sources!)], [[6], [7]])
  assert.deepEqual([changed(ownItems!), changed(ownSources!)], [[], []])
})
