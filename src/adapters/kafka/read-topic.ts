// A topic from its beginning or from given offsets on, with headers, for whoever reads all of it: tail and dlq, the
// item feed, the update log. Commits nothing, so it leaves no trace but an empty consumer group for a while.

import type { EachBatchPayload, IHeaders } from 'kafkajs'
import { retryWhileCold } from './client/cold-broker.ts'
import { createKafka, type KafkaConnection } from './client/connect.ts'
import { disconnectInTime } from './client/disconnect.ts'
import { failureOf } from './client/failures.ts'
import { type FetchWatch, watchFetches } from './client/fetch-watch.ts'

export interface TopicRecord {
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch, by the producer's clock or the broker's. */
  readonly timestamp: number
  readonly key: string | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

export interface ReadTopicOptions {
  readonly connection: KafkaConnection
  readonly topic: string
  /** A name of its own: readers of one group would share the partitions. */
  readonly groupId: string
  /** End at what is there now, instead of waiting for more. */
  readonly stopAtEnd: boolean
  /** By partition the offset of the first record that is wanted; left out: the oldest there is. */
  readonly from?: ReadonlyMap<number, number>
  /** A consumer that loses its brokers, or stands still, ends with a failure, instead of trying again by itself. */
  readonly endsOnCrash?: true
  /** Then: the longest that it may fetch nothing, in ms. */
  readonly silentMsMax?: number
  /** The next fetch comes this much later than the records of the last one were taken, in ms; left out: at once. */
  readonly lingerMs?: number
  /** All of a partition before this offset was taken, or holds no record. */
  readonly onPassed?: (partition: number, next: number) => void
  /** Where a partition ends, told with each of its batches before its records are given. */
  readonly onEnd?: (partition: number, end: number) => void
  readonly signal: AbortSignal
}

/** Above what kafkajs's own tries to reach a broker take. */
const silentMsMaxDefault = 30_000

/** Order holds within a partition. @throws Failure when the topic cannot be read. */
export async function* readTopic(options: ReadTopicOptions): AsyncGenerator<TopicRecord[]> {
  const { topic, groupId, from = new Map<number, number>() } = options
  const kafka = createKafka(options.connection)
  const attempt = {
    unreachable: 'SOURCE_UNREACHABLE' as const,
    doing: `read the topic ${topic}`,
    right: `Read and Describe on topic ${topic}, and Read on group ${groupId}`,
  }
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 500, allowAutoTopicCreation: false })
  const exchange = createExchange(options.signal)
  const { silentMsMax = silentMsMaxDefault } = options
  let watch: FetchWatch | undefined
  try {
    const left = options.stopAtEnd ? await endsOf() : undefined
    if (left?.size === 0) return
    const pass = (partition: number, next: number): void => {
      if (left !== undefined && next >= (left.get(partition) ?? 0)) left.delete(partition)
      if (left?.size === 0) exchange.end()
    }
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart || options.endsOnCrash === true)
        exchange.fail(failureOf(payload.error, attempt))
    })
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      pass(payload.partition, Number(payload.lastOffset) + 1)
      options.onPassed?.(payload.partition, Number(payload.lastOffset) + 1)
    })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    if (options.endsOnCrash === true) {
      const silent = new Error(`nothing was fetched for ${silentMsMax} ms`)
      const onSilent = () => exchange.fail(failureOf(silent, attempt))
      watch = watchFetches(consumer, { silentMsMax, onSilent })
    }
    await consumer.run({ autoCommit: false, eachBatch: taken })
    for (const [partition, offset] of from) {
      consumer.seek({ topic, partition, offset: String(offset) })
    }
    yield* exchange.taken()
  } catch (error) {
    throw failureOf(error, attempt)
  } finally {
    watch?.close()
    exchange.end()
    await disconnectInTime(consumer)
  }

  function taken(payload: EachBatchPayload): Promise<void> {
    return watch === undefined ? give(payload) : watch.inHand(give(payload))
  }

  async function give({ batch, resolveOffset, heartbeat }: EachBatchPayload): Promise<void> {
    options.onEnd?.(batch.partition, Number(batch.highWatermark))
    // What was asked for before the offset was set may come from before it.
    const first = from.get(batch.partition) ?? 0
    const wanted = batch.messages.filter(({ offset }) => Number(offset) >= first)
    await exchange.give(wanted.map((message) => recordOf(batch.partition, message)))
    resolveOffset(batch.messages.at(-1)!.offset)
    await heartbeat()
    const isAtEnd = Number(batch.lastOffset()) + 1 >= Number(batch.highWatermark)
    if (isAtEnd) await exchange.pause(options.lingerMs ?? 0)
  }

  async function endsOf(): Promise<Map<number, number>> {
    const admin = kafka.admin()
    await admin.connect()
    try {
      const offsets = await retryWhileCold(() => admin.fetchTopicOffsets(topic))
      const filled = offsets.filter(({ low, high }) => low !== high)
      return new Map(filled.map(({ partition, high }) => [partition, Number(high)]))
    } finally {
      await admin.disconnect()
    }
  }
}

function recordOf(partition: number, message: EachBatchPayload['batch']['messages'][0]) {
  const { offset, timestamp, key, value, headers } = message
  const text = key === null ? null : key.toString('utf8')
  return {
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    key: text,
    value,
    headers: textsOf(headers ?? {}),
  }
}

function textsOf(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

/** Hands arrays from one side to the other, one at a time. */
function createExchange(signal: AbortSignal) {
  const waiting: TopicRecord[][] = []
  let ended = false
  let failure: Error | undefined
  let wake = (): void => undefined
  const changed = (): Promise<void> => new Promise((resolve) => (wake = resolve))
  signal.addEventListener('abort', () => wake())
  let takenOne = (): void => undefined
  let endPause = (): void => undefined
  return {
    /** Resolves when the records were taken, or nobody takes any more. */
    async give(records: TopicRecord[]): Promise<void> {
      if (ended || records.length === 0) return
      waiting.push(records)
      wake()
      await new Promise<void>((resolve) => (takenOne = resolve))
    },
    /** Resolves after this time, or when nobody takes any more. */
    async pause(ms: number): Promise<void> {
      if (ended || ms <= 0) return
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        endPause = resolve
        timer = setTimeout(resolve, ms)
      })
      clearTimeout(timer)
    },
    end(): void {
      ended = true
      wake()
      takenOne()
      endPause()
    },
    fail(error: Error): void {
      failure = error
      wake()
    },
    async *taken(): AsyncGenerator<TopicRecord[]> {
      for (;;) {
        const records = waiting.shift()
        if (records !== undefined) {
          yield records
          takenOne()
          continue
        }
        if (failure !== undefined) throw failure
        if (ended || signal.aborted) return
        await changed()
      }
    },
  }
}
