// Batches of every codec as Java's own libraries write them, and bytes that nobody should write.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import * as zlib from 'node:zlib'
import fc from 'fast-check'
import { decodeLz4 } from '../../../src/adapters/kafka/codecs/lz4.ts'
import { decodeSnappy } from '../../../src/adapters/kafka/codecs/snappy.ts'
import { decodePortable, decodeZstd } from '../../../src/adapters/kafka/codecs/zstd.ts'
import { KafkaEventSource } from '../../../src/adapters/kafka/event-source.ts'
import { connectionTo, onlooker } from './real-kafka.ts'

const megabyte = 1024 * 1024
/** «hello hello hello hello» by the reference libraries. */
const samples = {
  lz4: 'BCJNGFRArg8AAABoaGVsbG8gBgBQaGVsbG+pD4o3AAAAAPJrlAs=',
  zstd: 'KLUv/SAXZQAAMGhlbGxvIAEAmUsR',
  snappy: 'FxRoZWxsbyBCBgA=',
}

test('batches that Java compressed are read, whatever the codec', async (t) => {
  const kafka = await onlooker()
  t.after(() => kafka.close())
  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) {
    // The broker compresses anew what a producer sends otherwise.
    const topic = await kafka.topic(1, { 'compression.type': codec })
    const values = Array.from({ length: 300 }, (_, n) => `${codec} ${n} ${'x'.repeat(n)}`)
    await kafka.send(
      topic,
      values.map((value) => ({ key: 'u', value })),
    )
    assert.deepEqual(await readToEnd(topic), values)
  }
})

test('a gzip batch that inflates beyond the bound stops with what to do', async (t) => {
  const kafka = await onlooker()
  t.after(() => kafka.close())
  const topic = await kafka.topic(1, { 'max.message.bytes': '10000000' })
  const producer = kafka.kafka.producer()
  await producer.connect()
  t.after(() => producer.disconnect())
  const value = Buffer.alloc(4 * megabyte)
  await producer.send({ topic, compression: 1, messages: [{ key: 'bomb', value }] })
  const reader = new KafkaEventSource({
    connection: { ...connectionTo(), inflatedBytesMax: megabyte },
    topic,
    groupId: randomUUID(),
  })
  t.after(() => reader.close())
  const reading = reader.readBatch(new AbortController().signal)
  await assert.rejects(reading, { code: 'LIMIT_REACHED', message: /inflates beyond 1048576 bytes/ })
})

test('reference samples are read whole, and not beyond a bound', () => {
  const text = 'hello hello hello hello'
  const read = { lz4: decodeLz4, zstd: decodeZstd, snappy: decodeSnappy, portable: decodePortable }
  for (const [name, decode] of Object.entries(read)) {
    const sample = samples[name === 'portable' ? 'zstd' : (name as keyof typeof samples)]
    const bytes = Buffer.from(sample, 'base64')
    assert.equal(decode(bytes, 1_000).toString(), text, name)
    assert.throws(() => decode(bytes, 10), { name: 'InflationError' }, name)
  }
})

test('a zstd header that asks for gigabytes is refused before anything is allocated', () => {
  const magic = [0x28, 0xb5, 0x2f, 0xfd]
  const window = Buffer.from([...magic, 0x00, 0xff, 0x01, 0x00, 0x00])
  assert.throws(() => decodeZstd(window, megabyte), { name: 'InflationError' })
  const content = Buffer.from([...magic, 0xe0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0])
  assert.throws(() => decodeZstd(content, megabyte), { name: 'InflationError' })
})

test('mutated batches end in an error or in bytes within the bound', () => {
  const seeds = [...Object.values(samples).map((text) => Buffer.from(text, 'base64'))]
  const edits = fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { minLength: 1, maxLength: 6 })
  const property = fc.property(fc.constantFrom(...seeds), edits, fc.nat(60), (seed, some, cut) => {
    const bytes = Buffer.from(seed.subarray(0, Math.max(4, seed.length - Math.min(cut, 30))))
    for (const [at, byte] of some) bytes[at % bytes.length] = byte
    for (const decode of [decodeLz4, decodeSnappy, decodeZstd, decodePortable]) {
      try {
        assert.ok(decode(bytes, 10_000).length <= 10_000)
      } catch (error) {
        assert.ok(error instanceof Error && !/assert/i.test(error.name), String(error))
      }
    }
  })
  fc.assert(property, { numRuns: 3_000, seed: 7 })
})

test('what Node compresses with zstd, both decoders read', (t) => {
  type Compress = (bytes: Buffer) => Buffer
  const compress = (zlib as { zstdCompressSync?: Compress }).zstdCompressSync
  if (compress === undefined) {
    t.diagnostic('this Node has no zstd of its own: only the portable decoder is used')
    return
  }
  const text = Buffer.from(Array.from({ length: 9_000 }, (_, n) => n % 97))
  assert.deepEqual(decodeZstd(compress(text), megabyte), text)
  assert.deepEqual(decodePortable(compress(text), megabyte), text)
})

async function readToEnd(topic: string): Promise<string[]> {
  const connection = connectionTo()
  const reader = new KafkaEventSource({ connection, topic, groupId: randomUUID(), stopAtEnd: true })
  const seen: string[] = []
  const never = new AbortController().signal
  for (let batch = await reader.readBatch(never); batch; batch = await reader.readBatch(never)) {
    for (const { value } of batch.records) seen.push(Buffer.from(value ?? []).toString())
    await batch.ack()
  }
  await reader.close()
  return seen
}
