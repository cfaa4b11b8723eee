// Learning from windows: the plain loops against central differences and against the network they learn for, the
// products of matrices against the plain loops.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { createWasmSequenceEngine } from '../../../src/adapters/wasm/sequence/engine.ts'
import type { NetworkSpec } from '../../../src/ports/engine.ts'
import type {
  SequenceEngine,
  SequenceLearner,
  WindowBatch,
} from '../../../src/ports/sequence-learner.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { itemsOfWorld, sequenceSpecs, windowsOf } from '../../contracts/sequence-worlds.ts'
import { createArraysSequenceEngine } from '../arrays/sequence/engine.ts'

const dropping = { dropItems: 0.3, dropQuery: 0.2, dropTower: 0.25 }
const plain = { dropItems: 0, dropQuery: 0, dropTower: 0 }
const arrays = createArraysSequenceEngine()
const wasm = createWasmSequenceEngine()

function create(engine: SequenceEngine, spec: NetworkSpec, options = dropping): SequenceLearner {
  const learner = engine.create(spec, itemsOfWorld, options)
  const random = createRandom(5, spec.name)
  for (const { data } of learner.tensors('values').values()) {
    for (let k = 0; k < data.length; k++) data[k] = 0.3 * random.normal()
  }
  return learner
}

function assertClose(
  a: SequenceLearner,
  b: SequenceLearner,
  what: 'values' | 'gradients' | 'mean',
) {
  const others = b.tensors(what)
  for (const [name, { data }] of a.tensors(what)) {
    const other = others.get(name)!.data
    for (let k = 0; k < data.length; k++) {
      const fault = Math.abs(data[k]! - other[k]!)
      assert.ok(fault < 1e-5, `${what} of ${name} at ${k}: ${data[k]} and ${other[k]}`)
    }
  }
}

for (const [what, spec] of sequenceSpecs) {
  test(`${what}: plain loops give the gradient that central differences give`, () => {
    const batch = windowsOf(3)
    const learner = create(arrays, spec)
    learner.gradient(batch)
    const gradients = new Map(
      [...learner.tensors('gradients')].map(([name, { data }]) => [name, data.slice()]),
    )
    const random = createRandom(8, 'places')
    for (const [name, { data }] of learner.tensors('values')) {
      for (let tries = 0; tries < 25; tries++) {
        const k = random.below(data.length)
        const old = data[k]!
        data[k] = old + 2e-3
        const above = data[k]!
        const more = learner.gradient(batch)
        data[k] = old - 2e-3
        const slope = (more - learner.gradient(batch)) / (above - data[k]!)
        data[k] = old
        const derived = gradients.get(name)![k]!
        assert.ok(
          Math.abs(slope - derived) < 1e-5,
          `${name} at ${k}: ${derived}, by differences ${slope}`,
        )
      }
    }
  })

  test(`${what}: the kernel agrees with the plain loops in gradients, updates and means`, () => {
    const [one, other] = [create(arrays, spec), create(wasm, spec)]
    for (let step = 0; step < 4; step++) {
      const batch = windowsOf(10 + step, 3 + 2 * step)
      const loss = one.gradient(batch)
      assert.ok(Math.abs(other.gradient(batch) - loss) < 1e-5)
      assertClose(one, other, 'gradients')
      // Where a gradient is rounding alone Adam would still move by a whole rate: both move by the same ones.
      const gradients = one.tensors('gradients')
      for (const [name, { data }] of other.tensors('gradients')) {
        data.set(gradients.get(name)!.data)
      }
      one.update(0.01, 0.1)
      other.update(0.01, 0.1)
      one.average(0.5)
      other.average(0.5)
      assertClose(one, other, 'values')
      assertClose(one, other, 'mean')
    }
  })

  test(`${what}: without dropout the loss is that of the network's own scores`, () => {
    const batch = windowsOf(21)
    const learner = create(arrays, spec, plain)
    const loss = learner.gradient(batch)
    assert.ok(Math.abs(loss - lossByScores(spec, learner, batch)) < 1e-5)
  })
}

/** The same mean, from Network.score for one target after the other. */
function lossByScores(spec: NetworkSpec, learner: SequenceLearner, batch: WindowBatch): number {
  const network = createArraysEngine().create(spec, 1)
  network.grow(0, itemsOfWorld)
  const tensors = network.tensors()
  for (const [name, { data }] of learner.tensors('values')) tensors.get(name)!.data.set(data)
  const { negatives, allowed } = batch
  let loss = 0
  let count = 0
  for (let w = 0; w < batch.targets.length; w++) {
    const from = batch.start[w]!
    const end = batch.start[w + 1]!
    const against = negatives.filter((_, k) => allowed[w * negatives.length + k] === 1)
    for (let at = end - batch.targets[w]!; at < end; at++, count++) {
      const items = Int32Array.of(batch.items[at]!, ...against)
      const history = batch.items.slice(from, at).reverse()
      const scores = new Float32Array(items.length)
      const users = {
        count: 1,
        userRows: new Int32Array(1),
        historyStart: Int32Array.of(0, history.length),
        historyItems: history,
        historyAges: Float32Array.from(
          history,
          (_, l) => batch.times[at]! - batch.times[at - 1 - l]!,
        ),
        historyLength: Int32Array.of(history.length + batch.before[w]!),
      }
      network.score(users, items, scores)
      loss += Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[0]!
    }
  }
  return loss / count
}

test('what is dropped follows from the key alone', () => {
  const [, spec] = sequenceSpecs[0]!
  const batch = windowsOf(3)
  const learner = create(wasm, spec)
  const loss = learner.gradient(batch)
  assert.equal(learner.gradient(batch), loss)
  assert.notEqual(learner.gradient({ ...batch, key: batch.key + 1 }), loss)
})

test('windows that do not fit are refused', () => {
  const [, spec] = sequenceSpecs[0]!
  for (const engine of [arrays, wasm]) {
    const learner = create(engine, spec)
    const batch = windowsOf(3)
    const foreign = Int32Array.from(batch.items).fill(itemsOfWorld, 2, 3)
    assert.throws(() => learner.gradient({ ...batch, items: foreign }), RangeError)
    assert.throws(() => learner.gradient({ ...batch, before: Int32Array.of(1) }), RangeError)
    const many = Int32Array.from(batch.targets).fill(99, 0, 1)
    assert.throws(() => learner.gradient({ ...batch, targets: many }), RangeError)
    assert.throws(
      () => engine.create({ ...spec, users: 'rows', blocks: [], startItem: false }, 9, plain),
      {
        code: 'SETTINGS_INVALID',
      },
    )
  }
})
