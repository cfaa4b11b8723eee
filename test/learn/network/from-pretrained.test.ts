// Eq. 26: the union of two trained halves says α·z_N + (1-α)·z_D of every pair before it learns anything.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { copyValues, mergePretrained } from '../../../src/learn/network/from-pretrained.ts'
import type { DrawBatch, Engine, Network, NetworkSpec } from '../../../src/ports/engine.ts'
import { createRandom } from '../../../src/sample/random.ts'

const users = 12
const items = 20
const draws = 8

const adam = { kind: 'adam', rate: 0.05, l2: 0 } as const
const adagrad = { kind: 'adagrad', rate: 0.2, l2: 0.01, start: 0.1 } as const
const paper: NetworkSpec = {
  ...{ name: 'rows.neupr', users: 'rows', model: 'neupr', factors: 4, tower: 'joint', depth: 3 },
  ...{ blocks: [], startItem: false, output: 'learned', itemBias: false, noise: 0.5 },
  ...{ rows: adam, bias: adam, dense: { kind: 'adam', rate: 0.02, l2: 0 } },
}
const kinds: Readonly<Record<string, NetworkSpec>> = {
  'the joint tower, Adam': paper,
  'the user tower, Adagrad': { ...paper, tower: 'user', rows: adagrad, bias: adagrad },
  'histories, fixed output': {
    ...paper,
    ...{ users: 'history', tower: 'user', output: 'ones', itemBias: true, startItem: true },
    blocks: [
      { kind: 'long', length: 4, power: 0.5 },
      { kind: 'short', length: 2, power: 0.5, decay: 0.5 },
    ],
  },
}

/** Random users with histories of up to four, their positives and one negative each. */
function batchOf(seed: number): DrawBatch {
  const random = createRandom(seed, 'batch')
  const starts = Int32Array.from({ length: draws + 1 }, (_, k) => 4 * k)
  const some = (count: number, below: number) =>
    Int32Array.from({ length: count }, () => random.below(below))
  return {
    count: draws,
    userRows: some(draws, users),
    historyStart: starts,
    historyItems: some(4 * draws, items),
    historyAges: new Float32Array(4 * draws),
    historyLength: new Int32Array(draws).fill(4),
    positives: some(draws, items),
    negatives: 1,
    choices: 1,
    candidates: some(draws, items),
    direct: Float32Array.of(0.5),
    mirrored: Float32Array.of(0.5),
  }
}

function made(engine: Engine, spec: NetworkSpec, model: NetworkSpec['model']): Network {
  const network = engine.create({ ...spec, model, name: `rows.${model}` }, 3)
  network.grow(users, items)
  return network
}

/** z for user 0 of a batch over all pairs of the first items. */
function logits(network: Network): Float32Array {
  const pairs = Array.from({ length: items }, (_, i) => [i, (i + 7) % items] as const)
  const out = new Float32Array(items)
  const [first, second] = [0, 1].map((side) => Int32Array.from(pairs, (pair) => pair[side]!))
  network.compare(batchOf(9), first!, second!, items, out)
  return out
}

for (const engine of [createArraysEngine(), createWasmEngine()]) {
  for (const [kind, spec] of Object.entries(kinds)) {
    test(`${engine.name}, ${kind}: the first logit is the α-mean, and learning goes on from there`, () => {
      const nbpr = made(engine, spec, 'nbpr')
      const dncr = made(engine, spec, 'dncr')
      // Few rows a step: under Adam most rows have missed updates at the end.
      for (let step = 0; step < 30; step++) {
        nbpr.step(batchOf(step), 'together')
        dncr.step(batchOf(100 + step), 'together')
      }
      const [zN, zD] = [logits(nbpr), logits(dncr)]
      assert.ok(Math.max(...zN.map(Math.abs)) > 0.1 && Math.max(...zD.map(Math.abs)) > 0.1)
      for (const alpha of [0, 0.3, 0.5, 1]) {
        const neupr = made(engine, spec, 'neupr')
        neupr.step(batchOf(1), 'together')
        mergePretrained(neupr, nbpr, dncr, alpha)
        logits(neupr).forEach((z, x) => {
          const expected = alpha * zN[x]! + (1 - alpha) * zD[x]!
          assert.ok(Math.abs(z - expected) < 1e-5, `α ${alpha}: ${z} is not ${expected}`)
        })
        const losses = Array.from({ length: 40 }, () => neupr.step(batchOf(1), 'together'))
        assert.ok(losses.at(-1)! < losses[0]!, 'it learns')
      }
      assert.deepEqual([logits(nbpr), logits(dncr)], [zN, zD], 'the halves are as they were')
    })
  }
}

test('the same network under another optimizer says the same and learns on', () => {
  const engine = createArraysEngine()
  const trained = made(engine, paper, 'neupr')
  for (let step = 0; step < 30; step++) trained.step(batchOf(step), 'together')
  for (const rows of [adagrad, { kind: 'sgd', rate: 0.1, l2: 0 } as const]) {
    const copy = made(engine, { ...paper, rows, bias: rows }, 'neupr')
    copyValues(copy, trained)
    const z = logits(trained)
    logits(copy).forEach((one, x) => {
      assert.ok(Math.abs(one - z[x]!) < 1e-5, `${rows.kind}: ${one} is not ${z[x]}`)
    })
    copy.step(batchOf(1), 'together')
    assert.notDeepEqual(logits(copy), logits(trained))
  }
})

test('halves that do not fit are refused with what does not', () => {
  const engine = createArraysEngine()
  const [nbpr, dncr, neupr] = (['nbpr', 'dncr', 'neupr'] as const).map((m) =>
    made(engine, paper, m),
  )
  const deeper = made(engine, { ...paper, depth: 4 }, 'dncr')
  assert.throws(() => mergePretrained(neupr!, nbpr!, deeper, 0.5), /depth must be 3, not 4/)
  assert.throws(
    () => mergePretrained(neupr!, dncr!, nbpr!, 0.5),
    /neupr of nbpr and dncr, not neupr,dncr,nbpr/,
  )
  assert.throws(() => mergePretrained(neupr!, nbpr!, dncr!, 1.5), /alpha must be 0…1/)
  nbpr!.grow(users + 1, items)
  assert.throws(() => mergePretrained(neupr!, nbpr!, dncr!, 0.5), RangeError)
})
