// The kernels with fused multiply-add: other in the last digits only, which 100 steps of Adam carry on. Node 20 has
// them behind a flag of its engine.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { createArraysEngine } from '../../../src/adapters/arrays/engine.ts'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { canFuse } from '../../../src/adapters/wasm/kernel/kernel.ts'
import { openEngine } from '../../../src/worker/engine.ts'
import { covering, disagreement, nameOf } from '../../contracts/engine-agreement.ts'
import { draws, historySpec } from '../../contracts/engine-worlds.ts'

if (process.versions.node.startsWith('20.')) {
  setFlagsFromString('--experimental-wasm-relaxed-simd')
}
const fused = createWasmEngine({ fused: true })
const arrays = createArraysEngine()

for (const one of covering()) {
  test(`100 steps, fused: ${nameOf(one)}`, () => {
    const apart = disagreement(fused, arrays, one)
    assert.ok(apart <= 5e-5, `relative difference ${apart}`)
  })
}

test('a deterministic run does without them, any other takes them where they are', async () => {
  assert.ok(canFuse())
  const spec = historySpec()
  const bytesOf = (engine: ReturnType<typeof createWasmEngine>) => {
    const network = engine.create(spec, 1)
    network.grow(9, 50)
    for (let seed = 0; seed < 20; seed++) {
      network.step(
        draws(spec, { seed, count: 9, users: 9, items: 50, history: 20, varied: true }),
        'each',
      )
    }
    return Buffer.concat(
      [...network.tensors().values()].map(({ data }) => Buffer.from(data.buffer)),
    )
  }
  const opened = async (deterministic: boolean) =>
    bytesOf((await openEngine({ engine: 'wasm', deterministic, threads: '1' })).engine)
  const portable = bytesOf(createWasmEngine())
  assert.deepEqual(await opened(true), portable)
  assert.deepEqual(await opened(false), bytesOf(fused))
  assert.notDeepEqual(bytesOf(fused), portable)
})
