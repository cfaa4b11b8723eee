// A network that has made room for all rows that are expected holds the numbers of one that grows as it must.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { draws, historySpec } from '../../contracts/engine-worlds.ts'

test('room for rows that are expected changes no number', () => {
  const spec = historySpec({ factors: 4 })
  const engine = createWasmEngine()
  const networks = [engine.create(spec, 1), engine.create(spec, 1, { users: 0, items: 150_000 })]
  for (const items of [100, 70_000, 70_001, 120_000, 200_000]) {
    for (const network of networks) {
      network.grow(0, items)
      network.step(draws(spec, { seed: items, count: 8, users: 1, items, history: 20 }), 'each')
    }
    const [grown, roomy] = networks.map((network) => network.tensors())
    for (const [name, { shape, data }] of grown!) {
      assert.deepEqual(roomy!.get(name)?.shape, shape)
      assert.ok(
        Buffer.from(data.buffer, data.byteOffset, data.byteLength).equals(
          (({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))(
            roomy!.get(name)!.data,
          ),
        ),
        `${name} at ${items} items`,
      )
    }
  }
})
