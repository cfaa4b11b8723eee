// What only many draws or many updates reach: several chunks and shards, sums of gradients found by their hashes, rows
// that have missed more updates than there are known terms for. Beside the plain loops.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import type { DrawBatch, NetworkSpec } from '../../../src/ports/engine.ts'
import { apart } from '../../contracts/engine-agreement.ts'
import { draws, historySpec, rowsSpec } from '../../contracts/engine-worlds.ts'

const engines = [createWasmEngine(), createArraysEngine()] as const
const joint = { tower: 'joint', output: 'learned', itemBias: false, noise: 0.1 } as const
const adam = { kind: 'adam', rate: 0.003, l2: 0.001 } as const
const adagrad = { kind: 'adagrad', rate: 0.1, l2: 0.006, start: 0.1 } as const
const sgd = { kind: 'sgd', rate: 0.5, l2: 0.01 } as const
const few = { users: 6, items: 25 }
const many = { users: 3_000, items: 2_000 }

const specs: readonly NetworkSpec[] = [
  rowsSpec({ ...joint, model: 'neupr', factors: 8, rows: adam }),
  rowsSpec({ ...joint, model: 'neupr', factors: 6, depth: 2, rows: adagrad }),
  rowsSpec({ ...joint, model: 'dncr', factors: 5, depth: 3, rows: sgd }),
  rowsSpec({ ...joint, model: 'dncr', factors: 4, depth: 1, rows: adam }),
  historySpec({ ...joint, model: 'neupr', factors: 8, rows: adam }),
  rowsSpec({ factors: 7, rows: adam }),
]

for (const spec of specs) {
  const { users, model, factors, depth, rows } = spec
  test(`${users} ${model} f ${factors} depth ${depth} ${rows.kind}: 300 draws as in plain loops`, () => {
    for (const rows of [few, many]) {
      for (const negatives of [1, 3]) {
        const batches = Array.from({ length: 4 }, (_, seed) => {
          const world = { ...rows, seed, count: 300, history: 12, varied: true, negatives }
          const batch = draws(spec, { ...world, choices: 1 })
          batch.mirrored.fill(0.2)
          return batch
        })
        const worst = apart(engines, spec, rows, batches)
        assert.ok(worst <= 1e-5, `${rows.users} users, ${negatives} negatives: ${worst}`)
      }
    }
  })
}

test('rows that have missed few, many and very many updates are where dense Adam would have moved them', () => {
  const spec = rowsSpec({ ...joint, model: 'neupr', factors: 4, rows: adam })
  const rows = { users: 40, items: 60 }
  const world = { ...rows, history: 0, negatives: 1, choices: 1 }
  const alike = (seed: number, count: number): DrawBatch => {
    const batch = draws(spec, { ...world, seed, count })
    batch.mirrored.fill(0.2)
    return batch
  }
  // Users and items below 30 learn once; each of the gaps then sees two of them again, and all else is for others.
  const all = alike(1, 30)
  all.userRows.forEach((_, k) => {
    all.userRows[k] = k
    all.positives[k] = k
  })
  const gaps = [3, 40, 250, 256, 257, 258, 300, 700]
  const others = Array.from({ length: 700 }, (_, n) => {
    const batch = alike(2 + n, 6)
    const due = gaps.indexOf(n + 1)
    batch.userRows.fill(due < 0 ? 39 : due)
    batch.positives.fill(due < 0 ? 58 : 2 * due)
    batch.candidates.fill(due < 0 ? 59 : 2 * due + 1)
    return batch
  })
  const worst = apart(engines, spec, rows, [all, ...others])
  assert.ok(worst <= 1e-5, `${worst}`)
})
