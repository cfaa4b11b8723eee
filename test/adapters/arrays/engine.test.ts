// The engine of plain loops: the contract, and its derived gradients against central differences.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import type { NetworkSpec } from '../../../src/ports/engine.ts'
import { engineContract } from '../../contracts/engine.ts'
import { gradientError, plain } from '../../contracts/engine-gradients.ts'
import { draws, historySpec, rowsSpec } from '../../contracts/engine-worlds.ts'

const learned = { output: 'learned', itemBias: false } as const
const adam = { kind: 'adam', rate: 0.01, l2: 0 } as const

engineContract({
  make: createArraysEngine,
  specs: [
    historySpec({ factors: 6 }),
    rowsSpec({ factors: 8, rows: { kind: 'sgd', rate: 0.5, l2: 0.01 } }),
    historySpec({ factors: 4, model: 'neupr', rows: adam, bias: adam }),
    rowsSpec({ factors: 4, model: 'neupr', ...learned }),
    rowsSpec({ factors: 4, model: 'neupr', tower: 'joint', ...learned }),
    historySpec({ factors: 4, model: 'dncr', tower: 'joint', rows: adam, ...learned }),
    rowsSpec({ factors: 4, model: 'dncr', depth: 3, rows: adam, ...learned }),
  ],
})

describe('gradients against central differences', () => {
  for (const spec of shapes()) {
    const name = `${spec.users} ${spec.model} ${spec.tower} depth ${spec.depth} ${spec.output}`
    test(name, () => {
      const world = { seed: 2, count: 5, users: 5, items: 12, history: 8, varied: true }
      const batch = { ...draws(spec, world), mirrored: new Float32Array([0.3, 0, 0.2, 0.1]) }
      const error = gradientError(createArraysEngine(), plain(spec), batch)
      assert.ok(error <= 1e-6, `relative error ${error}`)
    })
  }
})

function* shapes(): Generator<NetworkSpec> {
  for (const make of [historySpec, rowsSpec]) {
    for (const output of [{ output: 'ones' } as const, learned]) {
      yield make({ factors: 4, ...output })
      for (let depth = 1; depth <= 6; depth++) {
        yield make({ factors: 4, model: depth % 2 ? 'dncr' : 'neupr', depth, ...output })
      }
    }
    for (let depth = 1; depth <= 6; depth++) {
      const model = depth % 2 ? 'neupr' : 'dncr'
      yield make({ factors: 4, model, tower: 'joint', depth, ...learned })
    }
  }
}
