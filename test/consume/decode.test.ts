// Every bad input that concerns decoding, form by form, with the verdict it must get; then what the
// decoder makes of good ones.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDecoder } from '../../src/consume/decode.ts'
import type { SourceRecord } from '../../src/types.ts'
import {
  avro,
  columns,
  decoder,
  framed,
  good,
  limits,
  nowMs,
  rawAvro,
  record,
  verdict,
  zigzag,
} from './inputs.ts'

type Row = readonly [what: string, record: SourceRecord, expected: string]

const text = (value: unknown): Buffer =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const json = (change: object): SourceRecord => record(text({ ...good, ...change }))
const line = (change: object): SourceRecord =>
  columns({ user: 'u', item: 'i', timestamp: '1500000000000', ...change })
const id = Buffer.from('u1')
const long = Buffer.alloc(257, 'x')
const now = BigInt(nowMs)

const avroRows: readonly Row[] = [
  ['a null value with a key', record(null), 'forget'],
  ['a null value without a key', record(null, null), 'skip no_key'],
  ['a null value with an empty key', record(null, ''), 'dead bad_id'],
  ['no bytes', record(Buffer.alloc(0)), 'dead empty'],
  ['a datum cut short', record(avro().subarray(0, -1)), 'dead decode'],
  ['a datum cut within an id', record(avro().subarray(0, 2)), 'dead decode'],
  ['bytes after the datum', record(Buffer.concat([avro(), Buffer.from([0])])), 'dead decode'],
  ['a bad enum index', record(Buffer.concat([avro().subarray(0, -1), zigzag(9n)])), 'dead decode'],
  ['a negative length', record(Buffer.from([1, 2, 3, 4, 5, 6])), 'dead decode'],
  ['a length of 2^62', record(Buffer.concat([zigzag(2n ** 62n), id])), 'dead decode'],
  ['a length without end', record(Buffer.alloc(1_000, 0xff)), 'dead decode'],
  ['a value over the limit', record(Buffer.alloc(4_097, 0x20)), 'dead too_large'],
  ['a time of 2^53 + 1', record(rawAvro(id, 2n ** 53n + 1n)), 'dead bad_time'],
  ['a time of 2^62', record(rawAvro(id, 2n ** 62n)), 'dead bad_time'],
  ['a time of -2^52 - 1', record(rawAvro(id, -(2n ** 52n) - 1n)), 'dead bad_time'],
  ['a time of -2^62', record(rawAvro(id, -(2n ** 62n))), 'dead bad_time'],
  ['a time of -1', record(rawAvro(id, -1n)), 'dead bad_time'],
  ['a time of 0', record(rawAvro(id, 0n)), 'dead bad_time'],
  ['a time at the edge', record(avro({ timestamp: nowMs + 300_000 })), 'interaction'],
  ['a time past the edge', record(avro({ timestamp: nowMs + 300_001 })), 'dead bad_time'],
  ['an empty user', record(avro({ user: '' })), 'dead bad_id'],
  ['an empty item', record(avro({ item: '' })), 'dead bad_id'],
  ['an id of 256 bytes', record(rawAvro(long.subarray(1), now)), 'interaction'],
  ['an id of 257 bytes', record(rawAvro(long, now)), 'dead bad_id'],
  ['a short id of long characters', record(avro({ user: '推'.repeat(86) })), 'dead bad_id'],
  ['a control character', record(avro({ item: 'a\u0000b' })), 'dead bad_id'],
  ['a newline in an id', record(avro({ item: 'a\nb' })), 'dead bad_id'],
  ['a C1 control character', record(avro({ item: 'a\u0085b' })), 'dead bad_id'],
  ['invalid UTF-8', record(rawAvro(Buffer.from([0x61, 0xff]), now)), 'dead bad_id'],
  ['a source that could not read it', { ...record(id), fault: torn() }, 'dead torn_input'],
]

function torn(): { readonly reason: 'torn_input'; readonly detail: string } {
  return { reason: 'torn_input', detail: 'the file breaks off' }
}

const confluentRows: readonly Row[] = [
  ['one byte', record(Buffer.from([0])), 'dead short_frame'],
  ['four bytes', record(Buffer.from([0, 0, 0, 1])), 'dead short_frame'],
  ['JSON', record(text(good)), 'dead bad_magic'],
  ['plain Avro', record(avro()), 'dead bad_magic'],
  ['a frame without a datum', record(framed(1, Buffer.alloc(0))), 'dead decode'],
  ['an id nobody knows', record(framed(404, avro())), 'dead unknown_schema'],
  ['a negative id', record(framed(-1, avro())), 'dead unknown_schema'],
  ['a whole one', record(framed(1, avro())), 'interaction'],
]

const jsonRows: readonly Row[] = [
  ['no JSON', record(text('user,item')), 'dead not_json'],
  ['half of an object', record(text('{"user":"u1"')), 'dead not_json'],
  ['NaN', record(text('{"user":"u","item":"i","timestamp":NaN}')), 'dead not_json'],
  ['invalid UTF-8', record(Buffer.from([0x7b, 0xff, 0x7d])), 'dead not_json'],
  ['brackets without end', record(Buffer.alloc(4_000, '[')), 'dead not_json'],
  ['an array', record(text([good])), 'dead wrong_type'],
  ['null', record(text('null')), 'dead wrong_type'],
  ['a number', record(text('7')), 'dead wrong_type'],
  ['no user', json({ user: undefined }), 'dead missing_field'],
  ['no item', json({ item: undefined }), 'dead missing_field'],
  ['no time', json({ timestamp: undefined }), 'dead missing_field'],
  ['a number for an id', json({ user: 7 }), 'interaction'],
  ['half a number for an id', json({ user: 7.5 }), 'dead wrong_type'],
  ['true for an id', json({ user: true }), 'dead wrong_type'],
  ['null for an id', json({ item: null }), 'dead wrong_type'],
  ['an object for an id', json({ user: { string: 'u' } }), 'dead wrong_type'],
  ['a text for a time', json({ timestamp: '1500000000000' }), 'interaction'],
  ['a word for a time', json({ timestamp: 'noon' }), 'dead wrong_type'],
  ['true for a time', json({ timestamp: true }), 'dead wrong_type'],
  ['half a second of 1970', json({ timestamp: 0.5 }), 'dead bad_time'],
  ['a rating for a time', json({ timestamp: 4 }), 'dead bad_time'],
  ['seconds', json({ timestamp: 1_500_000_000 }), 'interaction'],
  ['seconds of 1989', json({ timestamp: 631_151_999 }), 'dead bad_time'],
  ['a time of 1e400', record(text('{"user":"u","item":"i","timestamp":1e400}')), 'dead wrong_type'],
  ['nanoseconds', json({ timestamp: 2 ** 60 }), 'interaction'],
  ['a time of 2^63', json({ timestamp: 2 ** 63 }), 'dead bad_time'],
  ['a negative time', json({ timestamp: -5 }), 'dead bad_time'],
  ['minus zero', record(text('{"user":"u","item":"i","timestamp":-0}')), 'dead bad_time'],
  ['a far future', json({ timestamp: nowMs * 2 }), 'dead bad_time'],
  ['an empty id', json({ user: '' }), 'dead bad_id'],
  ['half a character', json({ user: '\ud800' }), 'dead bad_id'],
  ['a whole character of two halves', json({ user: '🎧' }), 'interaction'],
  ['a number for an action', json({ action: 1 }), 'dead bad_action'],
  ['an action in small letters', json({ action: 'add' }), 'dead bad_action'],
  ['an empty action', json({ action: '' }), 'dead bad_action'],
  ['an action of many words', json({ action: 'put it in' }), 'dead bad_action'],
  ['another kind of event', json({ action: 'VIEW' }), 'skip ignored_type'],
  ['no action', json({ action: undefined }), 'interaction'],
  ['fields we do not know', json({ weight: 1e300, tags: ['a'] }), 'interaction'],
  ['no bytes', record(Buffer.alloc(0)), 'dead empty'],
]

const columnRows: readonly Row[] = [
  ['no columns', columns({}), 'skip blank'],
  ['one column', columns({ user: 'u' }), 'dead missing_field'],
  ['two columns', columns({ user: 'u', item: 'i' }), 'dead missing_field'],
  ['an empty time', line({ timestamp: '' }), 'dead missing_field'],
  ['an empty user', line({ user: '' }), 'dead bad_id'],
  ['a word for a time', line({ timestamp: 'yesterday' }), 'dead wrong_type'],
  ['Infinity', line({ timestamp: 'Infinity' }), 'dead wrong_type'],
  ['a hexadecimal time', line({ timestamp: '0x10' }), 'dead wrong_type'],
  ['a date that does not exist', line({ timestamp: '2020-13-45' }), 'dead wrong_type'],
  ['a negative time', line({ timestamp: '-1' }), 'dead bad_time'],
  ['a time of 20 digits', line({ timestamp: '9'.repeat(20) }), 'dead bad_time'],
  ['a date', line({ timestamp: '2020-02-29' }), 'interaction'],
  ['another kind of event', line({ action: 'play' }), 'skip ignored_type'],
  ['a removal', line({ action: 'REMOVE' }), 'interaction'],
  ['an empty action', line({ action: '' }), 'interaction'],
]

const tables = { avro: avroRows, confluent: confluentRows, json: jsonRows, columns: columnRows }

for (const [name, rows] of Object.entries(tables)) {
  test(`${name}: every input gets its verdict`, async () => {
    const { interactionSchema } = await import('../../src/wire/schemas.ts')
    const schemaById = async (asked: number): Promise<string | undefined> =>
      asked === 1 ? interactionSchema : undefined
    const form = name === 'columns' ? 'json' : (name as 'avro' | 'confluent' | 'json')
    const decode = decoder(form, { schemaById })
    const got: string[] = []
    for (const [what, one] of rows) got.push(`${what}: ${verdict(await decode(one))}`)
    assert.deepEqual(
      got,
      rows.map(([what, , expected]) => `${what}: ${expected}`),
    )
  })
}

test('JSON where Avro was expected is told how to be taken, anything else is not', async () => {
  for (const form of ['confluent', 'avro'] as const) {
    for (const [bytes, told] of [
      [text(good), true],
      [Buffer.from([9, 9, 9, 9, 9]), false],
    ] as const) {
      const decoded = await decoder(form, { schemaById: async () => undefined })(record(bytes))
      assert.ok(decoded.kind === 'dead')
      assert.equal(decoded.fault.detail.includes('--record-form json'), told, form)
    }
  }
})

test('strange but valid ids are taken as they are', async () => {
  const ids = ['__proto__', 'constructor', 'toString', '{a}', 'a:b', ' a ', '推薦', '🎧', '\u2028']
  for (const user of ids) {
    for (const decoded of [
      await decoder('avro')(record(avro({ user }))),
      await decoder('json')(json({ user })),
    ]) {
      assert.equal(decoded.kind === 'interaction' ? decoded.interaction.user : decoded.kind, user)
    }
    // Blanks beside a column's text belong to the table, not to the id.
    const cell = await decoder('json')(line({ user }))
    assert.equal(cell.kind === 'interaction' && cell.interaction.user, user.replaceAll(' ', ''))
  }
})

test('columns: seconds, milliseconds and dates mean the same time', async () => {
  const same = [
    columns({ user: 'u', item: 'i', timestamp: '1582934400250' }),
    columns({ user: 'u', item: 'i', timestamp: '1582934400.25' }),
    columns({ user: 'u', item: 'i', timestamp: '2020-02-29T00:00:00.25Z' }),
    columns({ user: 'u', item: 'i', timestamp: '2020-02-29 01:00:00.25+01:00' }),
  ]
  for (const one of same) {
    const decoded = await decoder('json')(one)
    assert.equal(decoded.kind === 'interaction' && decoded.interaction.timestamp, 1582934400250)
  }
})

test('one bad record harms no other of its batch, and order stays', async () => {
  const { decode } = createDecoder({ form: 'avro', now: () => nowMs, limits })
  const batch = [record(avro()), record(Buffer.from([9])), record(avro({ item: 'i2' }))]
  assert.deepEqual((await decode(batch)).map(verdict), [
    'interaction',
    'dead decode',
    'interaction',
  ])
})
