// The update log in a real topic: the contract, and what only a topic can do wrong.

import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { topicSettings } from '../../../../src/adapters/kafka/topics.ts'
import { createKafkaUpdateLog } from '../../../../src/adapters/kafka/update-log.ts'
import { Failure } from '../../../../src/errors.ts'
import type { UpdateLog } from '../../../../src/ports/update-log.ts'
import { updateLogContract } from '../../../contracts/update-log.ts'
import { connectionTo, type Onlooker, onlooker } from '../real-kafka.ts'

let kafka: Onlooker
before(async () => {
  kafka = await onlooker()
})
after(() => kafka.close())

function logOf(topic: string): UpdateLog {
  const groupName = () => `updates-${randomUUID()}`
  return createKafkaUpdateLog({ connection: connectionTo(), topic, groupName })
}

updateLogContract('kafka', async () => {
  const topic = await kafka.topic(1, topicSettings.updates)
  return {
    another: async () => logOf(topic),
    async deleteBefore(offset) {
      const partitions = [{ partition: 0, offset: String(offset) }]
      await kafka.admin.deleteTopicRecords({ topic, partitions })
    },
    clean: async () => undefined,
  }
})

test('a topic of several partitions is refused with what to do', async () => {
  const log = logOf(await kafka.topic(3))
  await assert.rejects(log.bounds(), (error) => {
    assert.ok(error instanceof Failure)
    assert.equal(error.code, 'SETTINGS_INVALID')
    assert.match(error.message, /3 partitions, expected 1.*topics create --updates/s)
    return true
  })
  await log.close()
})

test('a topic that is not there is a failure that may pass', async () => {
  const log = logOf(`missing-${randomUUID()}`)
  await assert.rejects(
    log.bounds(),
    (error) =>
      error instanceof Failure && error.fate === 'retry' && /topics create/.test(error.message),
  )
  await log.close()
})

test('a record that the topic does not take is refused with what to do', async () => {
  const log = logOf(await kafka.topic(1, { 'max.message.bytes': '1000' }))
  const value = randomBytes(4_000)
  await assert.rejects(
    log.append(value),
    (error) =>
      error instanceof Failure &&
      error.code === 'SINK_UNWRITABLE' &&
      /max\.message\.bytes/.test(error.message),
  )
  await log.close()
})
