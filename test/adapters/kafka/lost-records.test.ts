// What the Kafka source does when the topic is not what the group left: shorter, another, or not there.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { makeAndAwait } from '../../../src/adapters/kafka/topics.ts'
import { never, numbered, source, take, valuesOf } from './reading.ts'
import { type Onlooker, onlooker } from './real-kafka.ts'

let kafka: Onlooker
before(async () => {
  kafka = await onlooker()
})
after(() => kafka.close())

test('records deleted unread are a failure, or passed over by choice', async () => {
  const topic = await kafka.topic()
  await kafka.send(topic, numbered(10))
  const group = `group-${randomUUID()}`
  await kafka.admin.setOffsets({
    groupId: group,
    topic,
    partitions: [{ partition: 0, offset: '2' }],
  })
  await kafka.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '5' }] })
  const strict = source(topic, group, { stopAtEnd: true })
  await assert.rejects(strict.readBatch(never), {
    code: 'RECORDS_EXPIRED',
    message: /3 records before 5/,
  })
  await strict.close()
  const lenient = source(topic, group, { stopAtEnd: true, expired: 'earliest' })
  const [batch] = await take(lenient, 1)
  assert.equal(batch?.records[0]?.position.offset, 5)
  await lenient.close()
})

test('a group that stands behind the end belongs to another topic of this name', async () => {
  const topic = await kafka.topic()
  const group = `group-${randomUUID()}`
  await kafka.admin.setOffsets({
    groupId: group,
    topic,
    partitions: [{ partition: 0, offset: '7' }],
  })
  const reader = source(topic, group)
  await assert.rejects(reader.readBatch(never), { code: 'TOPIC_RECREATED' })
  await reader.close()
})

test('a topic that does not exist yet is waited for, never made', async (t) => {
  const topic = `late-${randomUUID()}`
  const reader = source(topic, `group-${randomUUID()}`)
  t.after(() => reader.close())
  const waiting = reader.readBatch(never)
  await delay(200)
  assert.equal((await kafka.admin.listTopics()).includes(topic), false)
  await makeAndAwait(kafka.admin, [{ topic, numPartitions: 1, replicationFactor: 1 }])
  await kafka.send(topic, numbered(1))
  assert.deepEqual(valuesOf((await waiting)!), ['0'])
})
