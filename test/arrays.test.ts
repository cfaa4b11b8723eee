// Arrays that grow have the numbers that they had, and what is new is what was asked for, however large they are; a
// large one grows where it is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectGarbage } from '../src/adapters/thread/collect-garbage.ts'
import { longer, type Numbers } from '../src/arrays.ts'

const kinds = [
  ...[Float64Array, Float32Array, Int32Array, Uint32Array, Uint16Array, Int16Array, Uint8Array],
]

test('an array that grows keeps its numbers, below and above the size that is copied', () => {
  for (const Kind of kinds) {
    let array: Numbers = new Kind(3)
    for (const length of [3, 5, 300_000, 300_001, 1_200_000, 3_000_000]) {
      const before: number = array.length
      array = longer(array, length, length === 300_001 ? 7 : 0)
      assert.ok(array instanceof Kind)
      assert.equal(array.length, length)
      if (length === 300_001) assert.equal(array[before], 7)
      array[length - 1] = length % 200
    }
    const kept = [4, 299_999, 300_000, 1_199_999, 2_999_999].map((at) => array[at])
    assert.deepEqual(kept, [5, 0, 1, 0, 0], Kind.name)
    assert.equal(array.filter((value) => value !== 0).length, 3)
  }
})

test('a large array grows in place: what is written to the one before is seen', () => {
  const first = longer(new Float64Array([1, 2]), 2 ** 20)
  const second = longer(first, 2 ** 21)
  first[5] = 3
  assert.deepEqual([second[0], second[1], second[5]], [1, 2, 3])
  // A part of one has a memory of its own.
  const part = longer(second.subarray(1, 3), 2 ** 20)
  assert.deepEqual([part[0], part[1], part[2]], [2, 0, 0])
  second[1] = 9
  assert.equal(part[0], 2)
})

test('without WebAssembly arrays are copied', () => {
  const there = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly')!
  try {
    Object.defineProperty(globalThis, 'WebAssembly', { ...there, value: undefined })
    const first = longer(new Int32Array([4]), 2 ** 20)
    const second = longer(first, 2 ** 21)
    first[0] = 5
    assert.deepEqual([first.length, second.length, second[0]], [2 ** 20, 2 ** 21, 4])
  } finally {
    Object.defineProperty(globalThis, 'WebAssembly', there)
  }
})

/** Garbage of before, which would be collected while something is measured, is gone. */
function bytesWithoutGarbage(): NodeJS.MemoryUsage {
  for (let last = Number.POSITIVE_INFINITY; ; ) {
    collectGarbage()
    const usage = process.memoryUsage()
    if (usage.external >= last) return usage
    last = usage.external
  }
}

test('what large arrays take is counted where V8 decides whether to collect garbage', () => {
  const megabyte = 2 ** 20
  const before = bytesWithoutGarbage()
  let array: Numbers = new Uint8Array(1)
  for (const megabytes of [16, 40, 64]) array = longer(array, megabytes * megabyte)
  const { external, arrayBuffers } = process.memoryUsage()
  const more = external - before.external
  assert.ok(more >= array.length && more < 3 * array.length, `${more / megabyte} MiB`)
  // What the allocator gives may be memory that was used before, and clearing that makes it resident.
  const given = arrayBuffers - before.arrayBuffers
  assert.ok(given < megabyte, `${given / megabyte} MiB from the allocator`)
})
