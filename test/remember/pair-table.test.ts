// The flat table of pairs does what a Map does, through growth and removals.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PairTable } from '../../src/remember/pair-table.ts'

test('behaves as a Map of pairs, whatever is set and deleted', () => {
  const action = fc.record({
    user: fc.nat(30),
    item: fc.oneof(fc.nat(30), fc.constant(2 ** 31 - 1)),
    value: fc.integer(),
    remove: fc.boolean(),
  })
  const property = fc.property(fc.array(action, { maxLength: 400 }), (actions) => {
    const table = new PairTable(true, 1)
    const model = new Map<string, number>()
    for (const { user, item, value, remove } of actions) {
      const key = `${user} ${item}`
      if (remove) assert.equal(table.delete(user, item), model.delete(key))
      else {
        table.set(user, item, value)
        model.set(key, value)
      }
      assert.equal(table.size, model.size)
    }
    const seen = new Map<string, number>()
    table.forEach((user, item, value) => void seen.set(`${user} ${item}`, value))
    assert.deepEqual([...seen].sort(), [...model].sort())
    for (let user = 0; user <= 30; user++) {
      for (let item = 0; item <= 30; item++) {
        assert.equal(table.get(user, item), model.get(`${user} ${item}`))
        assert.equal(table.has(user, item), model.has(`${user} ${item}`))
      }
    }
  })
  fc.assert(property, { numRuns: 60, seed: 1 })
})

test('many removals leave no long chains: the table does not grow for a set that stays small', () => {
  const table = new PairTable(false, 64)
  const { bytes } = table
  for (let k = 0; k < 100_000; k++) {
    table.set(k, k * 7)
    if (k >= 20) assert.ok(table.delete(k - 20, (k - 20) * 7))
  }
  assert.equal(table.size, 20)
  assert.equal(table.bytes, bytes)
})

test('a large table is divided, and no pair is lost', () => {
  const table = new PairTable(true)
  const pairs = 200_000
  const itemOf = (user: number) => Math.imul(user, 0x9e37_79b1) >>> 1
  for (let user = 0; user < pairs; user++) table.set(user, itemOf(user), user)
  for (let user = 0; user < pairs; user += 3) assert.ok(table.delete(user, itemOf(user)))
  let seen = 0
  table.forEach((user, item, value) => {
    assert.ok(item === itemOf(user) && value === user && user % 3 !== 0)
    seen++
  })
  assert.equal(seen, table.size)
  assert.equal(table.size, pairs - Math.ceil(pairs / 3))
  for (let user = 0; user < pairs; user++) {
    assert.equal(table.get(user, itemOf(user)), user % 3 === 0 ? undefined : user)
  }
  // Two numbers of four bytes and one of eight a slot, at most 3/5 of them taken.
  assert.ok(table.bytes < (16 * pairs * 2 * 5) / 3)
})
