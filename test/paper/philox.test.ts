// Philox-2x32 gives the known answers that its authors publish with Random123.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { philox, upperHalf } from '../../src/paper/philox.ts'

test('the known answers of Random123', () => {
  const answers = [
    { counter: [0, 0], key: 0, words: [0xff1d_ae59, 0x6cd1_0df2] },
    { counter: [0xffff_ffff, 0xffff_ffff], key: 0xffff_ffff, words: [0x2c3f_628b, 0xab4f_d7ad] },
    { counter: [0x243f_6a88, 0x85a3_08d3], key: 0x1319_8a2e, words: [0xdd7c_e038, 0xf62a_4c12] },
  ] as const
  for (const { counter, key, words } of answers) {
    const out = new Uint32Array(2)
    philox(key, counter[1], counter[0], out)
    assert.deepEqual([...out], [...words])
  }
})

test('the upper half of a product is exact', () => {
  const word = fc.integer({ min: 0, max: 0xffff_ffff })
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.equal(upperHalf(a, b), Number((BigInt(a) * BigInt(b)) >> 32n))
    }),
    { numRuns: 2_000 },
  )
})
