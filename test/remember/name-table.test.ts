// Names and their numbers in many small Maps against a single one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NameTable } from '../../src/remember/name-table.ts'
import { createRandom } from '../../src/sample/random.ts'

test('names are found in whichever Map they are, and those that left are not', () => {
  const random = createRandom(3, 'names')
  const table = new NameTable(8)
  const plain = new Map<string, number>()
  let most = 0
  for (let id = 0; id < 5_000; id++) {
    const name = `n${random.below(100)}`
    assert.equal(table.get(name), plain.get(name))
    if (plain.delete(name)) table.delete(name)
    else {
      plain.set(name, id)
      table.add(name, id)
    }
    most = Math.max(most, plain.size)
  }
  assert.ok(most > 40, `${most} names at once`)
  for (let n = 0; n < 100; n++) assert.equal(table.get(`n${n}`), plain.get(`n${n}`))
})
