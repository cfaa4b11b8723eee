// The bare loop that the worker is measured against: kafkajs → avsc → one pipeline of ZADD GT per 500 records →
// resolve. No checks, no model, no lists. A process of its own: node bare-loop.js BROKERS TOPIC GROUP REDIS PREFIX

import avsc from 'avsc'
import { Redis } from 'ioredis'
import { Kafka, logLevel } from 'kafkajs'
import type { Interaction } from '../../../src/types.ts'
import { interactionSchema } from '../../../src/wire/schemas.ts'

const [brokers = '', topic = '', groupId = '', url = '', prefix = ''] = process.argv.slice(2)
const chunk = 500
const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING })
const type = avsc.Type.forSchema(JSON.parse(interactionSchema))
const redis = new Redis(url)
const admin = kafka.admin()
await admin.connect()
const ends = new Map(
  (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]),
)
await admin.disconnect()
const consumer = kafka.consumer({
  groupId,
  maxBytesPerPartition: 512 * 1024,
  maxBytes: 4 * 1024 * 1024,
})
await consumer.connect()
await consumer.subscribe({ topic, fromBeginning: true })
await new Promise<void>((resolve, reject) => {
  consumer.on(consumer.events.GROUP_JOIN, () => process.stderr.write('joined\n'))
  consumer
    .run({
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
        for (let at = 0; at < batch.messages.length; at += chunk) {
          const some = batch.messages.slice(at, at + chunk)
          const pipeline = redis.pipeline()
          for (const { value } of some) {
            const { user, item, timestamp } = type.fromBuffer(
              value ?? Buffer.alloc(0),
            ) as Interaction
            pipeline.zadd(`${prefix}{${user}}:a`, 'GT', timestamp, item)
          }
          for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error
          resolveOffset(some.at(-1)!.offset)
          await heartbeat()
        }
        if (Number(batch.lastOffset()) + 1 >= (ends.get(batch.partition) ?? 0)) {
          ends.delete(batch.partition)
        }
        if (ends.size === 0) resolve()
      },
    })
    .catch(reject)
})
process.stderr.write('done\n')
await consumer.disconnect()
redis.disconnect()
