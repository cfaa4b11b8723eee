// Events of others through a real topic: the shapes of JSON that buses and connectors publish, and foreign Avro framed
// by a real registry, with removals, wishes to be forgotten, keys, headers and the broker's time.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import avsc from 'avsc'
import type { Message } from 'kafkajs'
import { createSchemaRegistry } from '../../../src/adapters/registry/schema-registry.ts'
import { createDecoder, type RecordForm } from '../../../src/consume/decode.ts'
import {
  type MappingSettings,
  mappingDefaults,
  parseMapping,
} from '../../../src/consume/mapping/spec/spec.ts'
import { shown } from '../../consume/foreign.ts'
import { framed, limits } from '../../consume/inputs.ts'
import { never, source } from './reading.ts'
import { given, type Onlooker, onlooker } from './real-kafka.ts'

const t0 = 1_433_221_651_000
const at = new Date(t0).toISOString()

let kafka: Onlooker
before(async () => {
  kafka = await onlooker()
})
after(() => kafka.close())

/** Writes the messages to a topic of their own, and reads the topic to its end as the settings say. */
async function through(
  messages: readonly Message[],
  settings: Partial<MappingSettings>,
  form: RecordForm = 'json',
): Promise<string[]> {
  const topic = await kafka.topic()
  await kafka.send(topic, messages)
  const registry = createSchemaRegistry({ url: given('SCHEMA_REGISTRY_URL') })
  const { decode } = createDecoder({
    ...{ form, limits, now: Date.now, schemaById: registry.schemaById },
    mapping: parseMapping({ ...mappingDefaults, ...settings }),
  })
  const reader = source(topic, `group-${randomUUID()}`, { stopAtEnd: true })
  const seen: string[] = []
  for (let batch = await reader.readBatch(never); batch; batch = await reader.readBatch(never)) {
    seen.push(...(await decode(batch.records)).map(shown))
    await batch.ack()
  }
  await reader.close()
  return seen
}

function json(value: unknown, more: Partial<Message> = {}): Message {
  return { key: 'k', value: JSON.stringify(value), ...more }
}

test('Segment: orders, removals and other calls', async () => {
  const track = { type: 'track', userId: 'u1', timestamp: at }
  const products = [{ product_id: 'i1' }, { product_id: 'i2' }]
  const seen = await through(
    [
      json({ ...track, event: 'Order Completed', properties: { products } }),
      json({ ...track, event: 'Product Removed', properties: products[0] }),
      json({ type: 'identify', userId: 'u1' }),
      { key: '"u1"', value: null },
    ],
    { shape: 'segment' },
  )
  assert.deepEqual(seen, [
    `u1 i1 ${t0} ADD, u1 i2 ${t0} ADD`,
    `u1 i1 ${t0} REMOVE`,
    'skip ignored_type',
    'forget u1',
  ])
})

test('Debezium: an insert, a delete and the tombstone behind it', async () => {
  const key = JSON.stringify({ schema: {}, payload: { user_id: 17, item_id: 127 } })
  const row = { user_id: 17, item_id: 127 }
  const change = (op: string, before: unknown, after: unknown, ts_ms: number): Message =>
    json({ schema: {}, payload: { op, before, after, source: { ts_ms } } }, { key })
  const seen = await through(
    [change('c', null, row, t0), change('d', row, null, t0 + 5), { key, value: null }],
    { shape: 'debezium' },
  )
  assert.deepEqual(seen, [`17 127 ${t0} ADD`, `17 127 ${t0 + 5} REMOVE`, 'skip tombstone'])
})

test('Connect: wrapped values and keys, the time of the record', async () => {
  const key = (payload: unknown): string => JSON.stringify({ schema: { type: 'string' }, payload })
  const seen = await through(
    [
      json(
        { schema: {}, payload: { user: 'u', item: 'i' } },
        { key: key('u'), timestamp: `${t0}` },
      ),
      json({ schema: {}, payload: { item: 'j' } }, { key: key('u'), timestamp: `${t0 + 1}` }),
      { key: key('u'), value: null },
    ],
    { shape: 'connect', columns: 'user=user|@key' },
  )
  assert.deepEqual(seen, [`u i ${t0} ADD`, `u j ${t0 + 1} ADD`, 'forget u'])
})

test('CloudEvents: structured and binary', async () => {
  const data = { user_id: 'u', item_id: 'i' }
  const envelope = { specversion: '1.0', id: '1', source: '/s', type: 'liked', time: at, data }
  const headers = { ce_specversion: '1.0', ce_type: 'unliked', ce_time: at, ce_id: '2' }
  const seen = await through([json(envelope), json(data, { headers })], {
    shape: 'cloudevents',
    actions: 'liked=add,unliked=remove',
  })
  assert.deepEqual(seen, [`u i ${t0} ADD`, `u i ${t0} REMOVE`])
})

test('three schemas of others in one topic, each read by its fields; keys are Avro, too', async () => {
  const registry = createSchemaRegistry({ url: given('SCHEMA_REGISTRY_URL') })
  const write = async (schema: object, value: unknown): Promise<Buffer> => {
    const id = await registry.register(`test-${randomUUID()}`, JSON.stringify(schema))
    const type = avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: false })
    return framed(id, type.toBuffer(value))
  }
  const field = (name: string, type: unknown): object => ({ name, type })
  const recordOf = (name: string, ...fields: object[]): object => ({ type: 'record', name, fields })
  const millis = { type: 'long', logicalType: 'timestamp-millis' }
  const micros = { type: 'long', logicalType: 'timestamp-micros' }
  const map = { type: 'map', values: 'int' }
  const view = recordOf(
    'PageView',
    field('visitorId', 'long'),
    field('sku', ['null', 'string']),
    field('ts', millis),
    field('counts', map),
  )
  const rated = recordOf(
    'com.x.Rated',
    field('user_id', 'string'),
    field('movie_id', 'int'),
    field('rated_at', micros),
    field('tags', { type: 'array', items: 'string' }),
  )
  const kind = { type: 'enum', name: 'Kind', symbols: ['ADD', 'REMOVE', 'VIEW'] }
  const plain = recordOf(
    'Plain',
    field('user', ['null', 'string']),
    field('item', 'long'),
    field('timestamp', 'long'),
    field('action', ['null', kind]),
  )
  const values = [
    await write(view, { visitorId: 7, sku: 's', ts: t0, counts: { a: 1 } }),
    await write(rated, { user_id: 'u', movie_id: 5, rated_at: t0 * 1000, tags: ['x', 'y'] }),
    await write(plain, { user: 'v', item: 9, timestamp: t0 / 1000, action: 'REMOVE' }),
    await write(plain, { user: 'v', item: 9, timestamp: t0 / 1000, action: 'VIEW' }),
  ]
  const key = await write(recordOf('Key', field('user_id', 'long')), { user_id: 7 })
  const messages = values.map((value) => ({ key: 'k', value }))
  const seen = await through([...messages, { key, value: null }], {}, 'confluent')
  assert.deepEqual(seen, [
    `7 s ${t0} ADD`,
    `u 5 ${t0} ADD`,
    `v 9 ${t0} REMOVE`,
    'skip ignored_type',
    'forget 7',
  ])
})

test('a schema that refers to another is read', async () => {
  const url = given('SCHEMA_REGISTRY_URL')
  const registry = createSchemaRegistry({ url })
  const subject = `who-${randomUUID()}`
  const who = {
    type: 'record',
    name: 'Who',
    namespace: 'a',
    fields: [{ name: 'id', type: 'string' }],
  }
  await registry.register(subject, JSON.stringify(who))
  const likes = {
    type: 'record',
    name: 'Liked',
    namespace: 'a',
    fields: [
      { name: 'who', type: 'a.Who' },
      { name: 'item', type: 'string' },
      { name: 'timestamp', type: 'long' },
    ],
  }
  const references = [{ name: 'a.Who', subject, version: 1 }]
  const answer = await fetch(`${url}/subjects/likes-${randomUUID()}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(likes), references }),
  })
  const { id } = (await answer.json()) as { readonly id: number }
  const fields = [{ name: 'who', type: who }, ...likes.fields.slice(1)]
  const type = avsc.Type.forSchema({ ...likes, fields } as avsc.Schema)
  const value = framed(id, type.toBuffer({ who: { id: 'u' }, item: 'i', timestamp: t0 }))
  const seen = await through([{ key: 'k', value }], { columns: 'user=who.id' }, 'confluent')
  assert.deepEqual(seen, [`u i ${t0} ADD`])
})
