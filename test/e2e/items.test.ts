// A feed of items before two real workers: what is out of stock is in no list that is newer than its record, and leaves
// those that went out, also what went out of stock while a worker was down.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import { decodeList } from '../../src/publish/encode.ts'
import { until } from '../adapters/kafka/reading.ts'
import { given } from '../adapters/kafka/real-kafka.ts'
import { freePort } from '../servers/ports.ts'
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

interface Seen {
  readonly user: string
  readonly items: readonly string[]
  /** When it was written, ms. */
  readonly at: number
}

/** A feed of items, and since when each has been out of stock. */
async function openFeed(scene: Scene) {
  const topic = `items-${randomUUID()}`
  const compact = [{ name: 'cleanup.policy', value: 'compact' }]
  const { admin } = scene.kafka
  await admin.createTopics({
    topics: [{ topic, numPartitions: 2, configEntries: compact }],
    waitForLeaders: false,
  })
  await until('the topic is there', () =>
    admin.fetchTopicOffsets(topic).then(
      () => true,
      () => false,
    ),
  )
  const outSince = new Map<string, number>()
  const stays: { item: string; from: number; to: number }[] = []
  return {
    topic,
    outSince,
    /** All the times for which items were out of stock. */
    stays: () => [
      ...stays,
      ...[...outSince].map(([item, from]) => ({ item, from, to: Number.POSITIVE_INFINITY })),
    ],
    async say(item: string, value: object | null): Promise<void> {
      await scene.kafka.send(topic, [{ key: item, value: value && JSON.stringify(value) }])
      const isOut = value === null || ('available' in value && value.available === false)
      if (isOut) outSince.set(item, Date.now())
      else if (outSince.has(item)) {
        stays.push({ item, from: outSince.get(item)!, to: Date.now() })
        outSince.delete(item)
      }
    },
  }
}

async function listsOf(scene: Scene): Promise<Seen[]> {
  const records = await scene.kafka.read(scene.lists)
  return records.flatMap(({ key, value, timestamp }) => {
    if (value === null) return []
    const items = decodeList(value).items.map(({ item }) => item)
    return [{ user: key!.toString(), items, at: Number(timestamp) }]
  })
}

async function newestOf(scene: Scene): Promise<Seen[]> {
  return [...new Map((await listsOf(scene)).map((list) => [list.user, list])).values()]
}

/** The item that most of the newest lists hold. */
async function favouriteOf(scene: Scene): Promise<string> {
  const counts = new Map<string, number>()
  for (const { items } of await newestOf(scene)) {
    for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  }
  return [...counts].reduce((one, other) => (other[1] > one[1] ? other : one))[0]
}

interface Started {
  readonly url: string
  readonly process: ReturnType<typeof startWorker>
}

async function start(scene: Scene, feed: string, name: string, t: TestContext): Promise<Started> {
  const port = await freePort()
  const env = scene.env(name, { NEUPR_RECORD_FORM: 'json', NEUPR_HTTP_PORT: String(port) })
  env.NEUPR_EVERYBODY_KEY = everybody
  const args = [...scene.args, '--items', `kafka:${feed}`, '--item-form', 'json']
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
  const scene = await openScene(place)
  scenes.push(scene)
  const { topic, say, outSince, stays } = await openFeed(scene)
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
  await say('item-20', { available: true, until: new Date(Date.now() + 3_000).toISOString() })
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
