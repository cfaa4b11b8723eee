// Growth of a memory. An ordinary one would detach its buffer, and slow all of its thread from then on.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createKernel } from '../../../src/adapters/wasm/kernel.ts'
import { createSequenceKernel } from '../../../src/adapters/wasm/sequence/kernel.ts'

test('what a memory held before it grew stays readable: no buffer is detached', () => {
  for (const kernel of [createKernel(), createSequenceKernel()]) {
    const before = kernel.ints
    const { length } = before
    before[length - 1] = 7
    kernel.reserve(2 * before.byteLength)
    assert.notEqual(kernel.ints, before)
    assert.equal(before.length, length)
    assert.equal(before[length - 1], 7)
    kernel.ints[length - 1] = 8
    assert.equal(before[length - 1], 8)
  }
})

test('memories that nobody has any more are collected without being asked', async () => {
  const made: WeakRef<object>[] = []
  for (let n = 0; n < 40; n++) {
    const kernel = createKernel()
    assert.ok(kernel.reserve(2 ** 26))
    made.push(new WeakRef(kernel.memory))
    await setImmediate()
  }
  const held = made.filter((memory) => memory.deref() !== undefined).length
  assert.ok(held < made.length, `all ${held} memories of 64 MiB are still there`)
})
