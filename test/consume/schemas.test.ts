// Writer schemas that are not ours: which are read, which are refused before a byte is read with
// them, and how they are fetched.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import avsc from 'avsc'
import { createDecoder } from '../../src/consume/decode.ts'
import { avro, decoder, framed, good, limits, nowMs, record, verdict } from './inputs.ts'

const fields = [
  { name: 'user', type: 'string' },
  { name: 'item', type: 'string' },
  { name: 'timestamp', type: 'long' },
]

function schema(more: readonly object[] = [], name = 'Interaction'): object {
  return { type: 'record', name, fields: [...fields, ...more] }
}

async function judged(writer: unknown, datum: Uint8Array): Promise<string> {
  const written = typeof writer === 'string' ? writer : JSON.stringify(writer)
  return verdict(
    await decoder('confluent', { schemaById: async () => written })(record(framed(1, datum))),
  )
}

function nested(depth: number): object {
  let type: unknown = 'int'
  for (let level = depth; level > 0; level--) {
    type = { type: 'record', name: `R${level}`, fields: [{ name: 'inner', type }] }
  }
  return { name: 'extra', type }
}

/** Each record has two fields of the next: 2^20 nodes in little text, none of them a byte long. */
function doubling(): object[] {
  const types: object[] = []
  for (let level = 6; level > 0; level--) {
    const type = level === 6 ? 'null' : `W${level + 1}`
    const wide = Array.from({ length: 10 }, (_, index) => ({ name: `f${index}`, type }))
    types.push({ name: `w${level}`, type: { type: 'record', name: `W${level}`, fields: wide } })
  }
  return types
}

const recursive = {
  name: 'parent',
  type: {
    type: 'record',
    name: 'Node',
    fields: [{ name: 'next', type: ['null', 'Node'] }],
  },
}

test('writer schemas that cannot be trusted or read are refused, whatever the bytes', async () => {
  const bomb = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f, 0x00])
  const rows: readonly (readonly [string, unknown, string])[] = [
    ['an array alone', { type: 'array', items: 'null' }, 'dead incompatible_schema'],
    [
      'an array in itself',
      schema([{ name: 'a', type: { type: 'array', items: 'Interaction' } }]),
      'dead schema_refused',
    ],
    ['recursion', schema([recursive]), 'dead schema_refused'],
    ['depth 17', schema([nested(16)]), 'dead schema_refused'],
    ['a million types by reference', schema(doubling()), 'dead schema_refused'],
    ['thousands of brackets', '['.repeat(10_000), 'dead schema_refused'],
    ['HTML', '<html></html>', 'dead bad_schema'],
    ['no text', '', 'dead bad_schema'],
    [
      'JSON schema',
      { $schema: 'http://json-schema.org/schema#', type: 'object' },
      'dead bad_schema',
    ],
    ['a type nobody defined', schema([{ name: 'x', type: 'Ghost' }]), 'dead bad_schema'],
    ['a type of a known word', schema([{ name: 'x', type: 'constructor' }]), 'dead bad_schema'],
    ['over a megabyte', ' '.repeat(1_048_577), 'dead bad_schema'],
    ['a missing field', { ...schema(), fields: fields.slice(1) }, 'dead incompatible_schema'],
    ['a primitive', '"string"', 'dead incompatible_schema'],
  ]
  for (const [what, writer, expected] of rows) {
    assert.equal(`${what}: ${await judged(writer, bomb)}`, `${what}: ${expected}`)
  }
})

test('a bomb of elements without bytes is refused at once, wherever it stands', async () => {
  // 10^10 entries of no bytes, and 10^5 in each of many inner arrays: reading them takes minutes.
  const holes = { type: 'array', items: 'null' }
  const map = { type: 'map', values: 'null' }
  const count = Buffer.from([0x80, 0x90, 0xdf, 0xc0, 0x4a])
  const inner = Buffer.concat(
    Array.from({ length: 500 }, () => Buffer.from([0xc0, 0x9a, 0x0c, 0x00])),
  )
  const many = Buffer.concat([Buffer.from([0xe8, 0x07]), inner, Buffer.from([0x00])])
  const bombs: readonly (readonly [object, Buffer])[] = [
    [holes, count],
    [map, count],
    [['null', holes], Buffer.concat([Buffer.from([2]), count])],
    [{ type: 'array', items: holes }, many],
  ]
  const datum = avro().subarray(0, -1)
  for (const [type, bytes] of bombs) {
    const writer = schema([{ name: 'bomb', type }])
    const before = performance.now()
    assert.equal(await judged(writer, Buffer.concat([datum, bytes])), 'dead decode')
    assert.ok(performance.now() - before < 500)
  }
})

test('control: without the guard the library believes any count', () => {
  const type = avsc.Type.forSchema({ type: 'array', items: 'null' })
  const bytes = Buffer.from([0x80, 0x89, 0x7a, 0x00])
  assert.equal((type.fromBuffer(bytes) as unknown[]).length, 1_000_000)
})

test('other versions of the schema are read by the rules of schema evolution', async () => {
  const kinds = { type: 'enum', name: 'Action', symbols: ['VIEW', 'REMOVE', 'ADD'] }
  const writers: readonly (readonly [object, object, string])[] = [
    [schema(), {}, 'ADD'],
    [{ ...schema(), namespace: 'com.example' }, {}, 'ADD'],
    [schema([{ name: 'price', type: ['null', 'double'] }]), { price: { double: 1.5 } }, 'ADD'],
    [schema([{ name: 'action', type: kinds }]), { action: 'REMOVE' }, 'REMOVE'],
    [schema([nested(15)]), { extra: nestedValue(15) }, 'ADD'],
    [schema([], 'Click'), {}, 'ADD'],
    [
      { ...schema(), fields: [...fields.slice(0, 2), { name: 'timestamp', type: 'int' }] },
      { timestamp: 1_500_000_000 },
      'ADD',
    ],
  ]
  for (const [writer, more, action] of writers) {
    const type = avsc.Type.forSchema(writer as avsc.Schema, { wrapUnions: true })
    const datum = type.toBuffer({ ...good, ...more })
    const decode = decoder('confluent', { schemaById: async () => JSON.stringify(writer) })
    const given = { ...good, ...more }.timestamp
    const timestamp = given < 1e12 ? given * 1000 : given
    assert.deepEqual(await decode(record(framed(1, datum))), {
      kind: 'interaction',
      interaction: { user: 'u1', item: 'i1', timestamp, action },
    })
  }
  const view = avsc.Type.forSchema(schema([{ name: 'action', type: kinds }]) as avsc.Schema)
  const datum = view.toBuffer({ ...good, action: 'VIEW' })
  assert.equal(await judged(schema([{ name: 'action', type: kinds }]), datum), 'skip ignored_type')
})

function nestedValue(depth: number): unknown {
  return depth === 0 ? 7 : { inner: nestedValue(depth - 1) }
}

test('a schema is fetched once, a missing one again with the next batch', async () => {
  const asked: number[] = []
  const { decode } = createDecoder({
    form: 'confluent',
    now: () => nowMs,
    limits,
    schemaById: async (id) => {
      asked.push(id)
      return id === 1 ? JSON.stringify(schema()) : undefined
    },
  })
  const datum = avro().subarray(0, -1)
  const batch = [1, 2, 1, 2].map((id) => record(framed(id, datum)))
  const expected = ['interaction', 'dead unknown_schema', 'interaction', 'dead unknown_schema']
  assert.deepEqual((await decode(batch)).map(verdict), expected)
  assert.deepEqual((await decode(batch)).map(verdict), expected)
  assert.deepEqual(asked, [1, 2, 2])
})

test('a registry that does not answer rejects the batch, and the next try reads it', async () => {
  let down = true
  const { decode } = createDecoder({
    form: 'confluent',
    now: () => nowMs,
    limits,
    schemaById: async () => {
      if (down) throw new Error('no answer')
      return JSON.stringify(schema())
    },
  })
  const batch = [record(framed(1, avro().subarray(0, -1)))]
  await assert.rejects(decode(batch), /no answer/)
  down = false
  assert.deepEqual((await decode(batch)).map(verdict), ['interaction'])
})
