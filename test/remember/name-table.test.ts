// Names as bytes against an array and a Map of strings: whatever is in them, however many numbers change hands.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NameTable } from '../../src/remember/name-table.ts'
import { createRandom } from '../../src/sample/random.ts'

/** Among them what is no Unicode, what takes one, two and four bytes, and what is longer than any number says. */
const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 8 }),
  fc.constantFrom('é', 'e\u0301', '\u00ff', '\u0100', '\ud83d', '\ude00', '😀', '\0', '\0\0', ' '),
  fc.nat(9).map((length) => 'x'.repeat(10 ** (length % 5))),
)

const step = fc.record({ name: anyName, at: fc.nat(30), gives: fc.boolean() })

function property(hash?: (name: string) => number) {
  return fc.property(fc.array(step, { maxLength: 120 }), fc.boolean(), (steps, isPrepared) => {
    const table = new NameTable(hash)
    if (isPrepared) table.prepare()
    const names: string[] = []
    for (const { name, at, gives } of steps) {
      const known = names.indexOf(name)
      if (name !== '' && isPrepared) assert.equal(table.find(name), known < 0 ? undefined : known)
      if (gives && names.length > 0) {
        const id = at % names.length
        const given = known < 0 || known === id ? name : ''
        table.rename(id, given)
        names[id] = given
      } else if (known < 0 || name === '') {
        assert.equal(table.push(name), names.length)
        names.push(name)
      }
    }
    assert.equal(table.length, names.length)
    assert.deepEqual(table.slice(), names)
    names.forEach((name, id) => {
      assert.equal(table.name(id), name)
      assert.ok(table.is(id, name) && !table.is(id, `${name}x`))
      assert.equal(table.find(name), name === '' ? undefined : id)
    })
    for (const { name } of steps) {
      assert.equal(table.find(name) !== undefined, name !== '' && names.includes(name))
    }
    assert.equal(table.name(names.length), '')
  })
}

test('names are found by number and numbers by name, whatever is in them', () => {
  fc.assert(property())
})

test('names that all have one hash are found, too', () => {
  for (const hash of [0, 1, 2, -1, 0x7fff_ffff])
    fc.assert(
      property(() => hash),
      { numRuns: 20 },
    )
})

test('numbers that change hands for ever take no more than twice the room', () => {
  const random = createRandom(3, 'names')
  const table = new NameTable()
  const names: string[] = []
  const count = 2_000
  let most = 0
  for (let k = 0; k < 60_000; k++) {
    const name = `${k}`.padEnd(1 + random.below(k < 20_000 ? 200 : 60), '-')
    const id = k < count ? table.push(name) : random.below(count)
    const given = k >= count && random.below(5) === 0 ? '' : name
    if (k >= count) table.rename(id, given)
    names[id] = given
    most = Math.max(most, table.bytes)
  }
  names.forEach((name, id) => {
    assert.equal(table.name(id), name)
    assert.equal(table.find(name), name === '' ? undefined : id)
  })
  const characters = count * 200
  assert.ok(most < 2 * characters + 2 ** 20, `${most} bytes for at most ${characters} characters`)
})

test('a name longer than what is set aside at once has room, and gives it back', () => {
  const table = new NameTable()
  const long = 'long name '.repeat(100_000)
  const id = table.push(long)
  table.push('short')
  assert.equal(table.name(id), long)
  assert.equal(table.find(long), id)
  table.rename(id, '')
  assert.equal(table.find('short'), 1)
  assert.ok(table.bytes < 2 ** 20, `${table.bytes} bytes`)
})

test('a view of names stays as it was while numbers change hands', () => {
  const random = createRandom(4, 'names')
  const table = new NameTable()
  for (let id = 0; id < 9_000; id++) table.push(id % 7 === 0 ? '' : `the name of ${id}`)
  const then = table.slice(100, 8_900)
  const view = table.frozen(100, 8_900)
  for (let k = 0; k < 60_000; k++) table.rename(random.below(9_000), `later ${k} 日本`)
  assert.equal(view.length, 8_800)
  assert.deepEqual(view.slice(0, 8_800), then)
  assert.deepEqual(view.slice(50, 60), then.slice(50, 60))
})

test('a million names of a dozen letters take 37 bytes each', () => {
  const table = new NameTable()
  table.prepare()
  for (let id = 0; id < 1_000_000; id++) table.push(`user-${id}`)
  assert.equal(table.find('user-777777'), 777_777)
  assert.ok(table.bytes < 37e6, `${table.bytes} bytes`)
})
