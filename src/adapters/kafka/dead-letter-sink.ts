// Dead letters to a Kafka topic: the record's own key and bytes, and in headers why it could not be used and where it
// stood. Headers never quote the record. What a broker would refuse for its size goes without its tail.

import { createHash } from 'node:crypto'
import type { IHeaders, Message } from 'kafkajs'
import type { DeadLetterSink } from '../../ports/sinks.ts'
import type { DeadLetter } from '../../types.ts'
import type { KafkaConnection } from './client/connect.ts'
import { asBuffer } from './list-sink.ts'
import { createTopicWriter } from './producer.ts'

export interface KafkaDeadLetterSinkOptions {
  readonly connection: KafkaConnection
  readonly topic: string
  /** whole: the record as it came. hash: its SHA-256 and length only, where payloads must not be kept. */
  readonly payload?: 'whole' | 'hash'
  /** A larger value is cut to its first KiB. */
  readonly valueBytesMax?: number
}

/** Header names, also of those who read the topic. */
export const deadLetterHeaders = {
  reason: 'neupr-reason',
  detail: 'neupr-detail',
  topic: 'neupr-topic',
  partition: 'neupr-partition',
  offset: 'neupr-offset',
  /** Given when the value is not whole: its full length, and SHA-256 in hex. */
  bytes: 'neupr-bytes',
  sha256: 'neupr-sha256',
} as const

const valueBytesMaxDefault = 700 * 1024
const headBytes = 1024
const detailMax = 500

export function createKafkaDeadLetterSink(options: KafkaDeadLetterSinkOptions): DeadLetterSink {
  const { connection, topic } = options
  const writer = createTopicWriter({ connection, topic, what: 'dead letters' })
  return {
    async write(letters) {
      await writer.write(letters.map((letter) => messageOf(letter, options)))
    },
    close: () => writer.close(),
  }
}

function messageOf(letter: DeadLetter, options: KafkaDeadLetterSinkOptions): Message {
  const { payload = 'whole', valueBytesMax = valueBytesMaxDefault } = options
  const { stream, offset } = letter.position
  const cut = stream.lastIndexOf('/')
  const headers: IHeaders = {
    [deadLetterHeaders.reason]: letter.fault.reason,
    [deadLetterHeaders.detail]: letter.fault.detail.slice(0, detailMax),
    [deadLetterHeaders.topic]: cut < 0 ? stream : stream.slice(0, cut),
    [deadLetterHeaders.partition]: cut < 0 ? '' : stream.slice(cut + 1),
    [deadLetterHeaders.offset]: String(offset),
  }
  const whole = letter.value === null ? null : asBuffer(letter.value)
  const fits = whole === null || whole.length <= valueBytesMax
  if (whole === null || (fits && payload === 'whole')) {
    return { key: letter.key, value: whole, headers }
  }
  headers[deadLetterHeaders.bytes] = String(whole.length)
  headers[deadLetterHeaders.sha256] = createHash('sha256').update(whole).digest('hex')
  return {
    key: letter.key,
    value: payload === 'hash' ? Buffer.alloc(0) : whole.subarray(0, headBytes),
    headers,
  }
}
