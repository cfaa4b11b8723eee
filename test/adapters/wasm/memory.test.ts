// Growth of a memory. An ordinary one would detach its buffer, and slow all of its thread from then on.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKernel } from '../../../src/adapters/wasm/kernel/kernel.ts'
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

test('a memory counts for what is collected, and takes no room before it is used', () => {
  const bytes = 2 ** 28
  const kernel = createKernel()
  const before = process.memoryUsage()
  assert.ok(kernel.reserve(bytes))
  const after = process.memoryUsage()
  const [counted, resident] = [after.external - before.external, after.rss - before.rss]
  assert.ok(counted > bytes / 2, `V8 knows of ${counted} bytes of ${bytes}`)
  assert.ok(resident < bytes / 2, `${resident} bytes are resident`)
})
