// The item feed out of a real topic: all that is there first, whatever stands at its end, and then what comes.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createKafkaItemSource } from '../../../../src/adapters/kafka/item-source.ts'
import { Failure } from '../../../../src/errors.ts'
import type { ItemSource } from '../../../../src/ports/event-source.ts'
import { connectionTo, type Onlooker, onlooker } from '../real-kafka.ts'

let kafka: Onlooker
before(async () => {
  kafka = await onlooker()
})
after(() => kafka.close())

const signal = new AbortController().signal
const groupName = () => `items-${randomUUID()}`

function sourceOf(topic: string, stopAtEnd = false): ItemSource {
  return createKafkaItemSource({ connection: connectionTo(), topic, groupName, stopAtEnd })
}

async function caughtUp(source: ItemSource): Promise<string[]> {
  const told: string[] = []
  for (;;) {
    const batch = await source.readBatch(signal).catch((cause: Failure) => cause)
    // A broker that has just started; the worker tries again, too.
    if (batch instanceof Failure && batch.fate === 'retry') continue
    assert.ok(batch !== undefined && !(batch instanceof Failure), String(batch))
    for (const { key, value } of batch.records) {
      told.push(`${key}=${value === null ? 'gone' : Buffer.from(value).toString()}`)
    }
    if (batch.isCaughtUp) return told
  }
}

const say = (key: string, value: string | null) => ({ key, value })

test('all partitions are read to their ends, and then what comes', async () => {
  const topic = await kafka.topic(3)
  const many = Array.from({ length: 500 }, (_, k) => say(`i${k}`, String(k)))
  await kafka.send(topic, many)
  const source = sourceOf(topic)
  assert.deepEqual(
    (await caughtUp(source)).sort(),
    many.map(({ key, value }) => `${key}=${value}`).sort(),
  )
  await kafka.send(topic, [say('i7', null)])
  assert.deepEqual(await caughtUp(source), ['i7=gone'])
  await source.close()
})

test('an empty topic is read at once; where only what is there is asked for, that is the end', async () => {
  const topic = await kafka.topic(2)
  const source = sourceOf(topic, true)
  assert.deepEqual(await caughtUp(source), [])
  assert.equal(await source.readBatch(signal), undefined)
  await source.close()
})

test('a topic that ends with the mark of a transaction is read to its end', async () => {
  const topic = await kafka.topic()
  const producer = kafka.kafka.producer({
    ...{ transactionalId: randomUUID(), idempotent: true, maxInFlightRequests: 1 },
  })
  await producer.connect()
  const transaction = await producer.transaction()
  await transaction.send({ topic, messages: [say('a', '1')] })
  await transaction.commit()
  const aborted = await producer.transaction()
  await aborted.send({ topic, messages: [say('b', '2')] })
  await aborted.abort()
  await producer.disconnect()
  const source = sourceOf(topic)
  assert.deepEqual(await caughtUp(source), ['a=1'])
  await source.close()
})

test('a topic that is not there is a failure that may pass', async () => {
  const source = sourceOf(`missing-${randomUUID()}`)
  await assert.rejects(
    source.readBatch(signal),
    (error) => error instanceof Failure && error.fate === 'retry',
  )
  await source.close()
})
