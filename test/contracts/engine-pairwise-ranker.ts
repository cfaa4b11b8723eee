// The contract of PairwiseRanker: the numbers of compare(), the lists of Algorithm 1 as printed, and that a ranker is
// no longer valid when the network is asked for anything else.

import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { createArraysEngine } from '../../src/adapters/arrays/engine.ts'
import { createAlgorithm1 } from '../../src/paper/algorithm-1.ts'
import { createNetworkRanker, createRanker } from '../../src/paper/ranker.ts'
import type { Engine, Network, NetworkSpec } from '../../src/ports/engine.ts'
import { draws, historySpec, numbers, rowsSpec } from './engine-worlds.ts'

const users = 12
const items = 90
const learned = { output: 'learned', itemBias: false, tower: 'joint', noise: 0.7 } as const
const adam = { kind: 'adam', rate: 0.01, l2: 0 } as const
const literal = createAlgorithm1({ blockMax: 8 }).literal

function jointSpecs(): NetworkSpec[] {
  return [1, 2, 3, 4, 6].flatMap((depth, at) => {
    const model = at % 2 ? 'dncr' : 'neupr'
    const other = at % 2 ? 'neupr' : 'dncr'
    return [
      rowsSpec({ ...learned, model, depth, factors: 4 + at }),
      historySpec({ ...learned, model: other, depth, factors: 8 - at, rows: adam }),
    ]
  })
}

/** Two networks of the same numbers, some rows of which have missed updates. */
function twins(engine: Engine, spec: NetworkSpec): [Network, Network] {
  const made = [engine, createArraysEngine()].map((one) => {
    const network = one.create(spec, 3)
    network.grow(users, items)
    for (let seed = 0; seed < 3; seed++) network.step(worldOf(spec, seed), 'together')
    return network
  })
  return made as [Network, Network]
}

function worldOf(spec: NetworkSpec, seed: number) {
  return draws(spec, { seed, count: 2, users, items, history: 9, negatives: 1, choices: 1 })
}

export function pairwiseRankerContract(engine: Engine): void {
  for (const spec of jointSpecs()) {
    const name = `${spec.users} ${spec.model} depth ${spec.depth} f ${spec.factors}`
    test(`pairwise ranker: ${name}: the numbers and lists of compare()`, () => {
      const [network, reference] = twins(engine, spec)
      for (let seed = 0; seed < 5; seed++) sameAsCompare(network, reference, spec, seed)
    })
    test(`pairwise ranker: ${name}: lists are those of K passes over the reference`, () => {
      const [network, reference] = twins(engine, spec)
      const base = { kMax: 10, order: 'anchor', candidates: 0, blockMax: 8 } as const
      const fast = createNetworkRanker(network, createRanker({ ...base, exact: 'resume' }))
      const slow = createNetworkRanker(reference, createRanker({ ...base, exact: 'literal' }))
      for (let seed = 0; seed < 5; seed++) {
        const next = numbers(seed)
        const own = new Set(Array.from({ length: 20 }, () => Math.floor(next() * items)))
        const batch = worldOf(spec, seed)
        const lists = [fast, slow].map((rank) => {
          const { items: list, count } = rank(batch, items, 10, (item) => own.has(item), -1)
          return [...list.subarray(0, count)]
        })
        assert.deepEqual(lists[0], lists[1])
      }
    })
  }

  test('pairwise ranker: invalid when the network is asked again; ids and lengths are checked', () => {
    const spec = jointSpecs()[0]!
    const [network] = twins(engine, spec)
    const batch = worldOf(spec, 1)
    const out = new Float32Array(items)
    const asked = [
      () => network.step(batch, 'together'),
      () => network.compare(batch, Int32Array.of(1), Int32Array.of(2), 1, out),
      () => network.tensors(),
      () => network.restore(network.tensors()),
      () => network.grow(users + 1, items),
      () => network.pairwiseRanker!(batch),
    ]
    for (const ask of asked) {
      const ranker = network.pairwiseRanker!(batch)!
      ranker.compareWith(0, Int32Array.of(1), 1, out)
      ask()
      assert.throws(() => ranker.compareWith(0, Int32Array.of(1), 1, out), /no longer valid/)
    }
    const ranker = network.pairwiseRanker!(batch)!
    assert.throws(() => ranker.compareWith(items, Int32Array.of(1), 1, out), RangeError)
    assert.throws(() => ranker.compareWith(0, Int32Array.of(items), 1, out), RangeError)
    assert.throws(() => ranker.compareWith(0, Int32Array.of(1), 2, out), RangeError)
    assert.throws(() => ranker.pickBest(Int32Array.of(1, -1), 2, 1, new Int32Array(1)), RangeError)
    assert.throws(() => network.pairwiseRanker!({ ...batch, count: 0 }), RangeError)
  })

  test('pairwise ranker: sees what was written through tensors() and refuses NaN', () => {
    const spec = jointSpecs()[0]!
    const [network] = twins(engine, spec)
    const batch = worldOf(spec, 1)
    const [before, after] = [new Float32Array(1), new Float32Array(1)]
    network.pairwiseRanker!(batch)!.compareWith(0, Int32Array.of(5), 1, before)
    const rows = network.tensors().get(`${spec.name}/nbpr.item`)!
    rows.data[5 * rows.shape[1]!]! += 1
    network.pairwiseRanker!(batch)!.compareWith(0, Int32Array.of(5), 1, after)
    assert.notEqual(before[0], after[0])
    rows.data[5 * rows.shape[1]!] = Number.NaN
    network.tensors()
    const order = Int32Array.of(0, 1, 5, 7)
    assert.throws(
      () => network.pairwiseRanker!(batch)!.pickBest(order, 4, 2, new Int32Array(2)),
      /NaN/,
    )
  })
}

function sameAsCompare(
  network: Network,
  reference: Network,
  spec: NetworkSpec,
  seed: number,
): void {
  const next = numbers(seed + 100)
  const batch = worldOf(spec, seed)
  const order = Int32Array.from({ length: items }, (_, item) => item)
    .sort(() => next() - 0.5)
    .subarray(0, 1 + Math.floor(next() * items))
  const m = order.length
  const r = Math.floor(next() * items)
  const [forward, reverse, z] = [m, m, m].map((length) => new Float32Array(length))
  const ranker = network.pairwiseRanker!(batch)!
  ranker.compareWith(r, order, m, forward!, reverse!)
  const anchors = new Int32Array(m).fill(r)
  for (const [got, first, second] of [
    [forward!, order, anchors],
    [reverse!, anchors, order],
  ] as const) {
    reference.compare(batch, first, second, m, z!)
    got.forEach((x, n) => {
      assert.ok(Math.abs(x - z![n]!) < 1e-5 * (1 + Math.abs(z![n]!)), `${n}: ${x} ${z![n]}`)
    })
  }
  const k = 1 + Math.floor(next() * 15)
  const [list, expected] = [new Int32Array(k), new Int32Array(k)]
  const found = ranker.pickBest(order, m, k, list)
  const wanted = literal(
    order,
    m,
    k,
    (first, second, count, out) => reference.compare(batch, first, second, count, out),
    expected,
  )
  assert.deepEqual([found, ...list], [wanted, ...expected])
  assert.ok(ranker.compared >= Math.min(m - 1, 1) && ranker.compared < (k + 4) * m + 4)
}
