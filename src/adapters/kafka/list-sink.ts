// Lists to a Kafka topic made for compaction: one record per user, the newest wins; a null value removes the user.

import type { ListSink } from '../../ports/list-sink.ts'
import { createKafka, type KafkaConnection } from './connect.ts'
import { createTopicWriter } from './producer.ts'

export interface KafkaListSinkOptions {
  readonly connection: KafkaConnection
  readonly topic: string
  /** Seconds that one request took. */
  readonly took?: (seconds: number) => void
}

export function createKafkaListSink(options: KafkaListSinkOptions): ListSink {
  const { topic, took } = options
  const kafka = createKafka(options.connection)
  const writer = createTopicWriter({ kafka, topic, what: 'lists', ...(took && { took }) })
  return {
    write: (records) =>
      writer.write(
        records.map(({ key, value }) => ({ key, value: value === null ? null : asBuffer(value) })),
      ),
    close: () => writer.close(),
  }
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
