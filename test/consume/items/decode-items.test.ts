// What a record of the item feed says, in every form, under the usual names and under told ones; and what is refused
// rather than guessed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  createItemDecoder,
  type ItemDecoderOptions,
} from '../../../src/consume/items/decode-items.ts'
import type { ItemVerdict } from '../../../src/consume/items/judge-item.ts'
import { parseMapping } from '../../../src/consume/mapping/spec/spec.ts'
import { Failure } from '../../../src/errors.ts'
import type { SourceRecord } from '../../../src/types.ts'
import { createCodec } from '../../../src/wire/avro.ts'
import { itemSchema } from '../../../src/wire/schemas.ts'

function decoderOf(options: Partial<ItemDecoderOptions> = {}) {
  const { times } = parseMapping()
  return createItemDecoder({
    ...{ form: 'json', columns: '', recordBytesMax: 1_000, idBytesMax: 256, times },
    ...options,
  })
}

function recordOf(value: unknown, key: string | null = null): SourceRecord {
  const bytes =
    value === null || value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value))
  return { position: { stream: 'feed', offset: 0 }, key, value: bytes }
}

async function verdictOf(value: unknown, options: Partial<ItemDecoderOptions> = {}, key?: string) {
  return (await decoderOf(options).decode([recordOf(value, key ?? null)]))[0]!
}

function stateOf(verdict: ItemVerdict) {
  assert.equal(verdict.kind, 'state', JSON.stringify(verdict))
  return verdict.kind === 'state' ? verdict.state : undefined
}

const newYear = Date.parse('2026-01-01T00:00:00Z')

test('JSON under our own names', async () => {
  const all = {
    item: 'a',
    available: true,
    from: newYear,
    until: '2026-02-01T00:00:00Z',
    name: 'x',
  }
  assert.deepEqual(stateOf(await verdictOf(all)), {
    ...{ item: 'a', available: true, from: newYear, until: Date.parse('2026-02-01T00:00:00Z') },
  })
  assert.deepEqual(stateOf(await verdictOf({ item: 'a', until: newYear })), {
    ...{ item: 'a', available: true, until: newYear },
  })
  assert.deepEqual(stateOf(await verdictOf({ item: 'a', available: false, from: null })), {
    ...{ item: 'a', available: false },
  })
})

test('other usual names, and the item in the key', async () => {
  const product = { id: 'sku-1', title: 'Coat', availability: 'out_of_stock' }
  assert.deepEqual(stateOf(await verdictOf(product)), { item: 'sku-1', available: false })
  const stock = { product_id: 71, 'Stock Quantity': 3 }
  assert.deepEqual(stateOf(await verdictOf(stock)), { item: '71', available: true })
  assert.deepEqual(stateOf(await verdictOf({ in_stock: false }, {}, 'k')), {
    ...{ item: 'k', available: false },
  })
  const long = '{"item":12345678901234567890,"available":true}'
  assert.equal(stateOf(await verdictOf(Buffer.from(long)))?.item, '12345678901234567890')
})

test('told columns reach into the record, its key and its headers', async () => {
  const columns = 'item=@key,available=payload.stock.count|payload.open,until=payload.end'
  const value = { payload: { stock: { count: 0 }, end: '2026-01-01' } }
  assert.deepEqual(stateOf(await verdictOf(value, { columns }, 'k')), {
    ...{ item: 'k', available: false, until: newYear },
  })
  const words = [
    [true, true],
    [0, false],
    [12.5, true],
    [-1, false],
    ['17', true],
    [' In Stock ', true],
    ['https://schema.org/OutOfStock', false],
    ['preorder', true],
    ['sold out', false],
    ['NO', false],
  ] as const
  for (const [available, expected] of words) {
    assert.equal(stateOf(await verdictOf({ item: 'a', available }))?.available, expected)
  }
})

test('a time beyond 2100 stands for no end', async () => {
  for (const until of ['9999-12-31', '9999-12-31T23:59:59Z', 253402300799000]) {
    const state = stateOf(await verdictOf({ item: 'a', until }))
    assert.deepEqual(state, { item: 'a', available: true }, String(until))
  }
})

test('a null value says that the item of its key is gone', async () => {
  assert.deepEqual(await verdictOf(null, {}, 'a'), { kind: 'gone', item: 'a' })
  assert.deepEqual(await verdictOf(null, {}, '{"sku":"a"}'), { kind: 'gone', item: 'a' })
  assert.deepEqual(await verdictOf(Buffer.from('null'), {}, 'a'), { kind: 'gone', item: 'a' })
  assert.equal((await verdictOf(null)).kind, 'refused')
})

test('what is neither one nor the other is refused, with what to do', async () => {
  const refusals: readonly [unknown, string, RegExp][] = [
    [{ item: 'a', status: 'ok' }, 'missing_field', /--item-columns available=/],
    [{ available: true }, 'missing_field', /no field is the item/],
    [{ item: 'a', available: 'perhaps' }, 'wrong_type', /neither yes nor no/],
    [{ item: 'a', available: { in: 3 } }, 'wrong_type', /neither yes nor no/],
    [{ item: 'a', until: 'soon' }, 'wrong_type', /until is neither/],
    [{ item: 'a', from: 7 }, 'bad_time', /from is no time/],
    [{ item: '', available: true }, 'missing_field', /no field is the item/],
    [{ item: 'a\u0000', available: true }, 'bad_id', /control character/],
    [{ item: 'x'.repeat(300), available: true }, 'bad_id', /at most 256/],
    [Buffer.from('{"item":'), 'not_json', /JSON/],
    [Buffer.from(''), 'empty', /no bytes/],
    [Buffer.from(JSON.stringify('x'.repeat(2_000))), 'too_large', /at most 1000/],
    [[1, 2], 'missing_field', /no field is the item/],
  ]
  for (const [value, reason, detail] of refusals) {
    const verdict = await verdictOf(value)
    assert.equal(verdict.kind, 'refused', JSON.stringify(value))
    if (verdict.kind !== 'refused') continue
    assert.equal(verdict.fault.reason, reason, `${JSON.stringify(value)}: ${verdict.fault.detail}`)
    assert.match(verdict.fault.detail, detail)
  }
})

test('columns that are not understood are refused at the start, all at once', () => {
  assert.throws(
    () => decoderOf({ columns: 'items=a,available,from=x[].y' }),
    (error: Failure) =>
      error instanceof Failure &&
      ['«items=a»', '«available»', '[]'].every((one) => error.message.includes(one)),
  )
})

test('Avro, plain by our schema and framed by one of others', async () => {
  const codec = createCodec<object>(itemSchema)
  const own = codec.encode({ item: 'a', available: false, from: null, until: newYear })
  assert.deepEqual(stateOf(await verdictOf(own, { form: 'avro' })), {
    ...{ item: 'a', available: false, until: newYear },
  })
  const theirs = JSON.stringify({
    ...{ type: 'record', name: 'Product' },
    fields: [
      { name: 'sku', type: 'string' },
      { name: 'stock', type: ['null', 'int'] },
      { name: 'validTo', type: ['null', { type: 'long', logicalType: 'timestamp-micros' }] },
    ],
  })
  const datum = createCodec<object>(theirs).encode({ sku: 's', stock: 0, validTo: newYear * 1000 })
  const framed = Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), datum])
  const schemaById = async (id: number) => (id === 7 ? theirs : undefined)
  const confluent = { form: 'confluent', schemaById } as const
  assert.deepEqual(stateOf(await verdictOf(framed, confluent)), {
    ...{ item: 's', available: false, until: newYear },
  })
  framed[4] = 8
  const unknown = await verdictOf(framed, confluent)
  assert.ok(unknown.kind === 'refused' && unknown.fault.reason === 'unknown_schema')
})

test('whatever the bytes, a record gets a verdict', async () => {
  const decoders = (['json', 'avro', 'confluent'] as const).map((form) =>
    decoderOf({ form, schemaById: async (id) => (id % 2 === 0 ? itemSchema : undefined) }),
  )
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .uint8Array({ maxLength: 64 })
      .map((tail) => Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), tail])),
  )
  const property = fc.asyncProperty(
    fc.option(bytes),
    fc.option(fc.string()),
    async (value, key) => {
      for (const decoder of decoders) {
        const [verdict] = await decoder.decode([recordOf(value, key)])
        assert.ok(['state', 'gone', 'refused'].includes(verdict!.kind))
      }
    },
  )
  await fc.assert(property, { numRuns: 3_000 })
})
