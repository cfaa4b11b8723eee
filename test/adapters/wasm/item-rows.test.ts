// Scores of a few items are those of the whole catalogue to the last bit, and products with the rows given out.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import type { NetworkSpec } from '../../../src/ports/engine.ts'
import { draws, historySpec, numbers, rowsSpec } from '../../contracts/engine-worlds.ts'

const specs: Record<string, NetworkSpec> = {
  'history, NBPR': historySpec(),
  'history, NBPR, odd widths': historySpec({ factors: 5 }),
  'history, DNCR': historySpec({ model: 'dncr' }),
  'history, both': historySpec({ model: 'neupr', factors: 6 }),
  'rows, NBPR': rowsSpec({ factors: 7 }),
  'rows, without biases': rowsSpec({ itemBias: false }),
}

const engine = createWasmEngine()
const items = 97

for (const [name, spec] of Object.entries(specs)) {
  test(`${name}: some scores are those of all, and changed rows are told`, () => {
    const next = numbers(3)
    const network = engine.create(spec, 5)
    network.grow(20, items)
    const rows = network.rows!
    const columns = rows.widths.reduce((sum, width) => sum + width, 0)
    const told = new Set<number>()
    rows.watch((changed) => {
      for (const item of changed ?? []) told.add(item)
    })
    const before = rows.blocks(0, items).map((block) => block.slice())
    const batch = draws(spec, { seed: 1, count: 4, users: 20, items, history: 9 })
    network.step(batch, 'each')
    const after = rows.blocks(0, items)
    for (let item = 0; item < items; item++) {
      const isOther = rows.widths.some((width, p) => {
        const own = (of: Float32Array) => of.subarray(item * width, (item + 1) * width)
        return own(before[p]!).some((value, d) => value !== own(after[p]!)[d])
      })
      if (isOther) assert.ok(told.has(item), `item ${item} has changed`)
    }
    assert.ok(told.size > 0 && told.size < items)

    const users = draws(spec, { seed: 2, count: 1, users: 20, items, history: 9 })
    const onto = Float32Array.from({ length: items }, () => next() - 0.5)
    const all = network.scoreAll(users, items, 0.3, onto).slice()
    const query = new Float32Array(columns + 2)
    rows.query(users, 0.3, query, 1)
    const own = query.subarray(1, columns + 1)
    const some = Int32Array.from({ length: 40 }, () => Math.floor(items * next()))
    for (const count of [0, 1, 2, 7, 40]) {
      const scores = Float32Array.from(some, (item) => onto[item]!)
      rows.addScores(own, 0.3, some, count, scores)
      for (let x = 0; x < some.length; x++) {
        const item = some[x]!
        assert.equal(scores[x], x < count ? all[item] : onto[item], `${x} of ${count}`)
      }
    }
    for (const item of some) {
      const row = rows.blocks(item, 1).flatMap((block) => [...block])
      const product = row.reduce((sum, value, d) => sum + value * own[d]!, 0)
      const close = Math.abs(onto[item]! + product - all[item]!)
      assert.ok(close < 1e-5, `item ${item} is off by ${close}`)
    }
    assert.throws(() => rows.addScores(own, 1, Int32Array.of(items), 1, onto), RangeError)
  })
}

test('restored rows are all told; where only pairs can be compared there are no rows', () => {
  const spec = historySpec()
  const network = engine.create(spec, 5)
  network.grow(3, 9)
  let all = 0
  network.rows!.watch((changed) => {
    if (changed === undefined) all++
  })
  network.restore(
    new Map([...network.tensors()].map(([name, one]) => [name, structuredClone(one)])),
  )
  assert.equal(all, 1)
  assert.equal(
    engine.create(
      historySpec({ model: 'dncr', tower: 'joint', output: 'learned', itemBias: false }),
      5,
    ).rows,
    undefined,
  )
  const adam = { kind: 'adam', rate: 0.001, l2: 0 } as const
  assert.equal(engine.create(historySpec({ rows: adam }), 5).rows, undefined)
})
