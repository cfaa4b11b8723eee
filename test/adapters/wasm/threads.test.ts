// Steps that threads share: the same bytes as one thread's, whatever the shape of the network and of the batch.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import type { Network, NetworkSpec } from '../../../src/ports/engine.ts'
import { draws, historySpec, rowsSpec } from '../../contracts/engine-worlds.ts'

const engines = ([1, 2, 4] as const).map((threads) => createWasmEngine({ threads }))
const joint = { tower: 'joint', output: 'learned', itemBias: false } as const
const adam = { kind: 'adam', rate: 0.01, l2: 0 } as const
const adagrad = { kind: 'adagrad', rate: 0.1, l2: 0, start: 0.1 } as const
const sgd = { kind: 'sgd', rate: 0.1, l2: 0 } as const

function bytesOf(network: Network): Buffer {
  const parts = [...network.tensors().values()].map(({ data }) =>
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  )
  return Buffer.concat(parts)
}

function learn(network: Network, spec: NetworkSpec, count: number, negatives: number): number[] {
  const losses: number[] = []
  for (let seed = 0; seed < 6; seed++) {
    // New rows between steps: everything behind the tables is placed anew, and marks begin again.
    network.grow(40 + 300 * seed, 60 + 500 * seed)
    const world = { seed, count, users: 40, items: 60, history: 12, varied: true }
    const batch = draws(spec, { ...world, negatives, choices: 2 })
    // Half of the steps ask every question both ways.
    batch.mirrored.fill(0.5)
    if (seed % 2) batch.mirrored[0] = 0
    losses.push(network.step(batch, 'together'))
  }
  losses.push(
    network.step(draws(spec, { seed: 9, count: 3, users: 40, items: 60, history: 12 }), 'each'),
  )
  return losses
}

for (const make of [rowsSpec, historySpec]) {
  for (const model of ['neupr', 'dncr'] as const) {
    for (const depth of [1, 4]) {
      const spec = make({ ...joint, model, depth, factors: 6, rows: adam, noise: 0.1 })
      test(`${spec.users} ${model} depth ${depth}: 1, 2 and 4 threads leave the same bytes`, () => {
        for (const [count, negatives] of [
          [300, 2],
          [70, 1],
          [33, 3],
        ] as const) {
          const found = engines.map((engine) => {
            const network = engine.create(spec, 5)
            return { losses: learn(network, spec, count, negatives), network }
          })
          const [one, ...others] = found
          assert.ok(one!.losses.every((loss) => loss > 0))
          for (const { losses, network } of others) {
            assert.deepEqual(losses, one!.losses)
            assert.ok(bytesOf(network).equals(bytesOf(one!.network)))
          }
        }
      })
    }
  }
}

for (const rows of [adam, adagrad, sgd]) {
  test(`${rows.kind}: rows side by side that are of different threads leave each other alone`, () => {
    // NBPR's rows of 6 columns: the last lanes of row 31 reach into row 32, those of row 63 into row 64.
    const spec = rowsSpec({ ...joint, model: 'neupr', factors: 6, rows })
    const world = { seed: 8, count: 256, users: 9, items: 9, history: 0, negatives: 1, choices: 1 }
    const beside = (_: number, k: number) => 31 + 32 * (k >> 1) + (k & 1)
    const batch = {
      ...draws(spec, world),
      userRows: Int32Array.from({ length: 256 }, beside),
      positives: Int32Array.from({ length: 256 }, beside),
      candidates: Int32Array.from({ length: 256 }, (_, k) => beside(0, k ^ 1)),
    }
    const [alone, shared] = engines.map((engine) => {
      const network = engine.create(spec, 2)
      network.grow(4200, 4200)
      for (let step = 0; step < 150; step++) network.step(batch, 'together')
      return bytesOf(network)
    })
    assert.ok(shared!.equals(alone!))
  })
}

test('threads begin whatever this process was started with', () => {
  const at = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
  const program = `
    import { createWasmEngine } from ${at('../../../src/adapters/wasm/engine.js')}
    import { draws, rowsSpec } from ${at('../../contracts/engine-worlds.js')}
    const spec = rowsSpec({ model: 'neupr', tower: 'joint', output: 'learned', itemBias: false })
    const network = createWasmEngine({ threads: 2 }).create(spec, 1)
    network.grow(9, 9)
    console.log(network.step(draws(spec, { seed: 1, count: 64, users: 9, items: 9, history: 0 }), 'together') > 0)`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  )
  assert.equal(stdout, 'true\n', stderr)
})

test('networks that learn by turns share the same threads', () => {
  const spec = historySpec({ ...joint, model: 'neupr', factors: 4, rows: adam, noise: 0.1 })
  const batch = draws(spec, { seed: 3, count: 200, users: 9, items: 60, history: 20, varied: true })
  const [alone, shared] = engines.map((engine) => {
    const networks = [1, 2].map((seed) => engine.create(spec, seed))
    for (const network of networks) network.grow(9, 60)
    for (let turn = 0; turn < 8; turn++) networks[turn % 2]!.step(batch, 'together')
    return networks.map(bytesOf)
  })
  assert.deepEqual(shared, alone)
})

test('a question that nobody has a candidate for changes nothing, and draws without any are left out', () => {
  const spec = rowsSpec({ ...joint, model: 'neupr', factors: 4, rows: adam })
  const batch = draws(spec, {
    seed: 4,
    count: 200,
    users: 9,
    items: 60,
    history: 0,
    negatives: 1,
    choices: 1,
  })
  const [one, two] = engines.map((engine) => {
    const network = engine.create(spec, 1)
    network.grow(9, 60)
    const none = { ...batch, candidates: new Int32Array(200).fill(-1) }
    assert.equal(network.step(none, 'together'), 0)
    const few = { ...batch, candidates: batch.candidates.map((item, k) => (k % 7 ? -1 : item)) }
    assert.ok(network.step(few, 'together') > 0)
    return bytesOf(network)
  })
  assert.deepEqual(two, one)
})
