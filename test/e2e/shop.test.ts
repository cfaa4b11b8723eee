// A made-up shop before two real workers, one of which is killed on the way: views, carts, purchases and returns, and
// an item feed that says what is in stock. What was bought is never listed, what was only looked at may be, and what is
// out of stock is in no list that is newer than its record. Where purchases are listable, the same look finds them.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import { redisPositiveStore } from '../../src/adapters/redis/positive-store.ts'
import { decodeList } from '../../src/publish/encode.ts'
import { isStockChange, type ShopEvent, shopRecords } from '../../src/world/shop.ts'
import { until } from '../adapters/kafka/reading.ts'
import { given } from '../adapters/kafka/real-kafka.ts'
import { storeOptions } from '../adapters/redis/redis-at-hand.ts'
import { type Feed, openFeed } from './item-feed.ts'
import { openScene, type Scene } from './scene.ts'
import { startWorker } from './worker-process.ts'

const scenes: Scene[] = []
after(async () => {
  for (const scene of scenes) await scene.close()
})

const actions = 'purchase=add,cart=add:0.5:listable,view=add:0.2:listable,return=remove'
/** A record of the feed, or a list ranked before it came, is on its way for no longer. */
const onTheWayMs = 3_000
/** Users get lists after each. */
const parts = 5
const killedAfter = 1
const small = { users: 60, items: 120, days: 10, stockDays: 15, outDays: 3, seed: 4 }

interface List {
  readonly user: string
  readonly items: readonly string[]
  readonly newestEvent: number
  readonly at: number
}

async function place(partitions: number): Promise<Scene> {
  const servers = { brokers: given('KAFKA_BROKERS'), redis: given('REDIS_URL') }
  const scene = await openScene({ ...servers, partitions })
  scenes.push(scene)
  return scene
}

function start(scene: Scene, name: string, told: string, feed: string | undefined, t: TestContext) {
  const env = scene.env(name, { NEUPR_RECORD_FORM: 'json', NEUPR_ACTIONS: told, NEUPR_K: '20' })
  env.NEUPR_MEASURE_ACTIONS = 'purchase'
  const items = feed === undefined ? [] : ['--items', `kafka:${feed}`, '--item-form', 'json']
  const process = startWorker([...scene.args, ...items], env)
  t.after(() => process.signal('SIGKILL'))
  return process
}

/** Gives the records to the input and the feed in their order. */
async function tell(
  scene: Scene,
  records: ReturnType<typeof recordsOf>,
  feed: Feed | undefined,
): Promise<void> {
  let waiting: ShopEvent[] = []
  const flush = async () => {
    const messages = waiting.map((event) => ({ key: event.user, value: JSON.stringify(event) }))
    if (messages.length > 0) await scene.kafka.send(scene.input, messages)
    waiting = []
  }
  for (const record of records) {
    if (!isStockChange(record)) waiting.push(record)
    else if (feed !== undefined) {
      await flush()
      await feed.say(record.item, { available: record.available })
    }
  }
  await flush()
}

function recordsOf(events: number) {
  return [...shopRecords({ ...small, events })]
}

async function listsOf(scene: Scene): Promise<List[]> {
  const records = await scene.kafka.read(scene.lists)
  return records.flatMap(({ key, value, timestamp }) => {
    if (value === null) return []
    const { items, newestEvent } = decodeList(value)
    const names = items.map(({ item }) => item)
    return [{ user: key!.toString(), items: names, newestEvent, at: Number(timestamp) }]
  })
}

/** How many listed items their users had bought, and how many they had only looked at or put into the cart. */
function ownIn(lists: readonly List[], events: readonly ShopEvent[]) {
  const byUser = new Map<string, ShopEvent[]>()
  for (const event of events) {
    const own = byUser.get(event.user) ?? []
    own.push(event)
    byUser.set(event.user, own)
  }
  const found = { bought: 0, seen: 0 }
  for (const { user, items, newestEvent } of lists) {
    const bought = new Set<string>()
    const seen = new Set<string>()
    for (const { item, timestamp, action } of byUser.get(user) ?? []) {
      if (timestamp > newestEvent) break
      if (action === 'purchase') bought.add(item)
      else if (action !== 'return') seen.add(item)
      // What is given back is taken away whole, with the looks at it before: it may be listed anew.
      else for (const own of [bought, seen]) own.delete(item)
    }
    found.bought += items.filter((item) => bought.has(item)).length
    found.seen += items.filter((item) => seen.has(item) && !bought.has(item)).length
  }
  return found
}

const allRead = (scene: Scene) =>
  until('all is read', async () => (await scene.uncommitted()) === 0, 90_000)

test('what was bought is in no list, what was looked at may be, and nothing is that is out of stock', async (t) => {
  const scene = await place(4)
  const feed = await openFeed(scene, `items-${randomUUID()}`)
  const records = recordsOf(2_000)
  const events = records.filter((record): record is ShopEvent => !isStockChange(record))
  /** Of those who did something since the kill: a worker that begins anew corrects the others at their next event. */
  const met = new Set<string>()
  const isClear = async (): Promise<boolean> => {
    const newest = new Map((await listsOf(scene)).map((list) => [list.user, list]))
    return [...met].every(
      (user) => !newest.get(user)?.items.some((item) => feed.outSince.has(item)),
    )
  }

  const workers = ['one', 'two'].map((name) => start(scene, name, actions, feed.topic, t))
  const part = Math.ceil(records.length / parts)
  for (let k = 0; k < parts; k++) {
    const some = records.slice(k * part, (k + 1) * part)
    await tell(scene, some, feed)
    for (const one of some) if (k > killedAfter && !isStockChange(one)) met.add(one.user)
    if (k === killedAfter) {
      workers[0]!.signal('SIGKILL')
      await workers[0]!.ended
      workers[0] = start(scene, 'one', actions, feed.topic, t)
    }
    await allRead(scene)
  }
  await until('what is out of stock has left all lists', isClear, 60_000)

  const lists = await listsOf(scene)
  const own = ownIn(lists, events)
  t.diagnostic(`${lists.length} lists: ${own.bought} bought items, ${own.seen} seen ones`)
  assert.equal(own.bought, 0)
  assert.ok(lists.length > 100 && met.size > 40, `${lists.length} lists, ${met.size} users`)
  assert.ok(own.seen > lists.length, `${own.seen} items that were only looked at`)
  const stays = feed.stays()
  assert.ok(stays.length > 20, `${stays.length} times out of stock`)
  const wrong = lists.filter(({ items, at }) =>
    stays.some(({ item, from, to }) => items.includes(item) && at > from + onTheWayMs && at < to),
  )
  assert.deepEqual(wrong, [])

  const options = { prefix: scene.prefix, hasWeights: true }
  const store = redisPositiveStore(storeOptions(given('REDIS_URL'), options))
  for await (const { user, weighted = [] } of store.scan()) {
    const looked = events.some((one) => one.user === user && one.action === 'view')
    assert.equal(weighted.length > 0, looked, user)
  }
  await store.close()
  for (const worker of workers) worker.signal('SIGTERM')
  for (const worker of workers) assert.equal(await worker.ended, 0)
})

for (const [what, told, expected] of [
  ['purchases are listable', `${actions},purchase=add:1:listable`, 'bought'],
  ['views are not listable', 'purchase=add,cart=add:0.5,view=add:0.2,return=remove', 'nothing'],
] as const) {
  test(`where ${what} the same look finds ${expected} of what users had`, async (t) => {
    const scene = await place(1)
    const records = recordsOf(600)
    const events = records.filter((record): record is ShopEvent => !isStockChange(record))
    const worker = start(scene, 'one', told, undefined, t)
    await tell(scene, records, undefined)
    await allRead(scene)
    const own = ownIn(await listsOf(scene), events)
    if (expected === 'bought') assert.ok(own.bought > 0, JSON.stringify(own))
    else assert.deepEqual(own, { bought: 0, seen: 0 })
    worker.signal('SIGTERM')
    assert.equal(await worker.ended, 0)
  })
}
