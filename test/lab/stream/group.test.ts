// A stream divided among workers: with updates they are nearly as good as one, without they are not; one worker alone
// gains nothing and loses nothing by them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { arrivalsOf } from '../../../src/lab/stream/arrivals.ts'
import { type GroupResult, replayGroup } from '../../../src/lab/stream/group.ts'
import { createWorld } from '../../../src/world/world.ts'
import { configOf } from '../../trainer/stream.ts'

const world = createWorld({ seed: 3, users: 300, items: 200, events: 3_000, days: 20, undo: 0 })
const arrivals = arrivalsOf([...world.interactions()])

function played(workers: number, shareEvents: number, numbersMax = 1e6): Promise<GroupResult> {
  return replayGroup(arrivals, {
    config: configOf({ effort: 'light', model: 'nbpr', factors: 8 }),
    engine: createWasmEngine(),
    ...{ workers, shareEvents, numbersMax, processorMs: () => 0 },
  })
}

const hit = ({ quality }: GroupResult): number => quality.model!.last30.hr10!

test('four workers that share are near one, and well before four that do not', async () => {
  const [one, apart, together] = [await played(1, 0), await played(4, 0), await played(4, 200)]
  const gap = hit(one) - hit(apart)
  assert.ok(gap > 0.03, `apart ${hit(apart)}, one ${hit(one)}`)
  assert.ok(hit(one) - hit(together) < gap / 2, `together ${hit(together)}, one ${hit(one)}`)
  assert.ok(together.bytesPerEvent > 0 && apart.bytesPerEvent === 0)
  assert.equal(one.events.all > 0, true)
})

test('the same figures every time; little room makes small records, and the rest goes with later ones', async () => {
  const [roomy, narrow] = [await played(2, 400), await played(2, 400, 3_000)]
  assert.deepEqual((await played(2, 400)).quality, roomy.quality)
  assert.equal(narrow.records, roomy.records)
  // Names, events and the rows of no item go in any case.
  assert.ok(narrow.bytesPerEvent < roomy.bytesPerEvent * 0.75)
  assert.ok(hit(narrow) > hit(roomy) - 0.05, `${hit(narrow)} with little room, ${hit(roomy)}`)
})
