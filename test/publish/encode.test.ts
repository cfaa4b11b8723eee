// Lists survive the way to bytes and back, in every form, and equal lists are equal bytes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import avsc from 'avsc'
import fc from 'fast-check'
import {
  createListEncoder,
  decodeList,
  encodeForgotten,
  type ListForm,
} from '../../src/publish/encode.ts'
import type { TopList } from '../../src/types.ts'
import { topListSchema } from '../../src/wire/schemas.ts'

const forms: readonly ListForm[] = [
  { form: 'json' },
  { form: 'avro' },
  { form: 'confluent', schemaId: 70_000 },
]

const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 })
const count = fc.integer({ min: 0, max: 2 ** 52 - 1 })
const lists: fc.Arbitrary<TopList> = fc.record({
  user: id,
  items: fc.array(
    fc.record({ item: id, score: fc.double({ min: 0, max: 1, noNaN: true }).map((x) => x + 0) }),
    { maxLength: 20 },
  ),
  modelVersion: count,
  generatedAt: count,
  newestEvent: count,
  position: fc.record({ stream: id, offset: count }),
  source: fc.constantFrom('PERSONAL', 'POPULAR'),
  beatsNext: fc.array(
    fc.double({ min: 0, max: 1, noNaN: true }).map((x) => x + 0),
    { maxLength: 20 },
  ),
})

for (const form of forms) {
  test(`${form.form}: what is encoded is decoded again`, () => {
    const encode = createListEncoder(form)
    fc.assert(
      fc.property(lists, (list) => {
        const { key, value } = encode(list)
        assert.equal(key, list.user)
        assert.deepEqual(plain(decodeList(value!)), plain(list))
      }),
      { seed: 7, numRuns: 200 },
    )
  })
}

/** fast-check makes objects without a prototype. */
function plain(list: TopList): unknown {
  return JSON.parse(JSON.stringify(list))
}

const list: TopList = {
  user: 'u1',
  items: [{ item: 'i1', score: 0.75 }],
  modelVersion: 3,
  generatedAt: 1_700_000_000_000,
  newestEvent: 1_600_000_000_000,
  position: { stream: 'events/0', offset: 41 },
  source: 'PERSONAL',
  beatsNext: [0.5],
}

test('the JSON form is that of the schema, its fields in the order of the schema', () => {
  const { value } = createListEncoder({ form: 'json' })(list)
  const type = avsc.Type.forSchema(JSON.parse(topListSchema))
  assert.equal(Buffer.from(value!).toString(), type.toString(list))
  const turned = Object.fromEntries(Object.entries(list).reverse()) as unknown as TopList
  assert.deepEqual(createListEncoder({ form: 'json' })(turned).value, value)
})

test('lists of version 0.1 are read, and readers of 0.1 read these by the rules of Avro', () => {
  const { fields, ...rest } = JSON.parse(topListSchema)
  const earlier = avsc.Type.forSchema({ ...rest, fields: fields.slice(0, -1) })
  const { beatsNext: _, ...old } = list
  const read = { ...old, beatsNext: [] }
  assert.deepEqual(plain(decodeList(earlier.toBuffer(old))), read)
  assert.deepEqual(
    plain(decodeList(Buffer.concat([Buffer.from([0, 0, 0, 0, 9]), earlier.toBuffer(old)]))),
    read,
  )
  assert.deepEqual(plain(decodeList(Buffer.from(JSON.stringify(old)))), read)
  const now = avsc.Type.forSchema(JSON.parse(topListSchema))
  const { value } = createListEncoder({ form: 'avro' })(list)
  const resolved = earlier.fromBuffer(Buffer.from(value!), earlier.createResolver(now))
  assert.deepEqual(plain(resolved as TopList), old)
  // Without the schema of the writer: the new field comes last, so a reader that stops there has the whole list.
  assert.deepEqual(plain(earlier.decode(Buffer.from(value!)).value as TopList), old)
})

test('Confluent framing carries the schema id before the plain datum', () => {
  const framed = Buffer.from(createListEncoder({ form: 'confluent', schemaId: 258 })(list).value!)
  assert.equal(framed.toString('hex', 0, 5), '0000000102')
  assert.deepEqual(framed.subarray(5), createListEncoder({ form: 'avro' })(list).value)
})

test('a forgotten user is a null under their key', () => {
  assert.deepEqual(encodeForgotten('u1'), { key: 'u1', value: null })
})

test('half a list is an error, not a list', () => {
  for (const form of forms) {
    const { value } = createListEncoder(form)(list)
    assert.throws(() => decodeList(value!.subarray(0, -3)))
  }
})
