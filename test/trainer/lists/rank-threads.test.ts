// Threads that share each list: the same log, seed and settings give the same lists and the same state, whatever the
// number of threads.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { addAction } from '../../../src/messages.ts'
import type { Engine } from '../../../src/ports/engine.ts'
import { createCore } from '../../../src/trainer/loop/core.ts'
import { configOf, play, streamOf } from '../stream.ts'

/** From 20,000 on lists are ranked in stages. */
const items = 40_000
const config = configOf({ factors: 8, depth: 3, effort: 'light', listStaleEvents: 1_000 })
const engines: Engine[] = []
after(() => Promise.all(engines.map((engine) => engine.close?.())))

/** All lists and the state of a run, and how many lists were ranked in stages. */
function run(rankThreads: number) {
  const engine = createWasmEngine({ rankThreads })
  engines.push(engine)
  let staged = 0
  const itemScan = () => {
    const scan = engine.itemScan!()
    const { above } = scan
    return Object.assign(scan, {
      above(threshold: number) {
        staged++
        return above(threshold)
      },
    })
  }
  const core = createCore({ config, engine: { ...engine, itemScan }, versionBase: 0 })
  for (let item = 0; item < items; item++) core.learner.remember(item % 200, item, 1, addAction)
  const lists = play(core, streamOf(1_000))
  return { lists, staged, state: core.snapshot(1).tensors }
}

test('0, 1, 2 and 4 threads give the same lists and leave the same state', () => {
  const alone = run(0)
  assert.ok(
    alone.lists.length > 200 && alone.staged > 200,
    `${alone.staged} of ${alone.lists.length}`,
  )
  for (const threads of [1, 2, 4]) {
    const { lists, staged, state } = run(threads)
    assert.deepEqual(lists, alone.lists)
    assert.equal(staged, alone.staged)
    for (const [name, { data }] of alone.state) assert.deepEqual(state.get(name)?.data, data, name)
  }
})
