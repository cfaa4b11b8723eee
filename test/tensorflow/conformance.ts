// The engine's whole conformance suite on real TensorFlow, through @tensorflow/tfjs-node. Not a unit
// test: the library has to be there (npm run tensorflow), and without it this fails. test:tensorflow.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { createArraysEngine } from '../../src/adapters/arrays/engine.ts'
import { createTfjsEngine } from '../../src/adapters/tfjs/engine.ts'
import { loadTensors } from '../../src/adapters/tfjs/load.ts'
import { createByHand } from '../bench/by-hand.ts'
import { engineContract } from '../contracts/engine.ts'
import { covering, disagreement, nameOf } from '../contracts/engine-agreement.ts'
import { type Golden, goldenError, goldenOf } from '../contracts/engine-golden.ts'
import { gradientError, plain } from '../contracts/engine-gradients.ts'
import { draws, historySpec, rowsSpec } from '../contracts/engine-worlds.ts'

const TOLERANCE = 1e-5
const loaded = await loadTensors('native', process.env)
const native = createTfjsEngine(loaded)
const learned = { output: 'learned', itemBias: false } as const
const adam = { kind: 'adam', rate: 0.01, l2: 0 } as const

test('it is TensorFlow that computes', () => {
  assert.equal(native.name, 'tensorflow')
  assert.equal(loaded.tf.getBackend(), 'tensorflow')
})

engineContract({
  make: () => native,
  specs: [
    historySpec({ factors: 6 }),
    historySpec({ factors: 4, model: 'neupr', depth: 3, rows: adam, bias: adam }),
    rowsSpec({ factors: 4, model: 'neupr', tower: 'joint', ...learned }),
    rowsSpec({ factors: 4, model: 'dncr', depth: 3, rows: adam, ...learned }),
  ],
})

describe('gradients against central differences', () => {
  for (const tower of ['user', 'joint'] as const) {
    for (let depth = 1; depth <= 6; depth++) {
      const spec = historySpec({ factors: 4, model: 'neupr', tower, depth, ...learned })
      test(`${tower} depth ${depth}`, () => {
        const world = { seed: 2, count: 4, users: 5, items: 12, history: 8, varied: true }
        const error = gradientError(native, plain(spec), draws(spec, world))
        assert.ok(error <= 1e-4, `relative error ${error}`)
      })
    }
  }
})

describe('100 steps of plain loops and of TensorFlow', () => {
  for (const one of covering()) {
    test(nameOf(one), () => {
      const apart = disagreement(createArraysEngine(), native, one)
      assert.ok(apart <= TOLERANCE, `relative difference ${apart}`)
    })
  }
})

test('TensorFlow gives the recorded numbers', () => {
  const file = new URL('../../../test/golden/engine-steps.json', import.meta.url)
  const recorded: Golden[] = JSON.parse(readFileSync(file, 'utf8'))
  const error = goldenError(goldenOf(native), recorded)
  assert.ok(error <= TOLERANCE, `relative difference ${error}`)
})

test('the opponent of the benches, written by hand, learns what the engine learns', () => {
  const spec = rowsSpec({
    ...{ factors: 8, model: 'neupr', tower: 'joint', ...learned },
    rows: { kind: 'adam', rate: 0.001, l2: 0 },
  })
  const network = createArraysEngine().create(spec, 1)
  // So few rows that each step touches all: else one of the two would still settle what rows have missed.
  network.grow(4, 6)
  const step = createByHand(loaded.tf, network)
  const before = loaded.tf.memory().numTensors
  for (let seed = 0; seed < 100; seed++) {
    const world = { seed, count: 64, users: 4, items: 6, history: 0, negatives: 1, choices: 1 }
    const batch = draws(spec, world)
    batch.mirrored.fill(1)
    const [loss, own] = [network.step(batch, 'together'), step(batch)]
    assert.ok(Math.abs(own - loss) <= 1e-4 * loss, `step ${seed}: ${own}, engine ${loss}`)
  }
  assert.equal(loaded.tf.memory().numTensors, before)
})

test('a step leaves no tensor behind', () => {
  const spec = rowsSpec({ factors: 4, model: 'neupr', tower: 'joint', ...learned })
  const network = native.create(spec, 1)
  network.grow(5, 30)
  const batch = draws(spec, { seed: 1, count: 4, users: 5, items: 30, history: 9 })
  network.step(batch, 'together')
  const before = loaded.tf.memory().numTensors
  for (let step = 0; step < 20; step++) network.step(batch, step % 2 ? 'each' : 'together')
  assert.equal(loaded.tf.memory().numTensors, before)
})
