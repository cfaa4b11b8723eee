// Sums since a share of a stream whose length nobody knew: as exact as one bin allows.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createBins } from '../../src/measure/bins.ts'

test('sums since any share equal the plain sums over a suffix that begins within one bin', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 9_000 }),
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    fc.integer({ min: 1, max: 1_000 }),
    (length, share, salt) => {
      const value = (k: number) => (k * salt) % 17
      const bins = createBins(2)
      for (let k = 0; k < length; k++) bins.add(Float64Array.of(1, value(k)))
      const [counted, sum] = bins.since(share)
      assert.equal(bins.events, length)
      const binEvents = 2 ** Math.max(0, Math.ceil(Math.log2(length / 1024)))
      const wanted = length - share * length
      assert.ok(Math.abs(counted! - wanted) <= binEvents, `${counted} of ${wanted}`)
      let plain = 0
      for (let k = length - counted!; k < length; k++) plain += value(k)
      assert.equal(sum, plain, 'exactly a suffix')
    },
  )
  fc.assert(property, { numRuns: 60, seed: 1 })
})

test('everything is exact, a short stream in any share, and so is the way over a restore', () => {
  const bins = createBins(1)
  for (let k = 0; k < 1_000; k++) bins.add(Float64Array.of(k))
  assert.equal(bins.since(0)[0], 499_500)
  assert.equal(bins.since(0.7)[0], (300 * (700 + 999)) / 2)
  const other = createBins(1)
  other.restore(bins.save())
  for (let k = 0; k < 100; k++) {
    bins.add(Float64Array.of(k))
    other.add(Float64Array.of(k))
  }
  assert.deepEqual(other.save(), bins.save())
})
