// Growth of a memory: an ordinary one would detach its buffer, and slow all of its thread from then on. And what a call
// leaves in it for the next.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { createKernel } from '../../../src/adapters/wasm/kernel/kernel.ts'
import { createSequenceKernel } from '../../../src/adapters/wasm/sequence/kernel.ts'
import type { DrawBatch, Network } from '../../../src/ports/engine.ts'
import { copyOf } from '../../contracts/engine.ts'
import { draws, historySpec, rowsSpec } from '../../contracts/engine-worlds.ts'

test('what a memory held before it grew stays readable: no buffer is detached', () => {
  for (const kernel of [createKernel(), createSequenceKernel()]) {
    const before = kernel.ints
    const { length } = before
    before[length - 1] = 7
    kernel.reserve(2 * before.byteLength)
    assert.notEqual(kernel.ints, before)
    assert.equal(before.length, length)
    assert.equal(before[length - 1], 7)
    kernel.ints[length - 1] = 8
    assert.equal(before[length - 1], 8)
  }
})

test('a memory counts for what is collected, and takes no room before it is used', () => {
  const bytes = 2 ** 28
  const kernel = createKernel()
  const before = process.memoryUsage()
  assert.ok(kernel.reserve(bytes))
  const after = process.memoryUsage()
  const [counted, resident] = [after.external - before.external, after.rss - before.rss]
  assert.ok(counted > bytes / 2, `V8 knows of ${counted} bytes of ${bytes}`)
  assert.ok(resident < bytes / 2, `${resident} bytes are resident`)
})

test('what a score has read of a user is used again by a step, and only as long as it holds', () => {
  const adam = { kind: 'adam', rate: 0.01, l2: 0 } as const
  const learned = { output: 'learned', itemBias: false } as const
  const specs = [
    ...[historySpec(), historySpec({ model: 'dncr', depth: 3 }), historySpec({ rows: adam })],
    ...[rowsSpec(), rowsSpec({ model: 'neupr', depth: 2, ...learned })],
  ]
  const world = { users: 9, items: 40, history: 12 }
  const items = Int32Array.from({ length: 20 }, (_, x) => 2 * x)
  const between: Record<string, (network: Network, batch: DrawBatch) => void> = {
    nothing: () => undefined,
    'a score of somebody else': (network) => {
      const other = draws(network.spec, { ...world, seed: 7, count: 1 })
      network.score(other, items, new Float32Array(20))
    },
    'scores of all items': (network, batch) => void network.scoreAll(batch, 40),
    'a step': (network) => {
      network.step(draws(network.spec, { ...world, seed: 8, count: 3 }), 'each')
    },
    'rows that begin anew': (network, { userRows, historyItems }) => {
      network.renew('items', historyItems.slice(0, 3))
      network.renew('users', userRows)
    },
    'many more rows': (network) => network.grow(90, 4_000),
    'somebody older': (_, { historyAges, historyLength, userRows }) => {
      historyAges[0]! += 1
      historyLength[0]! += 1
      userRows[0] = (userRows[0]! + 1) % 9
    },
  }
  for (const spec of specs) {
    for (const [what, change] of Object.entries(between)) {
      for (const count of [1, 3]) {
        const [one, other] = [true, false].map((isUntouched) => {
          const network = createWasmEngine().create(spec, 3)
          network.grow(9, 40)
          for (let k = 0; k < 5; k++) {
            const batch = draws(spec, { ...world, seed: 20 + k, count })
            network.score({ ...batch, count: 1 }, items, new Float32Array(20))
            change(network, batch)
            network.step(batch, 'each', isUntouched)
          }
          return copyOf(network)
        })
        assert.deepEqual(one, other, `${spec.users} ${spec.model}, ${what}, ${count} draws`)
      }
    }
  }
})

test('the promise that nothing was written counts: what is written all the same is not read by the step', () => {
  const spec = historySpec()
  const batch = draws(spec, { seed: 5, count: 1, users: 9, items: 40, history: 12 })
  const losses = [true, false].map((isUntouched) => {
    const network = createWasmEngine().create(spec, 3)
    network.grow(9, 40)
    // There is room for all of it from now on.
    network.step(batch, 'each')
    const context = network.tensors().get(`${spec.name}/nbpr.context`)!.data
    network.score(batch, Int32Array.of(1, 2), new Float32Array(2))
    for (let at = 0; at < context.length; at++) context[at] = 9 * Math.sin(at)
    return network.step(batch, 'each', isUntouched)
  })
  assert.ok(Math.abs(losses[0]! - losses[1]!) > 1e-3, `${losses}`)
})
