// Lists to a Kafka topic made for compaction: one record per user, the newest wins; a null value removes the user.
// One attempt per call, within bounded time: whether a list may still go out is for the caller to say each time.

import type { ListSink } from '../../ports/sinks.ts'
import type { KafkaConnection } from './client/connect.ts'
import { createTopicWriter } from './producer.ts'
import { mustExist } from './topics.ts'

export interface KafkaListSinkOptions {
  readonly connection: KafkaConnection
  readonly topic: string
  /** Longest that one request is under way. */
  readonly requestMsMax?: number
  /** Seconds that one request took. */
  readonly took?: (seconds: number) => void
}

/** @throws Failure SETTINGS_INVALID for a connection that cannot be right. */
export function createKafkaListSink(options: KafkaListSinkOptions): ListSink {
  const { connection, topic, requestMsMax = 10_000, took } = options
  const bounds = { retries: 0, requestMsMax }
  const writer = createTopicWriter({
    connection,
    topic,
    what: 'lists',
    ...bounds,
    ...(took && { took }),
  })
  return {
    examine: () => mustExist(connection, topic),
    async write(records, mayGo) {
      await writer.write(
        records.map(({ key, value }) => ({ key, value: value === null ? null : asBuffer(value) })),
        mayGo,
      )
    },
    recall: () => writer.recall(),
    close: () => writer.close(),
  }
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
