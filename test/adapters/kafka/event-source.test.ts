// The Kafka source against a real broker: the contract of every source.

import { randomUUID } from 'node:crypto'
import { after, before } from 'node:test'
import { KafkaEventSource } from '../../../src/adapters/kafka/event-source.ts'
import { eventSourceContract } from '../../contracts/event-source.ts'
import { connectionTo, type Onlooker, onlooker } from './real-kafka.ts'

let kafka: Onlooker
before(async () => {
  kafka = await onlooker()
})
after(() => kafka.close())

eventSourceContract('kafka', async (values, options) => {
  const topic = await kafka.topic()
  await kafka.send(
    topic,
    values.map((value) => ({ key: 'one', value })),
  )
  const groupId = `group-${randomUUID()}`
  const open = () =>
    new KafkaEventSource({
      connection: connectionTo(),
      topic,
      groupId,
      stopAtEnd: true,
      ...options,
    })
  return { source: open(), restart: async () => open(), clean: async () => undefined }
})
