// What every engine must do, whatever it computes with. Run by test/adapters/<technology>/engine.test.ts.
// Numbers against a second implementation are in engine-agreement.ts, derivatives in engine-gradients.ts.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Failure } from '../../src/errors.ts'
import type { Tensor } from '../../src/ports/checkpoint-store.ts'
import type { DrawBatch, Engine, Network, NetworkSpec } from '../../src/ports/engine.ts'
import { scoresAll } from './engine-scores.ts'
import { draws, historySpec, rowsSpec, type World } from './engine-worlds.ts'

const world: World = { seed: 5, count: 6, users: 9, items: 25, history: 14, varied: true }

export interface EngineSuite {
  readonly make: () => Engine
  /** Specifications to run the promises on; all of them fast. */
  readonly specs: readonly NetworkSpec[]
}

export function engineContract(suite: EngineSuite): void {
  const { make, specs } = suite
  const grown = (spec: NetworkSpec, users = world.users, items = world.items) => {
    const network = make().create(spec, 11)
    network.grow(users, items)
    return network
  }
  for (const spec of specs) {
    const name = `${spec.users} ${spec.model} ${spec.tower} ${spec.output} ${spec.rows.kind}`
    describe(name, () => promises(spec, grown))
  }
  describe('mistakes of the caller', () => mistakes(grown))
}

type Grown = (spec: NetworkSpec, users?: number, items?: number) => Network

function promises(spec: NetworkSpec, grown: Grown): void {
  const batch = draws(spec, world)

  test('rows that exist keep their bytes when the tables grow', () => {
    const network = grown(spec)
    network.step(batch, 'together')
    const before = copyOf(network)
    network.grow(world.users + 500, world.items + 300)
    for (const [name, { data }] of network.tensors()) {
      const old = before.get(name)!
      assert.deepEqual(data.slice(0, old.data.length), old.data, name)
    }
  })

  test('a row starts the same whatever the order of growth', () => {
    const network = grown(spec, 2, 3)
    network.grow(2, 40)
    network.grow(70, 40)
    assert.deepEqual(copyOf(network), copyOf(grown(spec, 70, 40)))
  })

  test('a restored network continues with the same bytes', () => {
    for (const updates of ['together', 'each'] as const) {
      const network = grown(spec)
      network.step(batch, updates)
      const other = grown(spec)
      other.step(draws(spec, { ...world, seed: 99 }), 'each')
      other.restore(copyOf(network))
      const second = draws(spec, { ...world, seed: 6 })
      assert.equal(other.step(second, updates), network.step(second, updates))
      assert.deepEqual(copyOf(other), copyOf(network))
    }
  })

  test('tensors of another shape are refused and nothing is changed', () => {
    const network = grown(spec)
    const before = copyOf(network)
    assert.throws(
      () => network.restore(grown(spec, world.users + 1, world.items + 1).tensors()),
      (error) => error instanceof Failure && error.code === 'CHECKPOINT_FOREIGN',
    )
    assert.deepEqual(copyOf(network), before)
  })

  test('learning the same draws lowers their loss', () => {
    const network = grown(spec)
    const first = network.step(batch, 'together')
    let last = first
    for (let step = 0; step < 30; step++) last = network.step(batch, 'together')
    assert.ok(last < first, `${first} → ${last}`)
  })

  test('draws without any candidate change nothing', () => {
    const network = grown(spec)
    network.step(batch, 'together')
    const before = copyOf(network)
    const empty = { ...batch, candidates: new Int32Array(batch.candidates.length).fill(-1) }
    assert.equal(network.step(empty, 'together'), 0)
    assert.equal(network.step(empty, 'each'), 0)
    assert.equal(network.step({ ...batch, count: 0 }, 'each'), 0)
    assert.deepEqual(copyOf(network), before)
  })

  test('only rows of the draws change', () => {
    const network = grown(spec, world.users, 200)
    network.step(batch, 'together')
    const before = copyOf(network)
    network.step(draws(spec, { ...world, seed: 8 }), 'each')
    const seen = new Set([...batch.positives, ...batch.candidates])
    for (const [name, { data, shape }] of network.tensors()) {
      if (!/item(\.bias)?$/.test(name)) continue
      const columns = shape[1]!
      for (let item = world.items; item < 200; item++) {
        assert.ok(!seen.has(item))
        const at = item * columns
        assert.deepEqual(
          data.slice(at, at + columns),
          before.get(name)!.data.slice(at, at + columns),
        )
      }
    }
  })

  test('scores order items as comparisons do', () => {
    const network = grown(spec)
    for (let step = 0; step < 5; step++) network.step(batch, 'each')
    consistent(spec, network, batch)
  })
}

/** z(u,i,j) - z(u,j,i) has the sign of s_i - s_j, and is it with `output: 'ones'` (twice). */
function consistent(spec: NetworkSpec, network: Network, batch: DrawBatch): void {
  const total = spec.model === 'nbpr' || spec.tower === 'user'
  const n = 10
  const items = Int32Array.from({ length: n }, (_, i) => i * 2)
  if (!total) {
    assert.throws(() => network.score(batch, items, new Float32Array(world.count * n)), RangeError)
    return
  }
  const scores = new Float32Array(batch.count * n)
  network.score(batch, items, scores)
  scoresAll(network, batch, world.items)
  const first = Int32Array.from({ length: n * n }, (_, x) => items[Math.floor(x / n)]!)
  const second = Int32Array.from({ length: n * n }, (_, x) => items[x % n]!)
  const z = new Float32Array(n * n)
  network.compare(batch, first, second, n * n, z)
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) {
      const difference = scores[a]! - scores[b]!
      const both = z[a * n + b]! - z[b * n + a]!
      const expected = spec.output === 'ones' ? 2 * difference : difference
      assert.ok(Math.abs(both - expected) < 1e-6 * (1 + Math.abs(expected)), `${both} ${expected}`)
    }
  }
}

function mistakes(grown: Grown): void {
  const history = historySpec({ factors: 4 })
  const rows = rowsSpec({ factors: 4 })
  const cases: [string, NetworkSpec, (batch: DrawBatch) => DrawBatch][] = [
    ['a user outside', rows, (b) => ({ ...b, userRows: b.userRows.map(() => 9) })],
    ['a positive outside', rows, (b) => ({ ...b, positives: b.positives.map(() => 25) })],
    ['a candidate outside', rows, (b) => ({ ...b, candidates: b.candidates.map(() => 25) })],
    ['a candidate below none', rows, (b) => ({ ...b, candidates: b.candidates.map(() => -2) })],
    ['short positives', rows, (b) => ({ ...b, positives: b.positives.slice(1) })],
    ['short candidates', rows, (b) => ({ ...b, candidates: b.candidates.slice(1) })],
    ['short weights', rows, (b) => ({ ...b, direct: b.direct.slice(1) })],
    ['no negatives', rows, (b) => ({ ...b, negatives: 0 })],
    [
      'a history item outside',
      history,
      (b) => ({ ...b, historyItems: b.historyItems.map(() => 25) }),
    ],
    ['short history starts', history, (b) => ({ ...b, historyStart: b.historyStart.slice(1) })],
    ['short ages', history, (b) => ({ ...b, historyAges: b.historyAges.slice(1) })],
    [
      'an age that is no number',
      history,
      (b) => ({ ...b, historyAges: b.historyAges.map(() => NaN) }),
    ],
    ['a negative age', history, (b) => ({ ...b, historyAges: b.historyAges.map(() => -1) })],
    [
      'a length below the given',
      history,
      (b) => ({ ...b, historyLength: b.historyLength.map(() => 0) }),
    ],
  ]
  for (const [name, spec, spoil] of cases) {
    test(`${name} throws a RangeError and changes nothing`, () => {
      const network = grown(spec)
      const before = copyOf(network)
      const spoiled = spoil(draws(spec, world))
      assert.throws(() => network.step(spoiled, 'each'), RangeError)
      assert.deepEqual(copyOf(network), before)
    })
  }
  test('score and compare throw a RangeError on ids outside and on short arrays', () => {
    const network = grown(rows)
    const batch = draws(rows, world)
    const out = new Float32Array(world.count)
    assert.throws(() => network.score(batch, Int32Array.of(25), out), RangeError)
    assert.throws(() => network.score(batch, Int32Array.of(0, 1), out), RangeError)
    const two = Int32Array.of(0, 1)
    assert.throws(() => network.compare(batch, two, Int32Array.of(0), 2, out), RangeError)
    assert.throws(() => network.compare(batch, two, Int32Array.of(0, -1), 2, out), RangeError)
    assert.throws(() => network.compare({ ...batch, count: 0 }, two, two, 2, out), RangeError)
  })
}

export function copyOf(network: Network): Map<string, Tensor> {
  const copies = [...network.tensors()].map(
    ([name, { shape, data }]) => [name, { shape: [...shape], data: data.slice() }] as const,
  )
  return new Map(copies)
}
