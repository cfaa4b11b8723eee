// The engine of WebAssembly kernels: the contract, derivatives against central differences, and the numbers of
// the plain loops.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { memoryOf } from '../../../src/adapters/wasm/memory/memory-limit.ts'
import { Failure } from '../../../src/errors.ts'
import type { NetworkSpec } from '../../../src/ports/engine.ts'
import { copyOf, engineContract } from '../../contracts/engine.ts'
import { covering, disagreement, nameOf } from '../../contracts/engine-agreement.ts'
import { type Golden, goldenError, goldenOf } from '../../contracts/engine-golden.ts'
import { gradientError, plain } from '../../contracts/engine-gradients.ts'
import { pairwiseRankerContract } from '../../contracts/engine-pairwise-ranker.ts'
import { draws, historySpec, rowsSpec } from '../../contracts/engine-worlds.ts'

const wasm = createWasmEngine()
const learned = { output: 'learned', itemBias: false } as const
const adam = { kind: 'adam', rate: 0.01, l2: 0 } as const
const sgd = { kind: 'sgd', rate: 0.5, l2: 0.01 } as const

engineContract({
  make: () => wasm,
  specs: [
    historySpec({ factors: 6 }),
    historySpec(),
    rowsSpec({ factors: 8, rows: sgd }),
    rowsSpec({ factors: 33, bias: sgd }),
    historySpec({ factors: 4, model: 'neupr', rows: adam, bias: adam }),
    rowsSpec({ factors: 7, model: 'neupr', ...learned }),
    rowsSpec({ factors: 4, model: 'dncr', depth: 3, rows: adam, ...learned }),
    rowsSpec({ factors: 5, model: 'neupr', tower: 'joint', ...learned }),
    historySpec({ factors: 4, model: 'dncr', tower: 'joint', rows: adam, ...learned }),
  ],
})

pairwiseRankerContract(wasm)

test('a joint tower whose item projections would pass their bound offers no pairwise ranker', () => {
  const spec = rowsSpec({ factors: 8, model: 'neupr', tower: 'joint', ...learned })
  const batch = draws(spec, { seed: 1, count: 1, users: 9, items: 50, history: 0 })
  // 72 numbers an item: A, B and the row of NBPR.
  for (const [bytes, has] of [
    [50 * 288, true],
    [50 * 288 - 1, false],
  ] as const) {
    const network = createWasmEngine({ projectionBytesMax: bytes }).create(spec, 1)
    network.grow(9, 50)
    assert.equal(network.pairwiseRanker?.(batch) !== undefined, has)
  }
})

describe('gradients against central differences', () => {
  for (const spec of shapes()) {
    test(`${spec.users} ${spec.model} ${spec.tower} depth ${spec.depth} ${spec.output} f ${spec.factors}`, () => {
      // A deep tower is as wide as two to its depth: few draws of it cost as much as many of the others.
      const count = spec.depth > 4 ? 2 : 5
      const world = { seed: 2, count, users: 5, items: 12, history: 8, varied: true }
      for (const second of [0, 0.4]) {
        const mirrored = new Float32Array([0.3, second, 0.2, 0.1])
        const error = gradientError(wasm, plain(spec), { ...draws(spec, world), mirrored })
        assert.ok(error <= 1e-4, `relative error ${error}`)
      }
    })
  }
})

function* shapes(): Generator<NetworkSpec> {
  for (const make of [historySpec, rowsSpec]) {
    for (const output of [{ output: 'ones' } as const, learned]) {
      yield make({ factors: 7, ...output })
      for (let depth = 1; depth <= 6; depth++) {
        const factors = depth > 4 ? 4 : 5
        yield make({ factors, model: depth % 2 ? 'dncr' : 'neupr', depth, ...output })
      }
    }
    for (let depth = 1; depth <= 6; depth++) {
      const model = depth % 2 ? 'neupr' : 'dncr'
      yield make({ factors: 4, model, tower: 'joint', depth, ...learned })
    }
  }
}

/** Held to the reference by a test of its own, and much faster. */
const arrays = createArraysEngine()

describe('100 steps of the kernels and of the plain loops', () => {
  for (const one of covering()) {
    test(nameOf(one), () => {
      const apart = disagreement(wasm, arrays, one)
      assert.ok(apart <= 1e-5, `relative difference ${apart}`)
    })
  }
})

test('the kernels give the recorded numbers', () => {
  const file = new URL('../../../../test/golden/engine-steps.json', import.meta.url)
  const recorded: Golden[] = JSON.parse(readFileSync(file, 'utf8'))
  const error = goldenError(goldenOf(wasm), recorded)
  assert.ok(error <= 1e-5, `relative difference ${error}`)
})

test('more pairs than a chunk holds, and choices among them, are learned as by the plain loops', () => {
  const shape = { model: 'neupr', tower: 'joint', factors: 6, noise: 0.1, ...learned } as const
  for (const make of [rowsSpec, historySpec]) {
    const spec = make(shape)
    const world = { seed: 9, count: 9, users: 9, items: 60, history: 7, varied: true }
    const batch = draws(spec, { ...world, negatives: 21, choices: 40 })
    batch.mirrored.fill(0.01)
    const [one, other] = [wasm, arrays].map((engine) => {
      const network = engine.create(spec, 2)
      network.grow(9, 60)
      network.step(batch, 'together')
      network.step(batch, 'each')
      return network
    })
    const z = [one!, other!].map((network) => {
      const out = new Float32Array(60)
      const first = Int32Array.from({ length: 60 }, (_, x) => x)
      network.compare(batch, first, first.slice().reverse(), 60, out)
      return out
    })
    z[0]!.forEach((x, n) => {
      assert.ok(Math.abs(x - z[1]![n]!) < 1e-5, `${n}: ${x}, ${z[1]![n]}`)
    })
  }
})

test('an item that comes twice in a history counts twice and is updated once', () => {
  for (const updates of ['each', 'together'] as const) {
    const spec = historySpec({ factors: 5 })
    const network = wasm.create(spec, 3)
    const twin = arrays.create(spec, 3)
    const batch = draws(spec, { seed: 4, count: 3, users: 3, items: 20, history: 12 })
    batch.historyItems.copyWithin(2, 0, 3)
    for (const one of [network, twin]) {
      one.grow(3, 20)
      one.step(batch, updates)
    }
    for (const [name, { data }] of twin.tensors()) {
      const mine = network.tensors().get(name)!.data
      data.forEach((x, at) => {
        assert.ok(Math.abs(mine[at]! - x) < 1e-5, `${updates}: ${name} ${at}: ${mine[at]}, ${x}`)
      })
    }
  }
})

test('a memory of 4 GiB is refused before it is full, and nothing is changed', () => {
  const network = wasm.create(rowsSpec({ factors: 128 }), 1)
  network.grow(10, 10)
  const before = copyOf(network)
  assert.throws(
    () => network.grow(9_000_000, 10),
    (error) => error instanceof Failure && error.code === 'LIMIT_REACHED',
  )
  assert.deepEqual(copyOf(network), before)
  const batch = draws(rowsSpec(), { seed: 1, count: 4, users: 10, items: 10, history: 0 })
  assert.ok(network.step(batch, 'each') > 0)
})

test('near the end of the memory tables grow by less, until the rows themselves are too many', () => {
  const bytesMax = 80 * 2 ** 20
  for (const spec of [historySpec(), rowsSpec({ factors: 16, rows: adam })]) {
    const network = createWasmEngine({ bytesMax }).create(spec, 1)
    const rows = { users: 10, items: 16 }
    network.grow(rows.users, rows.items)
    const all = () => network.grow(rows.users, rows.items)
    while (memoryOf(spec, rows) < 0.99 * bytesMax) {
      rows.items = Math.ceil(rows.items * 1.01)
      all()
    }
    // By half again there would have been no room for long.
    assert.ok(memoryOf(spec, { users: 10, items: 1.5 * rows.items }) > bytesMax)
    const most = rows.items
    while (memoryOf(spec, rows) <= bytesMax) rows.items += 64
    assert.throws(all, {
      code: 'LIMIT_REACHED',
      message: /0\.08 GiB for 10 users and [\d,]+ items/,
    })
    const world = { seed: 1, count: 4, users: 10, items: most, history: 20 }
    assert.ok(network.step(draws(spec, world), 'together') > 0)
  }
})

test('a comparison says the same again, whatever was asked in between', () => {
  for (const make of [rowsSpec, historySpec]) {
    for (const model of ['nbpr', 'dncr', 'neupr'] as const) {
      for (const tower of ['user', 'joint'] as const) {
        const spec = make({ model, tower, depth: 3, output: 'learned', itemBias: false })
        const batch = draws(spec, { seed: 4, count: 3, users: 3, items: 20, history: 6 })
        const network = wasm.create(spec, 3)
        network.grow(3, 20)
        network.step(batch, 'together')
        const first = Int32Array.from({ length: 12 }, (_, x) => x)
        const ask = (from: Int32Array): Float32Array => {
          const z = new Float32Array(12)
          network.compare(batch, from, from.slice().reverse(), 12, z)
          return z
        }
        const z = ask(first)
        ask(first.map((x) => x + 5))
        assert.deepEqual(ask(first), z, `${spec.users} ${model} ${tower}`)
      }
    }
  }
})
