// Writing to one topic, in order, in requests of a bounded size; resolves when all replicas have the records. Shared
// by the lists and the dead letters, which differ in what a record is and in who else may write it.

import { setTimeout as delay } from 'node:timers/promises'
import { CompressionTypes, type Message, Partitioners, type Producer } from 'kafkajs'
import { createKafka, type KafkaConnection } from './connect.ts'
import { disconnectInTime } from './disconnect.ts'
import { type Attempt, failureOf } from './failures.ts'
import { createSockets, type Sockets } from './sockets.ts'

export interface TopicWriterOptions {
  readonly connection: KafkaConnection
  readonly topic: string
  /** What the topic is for, in messages: `lists`, `dead letters`. */
  readonly what: string
  /** Further attempts that the client makes by itself, without asking whether the records are still wanted. */
  readonly retries?: number
  /** Longest that one request is under way, in ms; then its connections are cut, and what has not left never does. */
  readonly requestMsMax?: number
  readonly took?: (seconds: number) => void
}

export interface TopicWriter {
  /**
   * `mayGo` is asked before each request and again when its bytes leave: false ends the attempt.
   * @throws Failure SINK_UNREACHABLE (try again), NOT_PERMITTED or SINK_UNWRITABLE.
   */
  write(messages: readonly Message[], mayGo?: () => boolean): Promise<void>
  /** Cuts off what is under way: its write() rejects, and what has not left never does. */
  recall(): void
  close(): Promise<void>
}

/** Below the 1 MiB that a broker takes as one batch by default, with room for headers. */
const requestBytesMax = 768 * 1024
const recordOverheadBytes = 64
const retriesDefault = 2
/** Above what the client's own patience with a broker and its retries come to. */
const requestMsMaxDefault = 120_000
const always = (): boolean => true

/** A client with connections of its own. Once cut it is of no more use. */
interface Line {
  readonly producer: Producer
  readonly sockets: Sockets
  connecting: Promise<void> | undefined
}

export function createTopicWriter(options: TopicWriterOptions): TopicWriter {
  const { connection, topic, what } = options
  const { retries = retriesDefault, requestMsMax = requestMsMaxDefault } = options
  const attempt: Attempt = {
    unreachable: 'SINK_UNREACHABLE',
    doing: `write ${what} to the topic ${topic}`,
    right: `Write and Describe on topic ${topic}`,
  }
  let line = openLine()

  function openLine(): Line {
    const sockets = createSockets()
    const producer = createKafka(connection, { socketFactory: sockets.factory }).producer({
      // The partition that Java's clients would choose for the key.
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      // Idempotence would make an outage an endless send; records are versioned instead.
      idempotent: false,
      retry: { retries, initialRetryTime: 100, maxRetryTime: 1_000 },
    })
    return { producer, sockets, connecting: undefined }
  }

  function cut(old: Line): void {
    old.sockets.cut()
    if (line === old) line = openLine()
    disconnectInTime(old.producer).catch((cause: Error) => {
      connection.logger.debug('a client that was cut off did not end well', {
        error: cause.message,
      })
    })
  }

  async function send(own: Line, messages: Message[], mayGo: () => boolean): Promise<void> {
    own.connecting ??= own.producer.connect()
    try {
      await own.connecting
    } catch (error) {
      own.connecting = undefined
      throw error
    }
    own.sockets.ask(mayGo)
    const started = performance.now()
    await own.producer.send({ topic, acks: -1, compression: CompressionTypes.GZIP, messages })
    options.took?.((performance.now() - started) / 1000)
  }

  async function within(own: Line, work: Promise<void>): Promise<void> {
    const enough = new AbortController()
    const late = delay(requestMsMax, undefined, { signal: enough.signal }).then(
      () => {
        cut(own)
        throw new Error(`no answer within ${requestMsMax} ms`)
      },
      () => undefined,
    )
    try {
      await Promise.race([work, late.then(() => work)])
    } finally {
      enough.abort()
    }
  }

  return {
    async write(messages, mayGo = always) {
      for (const some of requestsOf(messages)) {
        const own = line
        try {
          if (!mayGo()) throw new Error('another worker may write these by now')
          await within(own, send(own, some, mayGo))
        } catch (error) {
          if (own.sockets.isCut && line === own) cut(own)
          throw failureOf(error, attempt)
        }
      }
    },
    recall() {
      if (line.connecting !== undefined) cut(line)
    },
    async close() {
      if (line.connecting !== undefined) await disconnectInTime(line.producer)
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
