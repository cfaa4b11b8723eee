// Avro of others: records of any name, read by their fields, with the types that people have.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decoded, shown, t0 } from './foreign.ts'
import { framed, zigzag } from './inputs.ts'

function nullable(type: unknown): unknown {
  return ['null', type]
}

const rating = {
  type: 'record',
  name: 'RatingGiven',
  namespace: 'com.example.films',
  fields: [
    { name: 'user_id', type: 'long' },
    { name: 'movie_id', type: 'int' },
    { name: 'stars', type: nullable('float') },
    { name: 'rated_at', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'context', type: { type: 'map', values: nullable('string') } },
  ],
}
const given = { stars: 4.5, tags: ['a', 'b'], context: { x: null, y: 'z' } }

test('a record is read by its fields: long and int ids, microseconds, arrays and maps passed over', async () => {
  const value = { ...given, user_id: 17, movie_id: 127, rated_at: t0 * 1000 + 400 }
  assert.equal(shown(await decoded(rating, value)), `17 127 ${t0} ADD`)
  assert.equal(shown(await decoded(rating, value, { ratingMin: 4.5 })), `17 127 ${t0} ADD`)
  assert.equal(shown(await decoded(rating, value, { ratingMin: 5 })), 'skip low_rating')
})

test('nullable fields, enums and unions of several are read as what they hold', async () => {
  const schema = {
    type: 'record',
    name: 'E',
    fields: [
      { name: 'uid', type: nullable('string') },
      { name: 'sku', type: ['null', 'string', 'long'] },
      { name: 'ts', type: nullable({ type: 'long', logicalType: 'timestamp-millis' }) },
      { name: 'action', type: nullable({ type: 'enum', name: 'A', symbols: ['LIKE', 'UNLIKE'] }) },
    ],
  }
  const told = { actions: 'LIKE=add,UNLIKE=remove', columns: 'action=action' }
  const like = { uid: 'u1', sku: 'i1', ts: t0, action: 'LIKE' }
  assert.equal(shown(await decoded(schema, like, told)), `u1 i1 ${t0} ADD`)
  assert.equal(
    shown(await decoded(schema, { ...like, sku: 99, action: 'UNLIKE' }, told)),
    `u1 99 ${t0} REMOVE`,
  )
  assert.equal(shown(await decoded(schema, { ...like, action: null }, told)), `u1 i1 ${t0} ADD`)
  assert.match(
    shown(await decoded(schema, { ...like, uid: null }, told)),
    /dead wrong_type: user is null/,
  )
  assert.equal(shown(await decoded(schema, like)), 'skip ignored_type')
})

test('an array within a record gives an event per element', async () => {
  const line = { type: 'record', name: 'Line', fields: [{ name: 'sku', type: 'string' }] }
  const schema = {
    type: 'record',
    name: 'Order',
    fields: [
      {
        name: 'who',
        type: { type: 'record', name: 'Who', fields: [{ name: 'id', type: 'long' }] },
      },
      { name: 'at', type: 'long' },
      { name: 'lines', type: { type: 'array', items: line } },
    ],
  }
  const columns = 'user=who.id,item=lines[].sku,timestamp=at'
  const value = { who: { id: 5 }, at: t0 / 1000, lines: [{ sku: 'a' }, { sku: 'b' }] }
  assert.equal(shown(await decoded(schema, value, { columns })), `5 a ${t0} ADD, 5 b ${t0} ADD`)
  assert.equal(
    shown(await decoded(schema, { ...value, lines: [] }, { columns })),
    'skip no_elements',
  )
  const many = { ...value, lines: Array.from({ length: 4 }, (_, k) => ({ sku: `${k}` })) }
  assert.match(
    shown(await decoded(schema, many, { columns, elementsMax: 3 })),
    /^dead too_large: 4 elements/,
  )
})

test('long ids are exact, however long and of either sign', async () => {
  const schema = {
    type: 'record',
    name: 'Hash',
    fields: [
      { name: 'user', type: 'long' },
      { name: 'item', type: 'long' },
      { name: 'timestamp', type: 'long' },
    ],
  }
  const longs = [
    0n,
    -1n,
    2n ** 31n,
    -(2n ** 48n) - 1n,
    2n ** 52n,
    -4503599627370497n,
    2n ** 53n + 1n,
    -(2n ** 53n) - 1n,
    2n ** 63n - 1n,
    -(2n ** 63n),
  ]
  for (const user of longs) {
    const bytes = Buffer.concat([
      zigzag(user),
      zigzag(BigInt.asIntN(64, -user)),
      zigzag(BigInt(t0)),
    ])
    const item = BigInt.asIntN(64, -user)
    assert.equal(shown(await decoded(schema, bytes)), `${user} ${item} ${t0} ADD`)
  }
})

test('times know their unit from the schema, from its writer, or by their size', async () => {
  const times: readonly (readonly [type: unknown, value: number, ms: number, zone?: string])[] = [
    ['long', t0 / 1000, t0],
    ['long', t0, t0],
    ['int', t0 / 1000, t0],
    ['double', t0 / 1000 + 0.25, t0 + 250],
    [{ type: 'int', logicalType: 'date' }, 16_588, Date.UTC(2015, 5, 2)],
    [{ type: 'long', logicalType: 'timestamp-micros' }, t0 * 1000, t0],
    [{ type: 'long', logicalType: 'local-timestamp-millis' }, t0, t0 - 7_200_000, 'Europe/Berlin'],
    [{ type: 'long', 'connect.name': 'io.debezium.time.MicroTimestamp' }, t0 * 1000, t0],
    [['null', { type: 'long', logicalType: 'timestamp-millis' }], t0, t0],
  ]
  for (const [type, value, ms, timeZone = 'UTC'] of times) {
    const schema = {
      type: 'record',
      name: 'R',
      fields: [
        { name: 'user', type: 'string' },
        { name: 'item', type: 'string' },
        { name: 'timestamp', type },
      ],
    }
    const one = { user: 'u', item: 'i', timestamp: value }
    assert.equal(
      shown(await decoded(schema, one, { timeZone })),
      `u i ${ms} ADD`,
      JSON.stringify(type),
    )
    assert.match(shown(await decoded(schema, { ...one, timestamp: 4 })), /^dead bad_time/)
  }
})

test('a record without the fields names what it has and the flag; keys and headers may stand in', async () => {
  const schema = { type: 'record', name: 'C', fields: [{ name: 'page', type: 'string' }] }
  assert.match(
    shown(await decoded(schema, { page: 'p' })),
    /^dead incompatible_schema: .*user, item, timestamp.*page.*--columns user=…,item=…,timestamp=…/,
  )
  const columns = 'user=@key,item=page,timestamp=@timestamp'
  assert.equal(shown(await decoded(schema, { page: 'p' }, { columns })), `k1 p ${t0 + 7} ADD`)
  const keySchema = { type: 'record', name: 'K', fields: [{ name: 'id', type: 'long' }] }
  const key = framed(9, zigzag(77n))
  const others = { 9: keySchema }
  const byField = { columns: columns.replace('@key', '@key.id'), key, others }
  assert.equal(shown(await decoded(schema, { page: 'p' }, byField)), `77 p ${t0 + 7} ADD`)
})

test('whom to forget is read from keys of every form', async () => {
  const others = {
    8: '"string"',
    9: { type: 'record', name: 'K', fields: [{ name: 'user_id', type: 'long' }] },
  }
  const string = { 8: 'string', 9: others[9] }
  const text = (value: string): Buffer =>
    Buffer.concat([zigzag(BigInt(value.length)), Buffer.from(value)])
  const keys: readonly (readonly [Buffer, string])[] = [
    [Buffer.from('u1'), 'forget u1'],
    [Buffer.from('"u1"'), 'forget u1'],
    [Buffer.from('17'), 'forget 17'],
    [Buffer.from('{"schema":{"type":"string"},"payload":"u1"}'), 'forget u1'],
    [Buffer.from('{"payload":{"user_id":9007199254740993}}'), 'forget 9007199254740993'],
    [Buffer.from('{"user":"u1","x":1}'), 'forget u1'],
    [Buffer.from('{"whatever":"u1"}'), 'forget u1'],
    [Buffer.from('{"a":1,"b":2}'), 'dead bad_id'],
    [Buffer.from('{not json'), 'forget {not json'],
    [framed(8, text('u1')), 'forget u1'],
    [framed(9, zigzag(2n ** 62n)), `forget ${2n ** 62n}`],
    [framed(404, zigzag(5n)), 'dead bad_id'],
  ]
  for (const [key, expected] of keys) {
    const got = shown(
      await decoded({ type: 'record', name: 'E', fields: [] }, null, { key, others: string }),
    )
    assert.ok(got.startsWith(expected), `${key}: ${got}`)
  }
  const deleted = { key: Buffer.from('{"id":5}'), shape: 'debezium' as const }
  assert.equal(
    shown(await decoded({ type: 'record', name: 'E', fields: [] }, null, deleted)),
    'skip tombstone',
  )
})
