// The broker goes away and comes back: killed, or cut off by the network. Nothing is lost, nothing is committed
// that was not acknowledged, and the same source goes on.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createKafkaListSink } from '../../../src/adapters/kafka/list-sink.ts'
import { readTopic } from '../../../src/adapters/kafka/read-topic.ts'
import { Failure } from '../../../src/errors.ts'
import { type Fault, startFaultProxy } from '../../servers/fault-proxy.ts'
import { type KafkaServer, startKafka } from '../../servers/kafka.ts'
import { testShop } from '../../servers/redis/server.ts'
import { never, numbered, source, until, valuesOf } from './reading.ts'
import { connectionTo, type Onlooker, onlooker } from './real-kafka.ts'

let server: KafkaServer
let kafka: Onlooker
before(async () => {
  server = await startKafka(testShop(process.env))
  kafka = await onlooker(server.brokers)
})
after(async () => {
  await kafka.close()
  await server.stop()
})

/** Reads for ever, in the background, until the source is closed. */
function collect(topic: string, brokers: string, failures: string[], sessionMs = 6_000) {
  const reader = source(topic, `group-${randomUUID()}`, {
    connection: { ...connectionTo(brokers), connectMsMax: 1_000, requestMsMax: 2_000 },
    sessionMs,
    onFailed: ({ code }) => failures.push(code),
  })
  const seen = new Set<string>()
  const reading = (async () => {
    for (let batch = await reader.readBatch(never); batch; batch = await reader.readBatch(never)) {
      for (const value of valuesOf(batch)) seen.add(value)
      await batch.ack()
    }
  })()
  const close = async (): Promise<void> => {
    await reader.close()
    await reading
  }
  return { reader, seen, close }
}

test('a killed broker that comes back is read on by the same source', async () => {
  const topic = await kafka.topic()
  const failures: string[] = []
  await kafka.send(topic, numbered(100))
  const { seen, close } = collect(topic, server.brokers, failures)
  await until('100 are read', async () => seen.size === 100)
  await server.kill()
  await server.start()
  const back = performance.now()
  await kafka.send(topic, numbered(100, 100))
  await until('200 are read', async () => seen.size === 200)
  const seconds = (performance.now() - back) / 1000
  assert.ok(seconds < 30, `${seconds} s until the work went on`)
  assert.deepEqual(failures, [])
  await close()
})

test('a broker that was away until the consumer stopped does not hold the group for the member of before', async () => {
  const topic = await kafka.topic()
  const failures: string[] = []
  await kafka.send(topic, numbered(100))
  const sessionMs = 120_000
  const { reader, seen, close } = collect(topic, server.brokers, failures, sessionMs)
  await until('100 are read', async () => seen.size === 100)
  await server.kill()
  await until('the consumer stops', async () => !reader.isAssigned(), 60_000)
  await server.start()
  const back = performance.now()
  await kafka.send(topic, numbered(100, 100))
  await until('200 are read', async () => seen.size === 200, sessionMs)
  const seconds = (performance.now() - back) / 1000
  assert.ok(seconds < sessionMs / 2000, `${seconds} s until the work went on`)
  assert.deepEqual(failures, [])
  await close()
})

const faults: readonly Fault[] = [
  { kind: 'blackhole' },
  { kind: 'refuse' },
  { kind: 'cut', afterBytes: 700 },
]

for (const fault of faults) {
  test(`a network that does ${fault.kind} delays records and loses none`, async (t) => {
    const { listen, target } = server.proxied
    const proxy = await startFaultProxy({ listen, target })
    t.after(() => proxy.close())
    const topic = await kafka.topic()
    const out = await kafka.topic()
    const failures: string[] = []
    const { seen, close } = collect(topic, `127.0.0.1:${listen}`, failures)
    const connection = { ...connectionTo(`127.0.0.1:${listen}`), requestMsMax: 1_000 }
    const sink = createKafkaListSink({
      connection: { ...connection, connectMsMax: 500 },
      topic: out,
    })
    await kafka.send(topic, numbered(50))
    await until('50 are read', async () => seen.size === 50)
    await sink.write([{ key: 'before', value: Buffer.from('1') }])
    proxy.set(fault)
    await kafka.send(topic, numbered(50, 50))
    const writing = writeUntilSafe(() => sink.write([{ key: 'after', value: Buffer.from('2') }]))
    setTimeout(() => proxy.set({ kind: 'none' }), 3_000)
    await until('100 are read', async () => seen.size === 100)
    await writing
    const keys = (await kafka.read(out)).map(({ key }) => String(key))
    assert.deepEqual([...new Set(keys)], ['before', 'after'])
    assert.deepEqual(failures, [])
    await sink.close()
    await close()
  })
}

/** From the beginning of the topic, behind a proxy; the client itself would wait for two minutes for an answer. */
function readerOf(topic: string, silentMsMax: number, signal: AbortSignal) {
  const connection = {
    ...connectionTo(`127.0.0.1:${server.proxied.listen}`),
    requestMsMax: 120_000,
  }
  return readTopic({
    ...{ connection, topic, groupId: `reader-${randomUUID()}`, stopAtEnd: false, signal },
    ...{ endsOnCrash: true, silentMsMax },
  })
}

test('a reader that fetches nothing any more ends with a failure that may pass', async (t) => {
  const proxy = await startFaultProxy({ ...server.proxied })
  t.after(() => proxy.close())
  const topic = await kafka.topic()
  await kafka.send(topic, numbered(1))
  const reader = readerOf(topic, 2_000, never)
  assert.equal((await reader.next()).value?.length, 1)
  proxy.set({ kind: 'blackhole' })
  await assert.rejects(reader.next(), (error) => {
    assert.ok(error instanceof Failure)
    assert.deepEqual([error.code, error.fate], ['SOURCE_UNREACHABLE', 'retry'])
    assert.match(error.message, /nothing was fetched for 2000 ms/)
    return true
  })
})

test('a reader whose records are in hand for long, or of a quiet topic, does not stand still', async (t) => {
  const proxy = await startFaultProxy({ ...server.proxied })
  t.after(() => proxy.close())
  const topic = await kafka.topic()
  const over = new AbortController()
  const reader = readerOf(topic, 1_000, over.signal)
  await kafka.send(topic, numbered(1))
  assert.equal((await reader.next()).value?.length, 1)
  await delay(3_000)
  await kafka.send(topic, numbered(1, 1))
  assert.equal((await reader.next()).value?.length, 1)
  const coming = reader.next()
  await delay(3_000)
  await kafka.send(topic, numbered(1, 2))
  assert.equal((await coming).value?.length, 1)
  over.abort()
  assert.equal((await reader.next()).done, true)
})

/** As the worker does: the same records again for as long as the failure says so. */
async function writeUntilSafe(write: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await write()
    } catch (error) {
      assert.equal((error as { fate?: string }).fate, 'retry', String(error))
    }
  }
}
