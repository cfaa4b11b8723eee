// What the Kafka source promises beyond the contract: positions, rebalances, transactions, silence.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { EventSource } from '../../../src/ports/event-source.ts'
import { never, numbered, source, take, until, valuesOf } from './reading.ts'
import { type Onlooker, onlooker } from './real-kafka.ts'

let kafka: Onlooker
before(async () => {
  kafka = await onlooker()
})
after(() => kafka.close())

test('only a contiguous prefix of acknowledged batches is committed', async (t) => {
  const topic = await kafka.topic()
  await kafka.send(topic, numbered(40))
  const group = `group-${randomUUID()}`
  const reader = source(topic, group, { unackedBatchesMax: 3 })
  t.after(() => reader.close())
  const [first, second, third] = await take(reader, 3)
  await third?.ack()
  await second?.ack()
  await delay(300)
  assert.equal(await kafka.committed(group, topic), -1, 'the first batch is still in hand')
  await first?.ack()
  await until('30 are committed', async () => (await kafka.committed(group, topic)) === 30)
})

test('aborted transactions and control records are passed over, and the end is still found', async (t) => {
  const topic = await kafka.topic()
  const producer = kafka.kafka.producer({
    transactionalId: randomUUID(),
    maxInFlightRequests: 1,
    idempotent: true,
  })
  await producer.connect()
  t.after(() => producer.disconnect())
  for (const [fate, value] of [
    ['commit', 'kept'],
    ['abort', 'gone'],
  ] as const) {
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ key: 'u', value }] })
    await transaction[fate]()
  }
  const group = `group-${randomUUID()}`
  const reader = source(topic, group, { stopAtEnd: true })
  const [batch] = await take(reader, 1)
  assert.deepEqual(valuesOf(batch!), ['kept'])
  await batch?.ack()
  assert.equal(await reader.readBatch(never), undefined)
  await reader.close()
  assert.equal(await kafka.committed(group, topic), 4, 'two records, two markers')
})

test('records that come after the start are left for later by --stop-at-end', async () => {
  const topic = await kafka.topic(3)
  await kafka.send(topic, numbered(50))
  const group = `group-${randomUUID()}`
  const reader = source(topic, group, { stopAtEnd: true })
  const seen: string[] = []
  for (let batch = await reader.readBatch(never); batch; batch = await reader.readBatch(never)) {
    if (seen.length === 0) await kafka.send(topic, numbered(50, 50))
    seen.push(...valuesOf(batch))
    await batch.ack()
  }
  await reader.close()
  const wanted = numbered(50).map(({ value }) => value)
  assert.deepEqual([...seen].sort(), wanted.sort())
  const again = source(topic, group, { stopAtEnd: true })
  let later = 0
  for (let batch = await again.readBatch(never); batch; batch = await again.readBatch(never)) {
    later += batch.records.length
    await batch.ack()
  }
  await again.close()
  assert.equal(later, 50)
})

test('members that come and go lose nothing, and repeat no more than what was in hand', async () => {
  const topic = await kafka.topic(4)
  await kafka.send(topic, numbered(2_000))
  const group = `group-${randomUUID()}`
  const seen = new Map<string, number>()
  let rebalances = 0
  const observe = { rebalanced: () => void rebalances++, took: () => undefined }
  const work = async (reader: EventSource, stop: AbortSignal): Promise<void> => {
    for (let batch = await reader.readBatch(stop); batch; batch = await reader.readBatch(stop)) {
      await delay(2)
      for (const value of valuesOf(batch)) seen.set(value, (seen.get(value) ?? 0) + 1)
      await batch.ack()
    }
    await reader.close()
  }
  const stopFirst = new AbortController()
  const stopSecond = new AbortController()
  const first = work(source(topic, group, { observe }), stopFirst.signal)
  await until('the first works', async () => seen.size > 100)
  const second = work(source(topic, group), stopSecond.signal)
  await until('the first gave partitions away', async () => rebalances > 0)
  await until('both work', async () => seen.size > 1_200)
  stopFirst.abort()
  await first
  await until('all are seen', async () => seen.size === 2_000)
  const repeats = [...seen.values()].reduce((sum, times) => sum + times - 1, 0)
  // Two rebalances, four partitions, four batches of ten in hand each.
  assert.ok(repeats <= 2 * 4 * 4 * 10, `${repeats} repeats`)
  await until('all is committed', async () => {
    const offsets = await kafka.admin.fetchTopicOffsets(topic)
    const done = await Promise.all(
      offsets.map(async ({ partition, high }) => {
        const committed = await kafka.committed(group, topic, partition)
        return Math.max(0, committed) === Number(high)
      }),
    )
    return done.every(Boolean)
  })
  stopSecond.abort()
  await second
})

test('a batch that is neither done nor retried ends the worker; one that waits aloud does not', async (t) => {
  const topic = await kafka.topic()
  await kafka.send(topic, numbered(10))
  const failures: string[] = []
  const reader = source(topic, `group-${randomUUID()}`, {
    stallMsMax: 400,
    onFailed: ({ code }) => failures.push(code),
  })
  t.after(() => reader.close())
  const [held] = await take(reader, 1)
  for (let tries = 0; tries < 20; tries++) {
    held?.waiting?.()
    await delay(50)
  }
  assert.deepEqual(failures, [])
  await assert.rejects(reader.readBatch(never), { code: 'SOURCE_STUCK', exitCode: 75 })
  assert.deepEqual(failures, ['SOURCE_STUCK'])
})

test('partitions that a running topic is given are read within half a minute', async (t) => {
  const topic = await kafka.topic(1)
  const reader = source(topic, `group-${randomUUID()}`)
  t.after(() => reader.close())
  await kafka.send(topic, numbered(1))
  const [first] = await take(reader, 1)
  await first?.ack()
  await kafka.admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] })
  const messages = [1, 2, 3].map((partition) => ({
    partition,
    key: 'u',
    value: `new ${partition}`,
  }))
  const added = performance.now()
  // The one at hand would not hear of the new partitions for minutes.
  const producer = kafka.kafka.producer()
  await producer.connect()
  t.after(() => producer.disconnect())
  await producer.send({ topic, messages })
  const seen = new Set<string>()
  while (seen.size < 3) {
    const [batch] = await take(reader, 1)
    for (const value of valuesOf(batch!)) seen.add(value)
    await batch?.ack()
  }
  assert.ok(performance.now() - added < 30_000, `${performance.now() - added} ms`)
  assert.deepEqual([...seen].sort(), ['new 1', 'new 2', 'new 3'])
})
