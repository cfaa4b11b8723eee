// Writing to one topic, in order, in requests of a bounded size; resolves when all replicas have the records. Shared
// by the lists and the dead letters, which differ in what a record is and in who else may write it.

import { setTimeout as delay } from 'node:timers/promises'
import { CompressionTypes, type Message } from 'kafkajs'
import type { KafkaConnection } from './client/connect.ts'
import { disconnectInTime } from './client/disconnect.ts'
import { type Attempt, failureOf } from './client/failures.ts'
import { type Client, createProducerClients } from './client/producer-client.ts'

export interface TopicWriterOptions {
  readonly connection: KafkaConnection
  readonly topic: string
  /** What the topic is for, in messages: `lists`, `dead letters`. */
  readonly what: string
  /** Further attempts that the client makes by itself, without asking whether the records are still wanted. */
  readonly retries?: number
  /** Longest that one request is under way, in ms; then its connections are cut, and what has not left never does. */
  readonly requestMsMax?: number
  /** Records are packed too densely already to become smaller. */
  readonly isDense?: true
  readonly took?: (seconds: number) => void
}

export interface TopicWriter {
  /**
   * `mayGo` is asked before each request and again when its bytes leave: false ends the attempt.
   * Resolves with the offset of the first record of the last request, -1 where there was none.
   * @throws Failure SINK_UNREACHABLE (try again), NOT_PERMITTED or SINK_UNWRITABLE.
   */
  write(messages: readonly Message[], mayGo?: () => boolean): Promise<number>
  /** Cuts off what is under way: its write() rejects, and what has not left never does. */
  recall(): void
  close(): Promise<void>
}

/** Below the 1 MiB that a broker takes as one batch by default, with room for headers. */
const requestBytesMax = 768 * 1024
const recordOverheadBytes = 64
/**
 * Smaller requests are not packed: each partition's batch would be packed by itself, and to begin that costs more than
 * there is to be saved in a few lists.
 */
const packedBytesMin = 32 * 1024
const retriesDefault = 2
/** Above what the client's own patience with a broker and its retries come to. */
const requestMsMaxDefault = 120_000
const always = (): boolean => true

export function createTopicWriter(options: TopicWriterOptions): TopicWriter {
  const { connection, topic, what } = options
  const { retries = retriesDefault, requestMsMax = requestMsMaxDefault } = options
  const attempt: Attempt = {
    unreachable: 'SINK_UNREACHABLE',
    doing: `write ${what} to the topic ${topic}`,
    right: `Write and Describe on topic ${topic}`,
  }
  const clients = createProducerClients(connection, retries)

  async function send(own: Client, request: Request, mayGo: () => boolean): Promise<number> {
    await own.connect()
    own.sockets.ask(mayGo)
    const started = performance.now()
    const { messages, bytes } = request
    const isPacked = options.isDense !== true && bytes >= packedBytesMin
    const compression = isPacked ? CompressionTypes.GZIP : CompressionTypes.None
    const [at] = await own.producer.send({ topic, acks: -1, compression, messages })
    options.took?.((performance.now() - started) / 1000)
    return Number(at?.baseOffset ?? -1)
  }

  /** The library would try a connection that was cut off again and again before it gives up. */
  async function within<T>(own: Client, work: Promise<T>): Promise<T> {
    const enough = new AbortController()
    let why = 'the connection was cut off'
    const cut = new Promise<never>((_, reject) => {
      const end = own.sockets.onCut(() => reject(new Error(why)))
      enough.signal.addEventListener('abort', end)
    })
    const late = delay(requestMsMax, undefined, { signal: enough.signal }).then(
      () => {
        why = `no answer within ${requestMsMax} ms`
        clients.cut(own)
        throw new Error(why)
      },
      () => undefined,
    )
    try {
      return await Promise.race([work, cut, late.then(() => work)])
    } finally {
      enough.abort()
      // Whoever cut it off was told; how the library ends with it is nobody's concern.
      if (own.sockets.isCut) work.catch(() => undefined)
    }
  }

  return {
    async write(messages, mayGo = always) {
      let at = -1
      for (const request of requestsOf(messages)) {
        const own = clients.current
        try {
          if (!mayGo()) throw new Error('another worker may write these by now')
          at = await within(own, send(own, request, mayGo))
        } catch (error) {
          if (own.sockets.isCut && clients.current === own) clients.cut(own)
          throw failureOf(error, attempt)
        }
      }
      return at
    },
    recall() {
      if (clients.current.isOpen()) clients.cut(clients.current)
    },
    async close() {
      if (clients.current.isOpen()) await disconnectInTime(clients.current.producer)
    },
  }
}

interface Request {
  readonly messages: Message[]
  /** About, before they are packed. */
  readonly bytes: number
}

function* requestsOf(messages: readonly Message[]): Iterable<Request> {
  let some: Message[] = []
  let bytes = 0
  for (const message of messages) {
    const size = sizeOf(message)
    if (some.length > 0 && bytes + size > requestBytesMax) {
      yield { messages: some, bytes }
      some = []
      bytes = 0
    }
    some.push(message)
    bytes += size
  }
  if (some.length > 0) yield { messages: some, bytes }
}

function sizeOf(message: Message): number {
  const { key, value } = message
  return recordOverheadBytes + (key?.length ?? 0) * 3 + (value?.length ?? 0)
}
