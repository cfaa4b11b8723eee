// What the tests of the Kafka adapters share: the broker of this run, topics of their own, and a plain client beside
// the adapters to write with and to look.

import { randomUUID } from 'node:crypto'
import { type Admin, Kafka, type KafkaMessage, logLevel, type Message } from 'kafkajs'
import type { KafkaConnection } from '../../../src/adapters/kafka/client/connect.ts'
import { mendLibrary } from '../../../src/adapters/kafka/client/mend-library.ts'
import { makeAndAwait } from '../../../src/adapters/kafka/topics.ts'
import type { Facts, Logger } from '../../../src/ports/logger.ts'

/** @throws Error that says how to get what is missing. */
export function given(name: string): string {
  const value = process.env[name]
  if (value !== undefined && value !== '') return value
  throw new Error(`${name} is not set: run the tests with «npm test», which starts the servers`)
}

export interface Line {
  readonly level: string
  readonly message: string
  readonly facts: Facts
}

/** A logger that keeps its lines. */
export function keepingLogger(lines: Line[] = []): Logger {
  const at =
    (level: string) =>
    (message: string, facts: Facts = {}): void => {
      lines.push({ level, message, facts })
    }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    repeated: (reason, message, facts = {}) => at('warn')(message, { reason, ...facts }),
    child: () => keepingLogger(lines),
  }
}

export function connectionTo(
  brokers: string = given('KAFKA_BROKERS'),
  logger: Logger = keepingLogger(),
): KafkaConnection {
  return { brokers, security: 'plaintext', clientId: 'test', logger }
}

export interface Onlooker {
  readonly kafka: Kafka
  readonly admin: Admin
  /** A new topic. */
  topic(partitions?: number, settings?: Readonly<Record<string, string>>): Promise<string>
  send(topic: string, messages: readonly Message[]): Promise<void>
  /** Everything in the topic now, by partition and offset. */
  read(topic: string): Promise<KafkaMessage[]>
  /** The same with the partitions. */
  readPlaced(topic: string): Promise<{ partition: number; message: KafkaMessage }[]>
  /** The group's committed offset of partition 0, -1 for none. */
  committed(groupId: string, topic: string, partition?: number): Promise<number>
  close(): Promise<void>
}

export async function onlooker(brokers: string = given('KAFKA_BROKERS')): Promise<Onlooker> {
  // Else it takes processor time from the workers that it looks at.
  mendLibrary()
  const kafka = new Kafka({
    clientId: 'onlooker',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { retries: 12, initialRetryTime: 100, maxRetryTime: 2_000 },
  })
  const admin = kafka.admin()
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await admin.connect()
  await producer.connect()
  return {
    kafka,
    admin,
    async topic(partitions = 1, settings = {}) {
      const topic = `test-${randomUUID()}`
      const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
      await makeAndAwait(admin, [
        { topic, numPartitions: partitions, replicationFactor: 1, configEntries },
      ])
      return topic
    },
    async send(topic, messages) {
      await producer.send({ topic, messages: [...messages] })
    },
    read: async (topic) => (await readAll(kafka, admin, topic)).map(({ message }) => message),
    readPlaced: (topic) => readAll(kafka, admin, topic),
    async committed(groupId, topic, partition = 0) {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
      return Number(found?.partitions.find((one) => one.partition === partition)?.offset ?? -1)
    },
    async close() {
      await producer.disconnect()
      await admin.disconnect()
    },
  }
}

async function readAll(kafka: Kafka, admin: Admin, topic: string) {
  const ends = new Map(
    (await admin.fetchTopicOffsets(topic))
      .filter(({ low, high }) => low !== high)
      .map(({ partition, high }) => [partition, Number(high)]),
  )
  const found: { partition: number; message: KafkaMessage }[] = []
  if (ends.size === 0) return []
  const consumer = kafka.consumer({ groupId: `look-${randomUUID()}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ partition, message }) => {
          found.push({ partition, message })
          if (Number(message.offset) + 1 >= (ends.get(partition) ?? 0)) ends.delete(partition)
          if (ends.size === 0) resolve()
        },
      })
      .catch(reject)
  })
  await consumer.disconnect()
  found.sort(
    (a, b) => a.partition - b.partition || Number(a.message.offset) - Number(b.message.offset),
  )
  return found
}
