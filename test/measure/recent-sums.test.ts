// Sums over the newest events, in which one user has no more than a share of the places.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRecentSums } from '../../src/measure/recent-sums.ts'

const size = 100
const one = (value: number) => Float64Array.of(1, value)

test('without a flood they are the plain sums over the newest events', () => {
  const values = fc.array(fc.nat(9), { maxLength: 350 })
  const property = fc.property(values, (all) => {
    const window = createRecentSums(2, size, 0.1)
    for (const [k, value] of all.entries()) window.add(k % 40, one(value))
    const newest = all.slice(-size)
    const sum = newest.reduce((total, value) => total + value, 0)
    assert.deepEqual([...window.sums()], [newest.length, sum])
  })
  fc.assert(property, { numRuns: 100, seed: 1 })
})

test('a user with 95 % of the events has a tenth of the places, with their newest events', () => {
  const window = createRecentSums(2, size, 0.1)
  for (let k = 0; k < 5_000; k++) {
    if (k % 20 === 0) window.add(1 + ((k / 20) % 60), one(0))
    else window.add(0, one(k < 4_000 ? 1_000 : 1))
  }
  const [events, sum] = window.sums()
  assert.equal(events, size)
  assert.equal(sum, size / 10)
})

test('few users share all the places, and one has all of them', () => {
  for (const users of [1, 2, 3]) {
    const window = createRecentSums(2, size, 0.1)
    for (let k = 0; k < 1_000; k++) window.add(k % users, one(1))
    assert.deepEqual([...window.sums()], [size, size])
  }
})

test('goes on after a restore as if nothing had happened, also from a state that knows no users', () => {
  const before = createRecentSums(2, size, 0.1)
  for (let k = 0; k < 333; k++) before.add(k % 3 === 0 ? k % 50 : 7, one(k))
  const after = createRecentSums(2, size, 0.1)
  after.restore(before.save(), before.savePlaces())
  const older = createRecentSums(2, size, 0.1)
  older.restore(before.save(), new Float64Array(0))
  assert.deepEqual(older.sums(), before.sums())
  for (let k = 0; k < 200; k++) {
    for (const each of [before, after, older]) each.add(k % 2 === 0 ? k % 50 : 7, one(k))
    assert.deepEqual(after.sums(), before.sums())
  }
  assert.equal(older.sums()[0], size)
})
