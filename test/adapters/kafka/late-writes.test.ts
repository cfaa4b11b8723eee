// A list that is for another worker to write by now never arrives, whatever the client and the network still have in
// mind. The control is the client left to itself.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { KafkaConnection } from '../../../src/adapters/kafka/client/connect.ts'
import { createKafkaListSink } from '../../../src/adapters/kafka/list-sink.ts'
import { createTopicWriter } from '../../../src/adapters/kafka/producer.ts'
import type { ListSink } from '../../../src/ports/sinks.ts'
import { type FaultProxy, startFaultProxy } from '../../servers/fault-proxy.ts'
import { type KafkaServer, startKafka } from '../../servers/kafka.ts'
import { testShop } from '../../servers/redis/server.ts'
import { until } from './reading.ts'
import { connectionTo, keepingLogger, type Line, type Onlooker, onlooker } from './real-kafka.ts'

let server: KafkaServer
let kafka: Onlooker
let proxy: FaultProxy
before(async () => {
  server = await startKafka(testShop(process.env))
  kafka = await onlooker(server.brokers)
  proxy = await startFaultProxy(server.proxied)
})
after(async () => {
  await proxy.close()
  await kafka.close()
  await server.stop()
})

function connection(lines: Line[] = []): KafkaConnection {
  const through = `127.0.0.1:${server.proxied.listen}`
  return { ...connectionTo(through, keepingLogger(lines)), connectMsMax: 500, requestMsMax: 2_000 }
}

const list = (text: string) => [{ key: 'user', value: Buffer.from(text) }]

async function valuesIn(topic: string): Promise<string[]> {
  return (await kafka.read(topic)).map(({ value }) => String(value))
}

/** Writes the first list, cuts the network until the second has failed once, gives the user away, and heals it. */
async function giveAway(topic: string, lines: Line[], write: (text: string) => Promise<unknown>) {
  await write('first')
  proxy.set({ kind: 'refuse' })
  const late = write('late').then(
    () => 'written',
    () => 'refused',
  )
  await until('an attempt has failed', async () =>
    lines.some(({ facts }) => {
      return /^Connection error|^Failed to send/.test(String(facts.library ?? facts.error))
    }),
  )
  proxy.set({ kind: 'none' })
  await kafka.send(topic, list('newer'))
  return late
}

test('control: a client that tries again by itself overwrites the newer list', async () => {
  const topic = await kafka.topic()
  const lines: Line[] = []
  const writer = createTopicWriter({
    connection: connection(lines),
    topic,
    what: 'lists',
    retries: 5,
  })
  const write = (text: string) => writer.write(list(text))
  assert.equal(await giveAway(topic, lines, write), 'written')
  assert.deepEqual(await valuesIn(topic), ['first', 'newer', 'late'])
  await writer.close()
})

test('a list that may no longer go is not tried again', async () => {
  const topic = await kafka.topic()
  const lines: Line[] = []
  const sink = createKafkaListSink({ connection: connection(lines), topic })
  let own = true
  const write = (text: string) => sink.write(list(text), () => own)
  const late = giveAway(topic, lines, async (text) => {
    await write(text)
    own = false
  })
  assert.equal(await late, 'refused')
  assert.deepEqual(await valuesIn(topic), ['first', 'newer'])
  own = true
  await write('again')
  assert.deepEqual(
    await valuesIn(topic),
    ['first', 'newer', 'again'],
    'it goes on with a new connection',
  )
  await sink.close()
})

test('leave is asked for as late as the bytes go out', async () => {
  const topic = await kafka.topic()
  const sink = createKafkaListSink({ connection: connection(), topic })
  await sink.write(list('first'))
  let asked = 0
  // Compression and the look at the topic lie between the first question and the next.
  await assert.rejects(sink.write(list('late'), () => ++asked < 2))
  assert.ok(asked >= 2)
  assert.deepEqual(await valuesIn(topic), ['first'])
  await sink.close()
})

test('a request without an answer is cut off in time, and what was held up is lost with it', async () => {
  const topic = await kafka.topic()
  // Long enough for a connection of a busy machine, before and after.
  const sink = createKafkaListSink({ connection: connection(), topic, requestMsMax: 1_000 })
  await sink.write(list('first'))
  proxy.set({ kind: 'stall' })
  const started = performance.now()
  await assert.rejects(sink.write(list('late')), { code: 'SINK_UNREACHABLE' })
  assert.ok(performance.now() - started < 2_000)
  await healed(sink, topic)
})

test('what is under way is called back at once', async () => {
  const topic = await kafka.topic()
  const sink = createKafkaListSink({ connection: connection(), topic })
  await sink.write(list('first'))
  proxy.set({ kind: 'stall' })
  const late = assert.rejects(sink.write(list('late')), { code: 'SINK_UNREACHABLE' })
  await until('the request has left', async () => proxy.stalled() > 0)
  const recalledMs = performance.now()
  sink.recall?.()
  await late
  assert.ok(performance.now() - recalledMs < 500, 'the library tries nothing again meanwhile')
  await healed(sink, topic)
})

async function healed(sink: ListSink, topic: string): Promise<void> {
  await until('the connection is lost', async () => proxy.stalled() === 0)
  proxy.set({ kind: 'none' })
  await sink.write(list('again'))
  assert.deepEqual(await valuesIn(topic), ['first', 'again'])
  await sink.close()
}
