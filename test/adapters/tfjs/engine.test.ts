// The reference on pure JavaScript: the contract, and automatic differentiation against central
// differences. Few and small worlds: its speed is not its business.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createTfjsEngine } from '../../../src/adapters/tfjs/engine.ts'
import { engineContract } from '../../contracts/engine.ts'
import { gradientError, plain } from '../../contracts/engine-gradients.ts'
import { draws, historySpec, rowsSpec } from '../../contracts/engine-worlds.ts'
import { reference, skip } from './reference.ts'

describe('the reference', { skip }, () => {
  const loaded = reference()
  const make = () => createTfjsEngine(loaded)
  const learned = { output: 'learned', itemBias: false } as const
  const adam = { kind: 'adam', rate: 0.01, l2: 0 } as const

  engineContract({
    make,
    specs: [
      historySpec({ factors: 4, model: 'neupr', depth: 3, rows: adam, bias: adam }),
      rowsSpec({ factors: 4, model: 'neupr', tower: 'joint', ...learned }),
    ],
  })

  describe('gradients against central differences', () => {
    for (const tower of ['user', 'joint'] as const) {
      for (let depth = 1; depth <= 6; depth++) {
        const make2 = depth % 2 ? historySpec : rowsSpec
        const spec = make2({ factors: 4, model: 'neupr', tower, depth, ...learned })
        test(`${spec.users} ${tower} depth ${depth}`, () => {
          const count = depth > 4 ? 2 : 4
          const world = { seed: 2, count, users: 5, items: 12, history: 8, varied: true }
          const batch = { ...draws(spec, world), mirrored: new Float32Array([0.3, 0, 0.2, 0.1]) }
          const error = gradientError(make(), plain(spec), batch)
          assert.ok(error <= 1e-4, `relative error ${error}`)
        })
      }
    }
  })

  test('a step leaves no tensor behind', () => {
    const spec = historySpec({ factors: 4, model: 'neupr' })
    const network = make().create(spec, 1)
    network.grow(5, 30)
    const batch = draws(spec, { seed: 1, count: 4, users: 5, items: 30, history: 9 })
    network.step(batch, 'together')
    const before = loaded.tf.memory().numTensors
    for (let step = 0; step < 5; step++) {
      network.step(batch, 'together')
      network.step(batch, 'each')
      network.score(batch, Int32Array.of(1, 2), new Float32Array(8))
      network.compare(batch, Int32Array.of(1), Int32Array.of(2), 1, new Float32Array(1))
    }
    assert.equal(loaded.tf.memory().numTensors, before)
  })
})
