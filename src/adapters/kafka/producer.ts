// Writing to one topic, in order, in requests of a bounded size; resolves when all replicas have the records. Shared
// by the lists and the dead letters, which differ in what a record is.

import { CompressionTypes, type Kafka, type Message, Partitioners } from 'kafkajs'
import { type Attempt, failureOf } from './failures.ts'
import { hangUp } from './hang-up.ts'

export interface TopicWriterOptions {
  readonly kafka: Kafka
  readonly topic: string
  /** What the topic is for, in messages: `lists`, `dead letters`. */
  readonly what: string
  readonly took?: (seconds: number) => void
}

export interface TopicWriter {
  /** @throws Failure SINK_UNREACHABLE (try again), NOT_PERMITTED or SINK_UNWRITABLE. */
  write(messages: readonly Message[]): Promise<void>
  close(): Promise<void>
}

/** Below the 1 MiB that a broker takes as one batch by default, with room for headers. */
const requestBytesMax = 768 * 1024
const recordOverheadBytes = 64

export function createTopicWriter(options: TopicWriterOptions): TopicWriter {
  const { kafka, topic, what } = options
  const producer = kafka.producer({
    // The partition that Java's clients would choose for the key.
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    // Idempotence would make an outage an endless send; records are versioned instead.
    idempotent: false,
    // Few: whoever calls may have changed its mind about what to write.
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1_000 },
  })
  const attempt: Attempt = {
    unreachable: 'SINK_UNREACHABLE',
    doing: `write ${what} to the topic ${topic}`,
    right: `Write and Describe on topic ${topic}`,
  }
  let connecting: Promise<void> | undefined

  async function connected(): Promise<void> {
    connecting ??= producer.connect()
    try {
      await connecting
    } catch (error) {
      connecting = undefined
      throw error
    }
  }

  return {
    async write(messages) {
      try {
        await connected()
        for (const some of requestsOf(messages)) {
          const started = performance.now()
          await producer.send({
            topic,
            acks: -1,
            compression: CompressionTypes.GZIP,
            messages: some,
          })
          options.took?.((performance.now() - started) / 1000)
        }
      } catch (error) {
        throw failureOf(error, attempt)
      }
    },
    async close() {
      if (connecting !== undefined) await hangUp(producer)
    },
  }
}

function* requestsOf(messages: readonly Message[]): Iterable<Message[]> {
  let some: Message[] = []
  let bytes = 0
  for (const message of messages) {
    const size = sizeOf(message)
    if (some.length > 0 && bytes + size > requestBytesMax) {
      yield some
      some = []
      bytes = 0
    }
    some.push(message)
    bytes += size
  }
  if (some.length > 0) yield some
}

function sizeOf(message: Message): number {
  const { key, value } = message
  return recordOverheadBytes + (key?.length ?? 0) * 3 + (value?.length ?? 0)
}
