// The shapes of the paper's Table of architectures, and what is said about a wrong specification.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/errors.ts'
import { layoutOf } from '../../../src/learn/network/layout.ts'
import { checkSpec, shapeOf } from '../../../src/learn/network/spec.ts'
import type { NetworkSpec } from '../../../src/ports/engine.ts'
import { historySpec, rowsSpec } from '../../contracts/engine-worlds.ts'

const paper = (factors: number, depth = 4) =>
  rowsSpec({
    model: 'neupr',
    tower: 'joint',
    factors,
    depth,
    output: 'learned',
    itemBias: false,
  })

test('the joint tower has the sizes of the paper: 96 → 32 → 16 → 8 at f = 8', () => {
  const sizes = { 8: 3_712 + 56, 16: 14_848 + 112, 32: 59_392 + 224, 64: 237_568 + 448 }
  for (const [f, weights] of Object.entries(sizes)) {
    const { shape, dense } = layoutOf(paper(Number(f)))
    assert.equal(dense.length, weights + 3 * Number(f) + 1)
    assert.equal(shape.layers[0]!.inputs, 12 * Number(f))
    assert.deepEqual(
      shape.layers.map((layer) => layer.outputs),
      [4 * Number(f), 2 * Number(f), Number(f)],
    )
  }
})

test('depth 1 is the concatenation alone; each further layer doubles the widths below', () => {
  assert.equal(shapeOf(paper(8, 1)).hidden, 96)
  assert.deepEqual(
    shapeOf(paper(8, 6)).layers.map((layer) => layer.outputs),
    [128, 64, 32, 16, 8],
  )
  const user = shapeOf(historySpec({ model: 'dncr', factors: 8, depth: 4 }))
  assert.deepEqual(user.layers, [
    { inputs: 24, outputs: 32, linear: false },
    { inputs: 32, outputs: 16, linear: false },
    { inputs: 16, outputs: 8, linear: true },
  ])
})

test('every fault of a specification is named at once', () => {
  const wrong = historySpec({
    factors: 3,
    depth: 7,
    model: 'neupr',
    tower: 'joint',
    noise: -1,
    blocks: [{ kind: 'short', length: 0, power: 3, decay: 0 }],
    rows: { kind: 'adagrad', rate: -1, l2: 11, start: 0 },
  })
  assert.throws(
    () => checkSpec(wrong),
    (error) => {
      assert.ok(error instanceof Failure && error.code === 'SETTINGS_INVALID')
      const words = ['factors', 'depth', 'joint', 'noise', 'block 0: length', 'block 0: power']
      words.push('block 0: decay', 'rows.rate', 'rows.l2', 'rows.start')
      for (const word of words) assert.match(error.message, new RegExp(word))
      return true
    },
  )
})

test('what does not go together is refused', () => {
  const cases: [Partial<NetworkSpec>, RegExp][] = [
    [{ users: 'rows' }, /users: rows none/],
    [{ users: 'history', blocks: [] }, /at least one block/],
    [{ users: 'rows', blocks: [], startItem: true }, /startItem/],
    [{ output: 'learned' }, /itemBias/],
    [{ model: 'dncr', tower: 'joint', itemBias: false }, /joint tower needs output: learned/],
  ]
  for (const [change, message] of cases) {
    assert.throws(() => checkSpec(historySpec(change)), message)
  }
  checkSpec(historySpec())
  checkSpec(rowsSpec())
  checkSpec(paper(128, 6))
})
