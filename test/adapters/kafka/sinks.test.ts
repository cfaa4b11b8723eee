// The sinks against a real broker: the contracts, keys and partitions as other clients see them, and what does not fit.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
// A CommonJS module whose later exports only the default import shows.
import kafkajs, { CompressionTypes } from 'kafkajs'
import {
  createKafkaDeadLetterSink,
  deadLetterHeaders,
} from '../../../src/adapters/kafka/dead-letter-sink.ts'
import { createKafkaListSink } from '../../../src/adapters/kafka/list-sink.ts'
import { createTopicWriter } from '../../../src/adapters/kafka/producer.ts'
import type { DeadLetterReason } from '../../../src/types.ts'
import { deadLetterSinkContract } from '../../contracts/dead-letter-sink.ts'
import { listSinkContract } from '../../contracts/list-sink.ts'
import { connectionTo, type Onlooker, onlooker } from './real-kafka.ts'

let kafka: Onlooker
before(async () => {
  kafka = await onlooker()
})
after(() => kafka.close())

listSinkContract('kafka', async () => {
  const topic = await kafka.topic(1, { 'cleanup.policy': 'compact' })
  const open = () => createKafkaListSink({ connection: connectionTo(), topic })
  return {
    sink: open(),
    reopen: async () => open(),
    written: async () =>
      (await kafka.read(topic)).map(({ key, value }) => ({ key: String(key), value })),
    clean: async () => undefined,
  }
})

deadLetterSinkContract('kafka', async () => {
  const topic = await kafka.topic()
  return {
    sink: createKafkaDeadLetterSink({ connection: connectionTo(), topic }),
    written: async () =>
      (await kafka.read(topic)).map(({ key, value, headers = {} }) => ({
        fault: {
          reason: String(headers[deadLetterHeaders.reason]) as DeadLetterReason,
          detail: String(headers[deadLetterHeaders.detail]),
        },
        position: {
          stream: `${headers[deadLetterHeaders.topic]}/${headers[deadLetterHeaders.partition]}`,
          offset: Number(headers[deadLetterHeaders.offset]),
        },
        key: key === null ? null : String(key),
        value,
      })),
    clean: async () => undefined,
  }
})

test('a letter too large for the topic keeps its head, length and hash', async () => {
  const topic = await kafka.topic()
  const sink = createKafkaDeadLetterSink({ connection: connectionTo(), topic })
  const value = Buffer.alloc(3_000_000, 'abc')
  const fault = { reason: 'too_large', detail: '3000000 bytes' } as const
  await sink.write([{ fault, position: { stream: 'in/2', offset: 7 }, key: 'u', value }])
  const [found] = await kafka.read(topic)
  assert.equal(found?.value?.length, 1024)
  assert.equal(String(found?.headers?.[deadLetterHeaders.bytes]), '3000000')
  assert.match(String(found?.headers?.[deadLetterHeaders.sha256]), /^[0-9a-f]{64}$/)
  await sink.close()
})

test('with payload hash no byte of the record is kept', async () => {
  const topic = await kafka.topic()
  const sink = createKafkaDeadLetterSink({ connection: connectionTo(), topic, payload: 'hash' })
  const fault = { reason: 'decode', detail: 'truncated' } as const
  const position = { stream: 'in/0', offset: 1 }
  await sink.write([{ fault, position, key: null, value: Buffer.from('personal') }])
  const [found] = await kafka.read(topic)
  assert.equal(found?.value?.length, 0)
  assert.equal(String(found?.headers?.[deadLetterHeaders.bytes]), '8')
  await sink.close()
})

test('a record beyond the topic’s limit stops with what to raise; a missing topic may come yet', async (t) => {
  const topic = await kafka.topic(1, { 'max.message.bytes': '2000' })
  const sink = createKafkaListSink({ connection: connectionTo(), topic })
  t.after(() => sink.close())
  const value = randomBytes(9_000)
  await assert.rejects(sink.write([{ key: 'u', value }]), {
    code: 'SINK_UNWRITABLE',
    message: /max\.message\.bytes/,
  })
  const lost = createKafkaListSink({ connection: connectionTo(), topic: 'not-there' })
  t.after(() => lost.close())
  await assert.rejects(lost.write([{ key: 'u', value: null }]), { code: 'SINK_UNREACHABLE' })
})

test('a large request is packed, a small one goes as it is, and both are read', async (t) => {
  const topic = await kafka.topic(1)
  const writer = createTopicWriter({ connection: connectionTo(), topic, what: 'lists' })
  // A client sets the codecs when it is made.
  const packings = countPackings()
  t.after(async () => {
    packings.stop()
    await writer.close()
  })
  const value = (bytes: number) => Buffer.alloc(bytes, 'item ')
  await writer.write([{ key: 'small', value: value(20_000) }])
  assert.equal(packings.count, 0)
  await writer.write([{ key: 'large', value: value(40_000) }])
  assert.equal(packings.count, 1)
  const found = (await kafka.read(topic)).map(({ key, value }) => [String(key), value])
  assert.deepEqual(found, [
    ['small', value(20_000)],
    ['large', value(40_000)],
  ])
})

/** Counts what the client packs by gzip from now on. */
function countPackings() {
  const codecs = kafkajs.CompressionCodecs
  const gzip = codecs[CompressionTypes.GZIP]!
  const packings = { count: 0, stop: () => void (codecs[CompressionTypes.GZIP] = gzip) }
  codecs[CompressionTypes.GZIP] = () => {
    const codec = gzip()
    return {
      ...codec,
      compress(encoder: unknown) {
        packings.count++
        return codec.compress(encoder)
      },
    }
  }
  return packings
}
