// A feed of items before two real workers: what is out of stock is in no list that is newer than its record, and leaves
// those that went out, also what went out of stock while a worker was down. And the same of a feed in Avro.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import { createSchemaRegistry } from '../../src/adapters/registry/schema-registry.ts'
import { createCodec } from '../../src/wire/avro.ts'
import { itemSchema } from '../../src/wire/schemas.ts'
import { until } from '../adapters/kafka/reading.ts'
import { given } from '../adapters/kafka/real-kafka.ts'
import { freePort } from '../servers/ports.ts'
import { type Feed, favouriteOf, listsOf, newestOf, openFeed } from './item-feed.ts'
import { makeJournal } from './journal.ts'
import { openScene, type Scene } from './scene.ts'
import { startWorker } from './worker-process.ts'

const scenes: Scene[] = []
after(async () => {
  for (const scene of scenes) await scene.close()
})

/** A record is on its way to the workers for no longer, and so is a list that was ranked before it came. */
const onTheWayMs = 2_000
const events = 1_500
const everybody = '*'

interface Started {
  readonly url: string
  readonly process: ReturnType<typeof startWorker>
}

async function start(
  scene: Scene,
  feed: string,
  name: string,
  t: TestContext,
  form: 'json' | 'avro' | 'confluent' = 'json',
): Promise<Started> {
  const port = await freePort()
  const env = scene.env(name, { NEUPR_RECORD_FORM: 'json', NEUPR_HTTP_PORT: String(port) })
  env.NEUPR_EVERYBODY_KEY = everybody
  if (form === 'confluent') env.SCHEMA_REGISTRY_URL = given('SCHEMA_REGISTRY_URL')
  const args = [...scene.args, '--items', `kafka:${feed}`, '--item-form', form]
  const process = startWorker(args, env)
  t.after(() => process.signal('SIGKILL'))
  return { url: `http://127.0.0.1:${port}`, process }
}

async function ready(workers: readonly Started[]): Promise<void> {
  // One after the other, so that a slow machine gets the time of each.
  for (const { url } of workers) {
    for (const path of ['/livez', '/readyz']) {
      await until(`${path} of ${url}`, async () => {
        const answer = await fetch(`${url}${path}`).catch(() => undefined)
        return answer?.status === 200
      })
    }
  }
}

test('what is out of stock is in no list', async (t) => {
  const place = { brokers: given('KAFKA_BROKERS'), redis: given('REDIS_URL'), partitions: 4 }
  const scene = await openScene({ ...place, smallModel: true })
  scenes.push(scene)
  const { topic, say, outSince, stays } = await openFeed(scene, `items-${randomUUID()}`)
  const isClear = async (): Promise<boolean> =>
    (await newestOf(scene)).every(({ items }) => items.every((item) => !outSince.has(item)))

  // Some are out of stock before anybody looks, one is gone.
  for (let k = 0; k < 20; k++) await say(`item-${k}`, { available: false })
  await say('item-20', null)
  let workers = await Promise.all(['one', 'two'].map((name) => start(scene, topic, name, t)))
  await ready(workers)
  const journal = makeJournal({ events, users: 40, items: 120, form: { kind: 'json' }, seed: 6 })
  await scene.produce(journal.slice(0, 1_000))
  await until('all is read', async () => (await scene.uncommitted()) === 0)
  assert.ok((await newestOf(scene)).length > 20)
  assert.ok(await isClear())

  for (let round = 0; round < 3; round++) {
    await say(await favouriteOf(scene), { available: false })
    const at = Date.now()
    await until('the item has left all lists', isClear)
    t.diagnostic(`left all lists ${Date.now() - at} ms after its record was written`)
  }
  await say('item-20', { available: true, until: Date.now() + 3_000 })
  await say('item-3', { available: true })

  workers[0]!.process.signal('SIGKILL')
  await workers[0]!.process.ended
  await say(await favouriteOf(scene), { available: false })
  workers = [await start(scene, topic, 'one', t), workers[1]!]
  await scene.produce(journal.slice(1_000), 1_000)
  await ready(workers)
  await until('all is read', async () => (await scene.uncommitted()) === 0)
  await until('what went out of stock meanwhile has left all lists', isClear)

  const wrong = (await listsOf(scene)).filter(({ items, at }) =>
    stays().some(({ item, from, to }) => items.includes(item) && at > from + onTheWayMs && at < to),
  )
  assert.deepEqual(wrong, [])
  const forAll = (await listsOf(scene)).filter(({ user }) => user === everybody)
  assert.ok(forAll.length > 1, `${forAll.length} lists for everybody`)
  const answer = await fetch(`${workers[0]!.url}/v1/popular?k=100`)
  const popular = (await answer.json()) as { items: { item: string }[] }
  assert.ok(popular.items.length > 0)
  assert.ok(popular.items.every(({ item }) => !outSince.has(item)))
  const metrics = await (await fetch(`${workers[1]!.url}/metrics`)).text()
  assert.match(metrics, /neupr_item_records_total\{says="unavailable"\} 2\d/)
  assert.match(metrics, /neupr_lists_withdrawn_total [1-9]/)
  for (const { process } of workers) process.signal('SIGTERM')
  for (const { process } of workers) assert.equal(await process.ended, 0)
})

/** A shop's own schema, under other names than ours. */
const stockSchema = JSON.stringify({
  type: 'record',
  name: 'Stock',
  fields: [
    { name: 'sku', type: 'string' },
    { name: 'warehouse', type: { type: 'array', items: 'string' } },
    { name: 'inStock', type: 'boolean' },
    {
      name: 'validUntil',
      type: ['null', { type: 'long', logicalType: 'timestamp-millis' }],
      default: null,
    },
  ],
})

async function openAvroFeed(scene: Scene, form: 'avro' | 'confluent'): Promise<Feed> {
  const topic = `items-${randomUUID()}`
  if (form === 'avro') {
    const own = createCodec(itemSchema)
    return openFeed(scene, topic, (item, { available, until = null }) =>
      Buffer.from(own.encode({ item, available, from: null, until })),
    )
  }
  const registry = createSchemaRegistry({ url: given('SCHEMA_REGISTRY_URL') })
  const frame = Buffer.alloc(5)
  frame.writeInt32BE(await registry.register(`${topic}-value`, stockSchema), 1)
  const foreign = createCodec(stockSchema)
  return openFeed(scene, topic, (sku, { available: inStock, until: validUntil = null }) =>
    Buffer.concat([frame, foreign.encode({ sku, warehouse: ['north'], inStock, validUntil })]),
  )
}

for (const form of ['avro', 'confluent'] as const) {
  test(`a feed in ${form} is obeyed: stock, times and items that are gone`, async (t) => {
    const place = { brokers: given('KAFKA_BROKERS'), redis: given('REDIS_URL'), partitions: 1 }
    const scene = await openScene({ ...place, smallModel: true })
    scenes.push(scene)
    const { topic, say, outSince } = await openAvroFeed(scene, form)
    const isClear = async (): Promise<boolean> =>
      (await newestOf(scene)).every(({ items }) => items.every((item) => !outSince.has(item)))
    for (let k = 0; k < 10; k++) await say(`item-${k}`, { available: false })
    await say('item-10', null)
    const worker = await start(scene, topic, 'one', t, form)
    await ready([worker])
    const journal = makeJournal({
      events: 400,
      users: 30,
      items: 60,
      form: { kind: 'json' },
      seed: 9,
    })
    await scene.produce(journal)
    await until('all is read', async () => (await scene.uncommitted()) === 0)
    assert.ok((await newestOf(scene)).length > 10)
    assert.ok(await isClear())
    await say(await favouriteOf(scene), { available: false })
    await until('the item has left all lists', isClear)
    const passing = await favouriteOf(scene)
    const ends = Date.now() + 1_500
    await say(passing, { available: true, until: ends })
    await until('the item whose time is over has left all lists', async () =>
      (await newestOf(scene)).every(({ items }) => !items.includes(passing)),
    )
    assert.ok(Date.now() >= ends, 'before its time')
    const metrics = await (await fetch(`${worker.url}/metrics`)).text()
    assert.match(metrics, /neupr_item_records_total\{says="unavailable"\} 11/)
    assert.match(metrics, /neupr_item_records_total\{says="gone"\} 1/)
    assert.match(metrics, /neupr_item_records_total\{says="refused"\} 0/)
    worker.process.signal('SIGTERM')
    assert.equal(await worker.process.ended, 0)
  })
}
