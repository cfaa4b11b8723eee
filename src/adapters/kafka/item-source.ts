// The item feed out of a topic: from its beginning at every start, and then as it goes on. Every worker reads all of
// it, in a consumer group of its own in which nothing is committed.

import type { ItemBatch, ItemSource } from '../../ports/event-source.ts'
import type { SourceRecord } from '../../types.ts'
import { retryWhileCold } from './client/cold-broker.ts'
import { createKafka, type KafkaConnection } from './client/connect.ts'
import { disconnectInTime } from './client/disconnect.ts'
import { failureOf } from './client/failures.ts'
import { readTopic, type TopicRecord } from './read-topic.ts'

export interface KafkaItemSourceOptions {
  readonly connection: KafkaConnection
  readonly topic: string
  /** Of the consumer group: a new name for every reading is made from it. */
  readonly groupName: () => string
  /** End at what is there now, instead of waiting for more. */
  readonly stopAtEnd: boolean
}

export function createKafkaItemSource(options: KafkaItemSourceOptions): ItemSource {
  const { topic } = options
  /** By partition the offset after the last record that was given. */
  const given = new Map<number, number>()
  const closing = new AbortController()
  let reading: Reading | undefined
  let isCaughtUp = false

  function isNew({ partition, offset }: TopicRecord): boolean {
    return offset >= (given.get(partition) ?? 0)
  }

  function take({ left }: Reading, some: readonly TopicRecord[]): SourceRecord[] {
    const fresh = some.filter(isNew)
    for (const { partition, offset } of some) {
      given.set(partition, Math.max(given.get(partition) ?? 0, offset + 1))
      if ((left.get(partition) ?? Number.POSITIVE_INFINITY) <= offset + 1) left.delete(partition)
    }
    return fresh.map((record) => sourceRecord(topic, record))
  }

  async function next(from: Reading): Promise<ItemBatch | undefined> {
    if (!isCaughtUp && from.left.size === 0) {
      isCaughtUp = true
      return { records: [], isCaughtUp }
    }
    if (isCaughtUp && options.stopAtEnd) return undefined
    from.waiting ??= from.records.next()
    const came = await Promise.race([from.waiting, ...(isCaughtUp ? [] : [from.reached])])
    if (came === undefined) {
      isCaughtUp = true
      return { records: [], isCaughtUp }
    }
    from.waiting = undefined
    if (came.done === true) return undefined
    const records = take(from, came.value)
    isCaughtUp ||= from.left.size === 0
    return { records, isCaughtUp }
  }

  return {
    async readBatch(signal) {
      const either = AbortSignal.any([signal, closing.signal])
      if (either.aborted) return undefined
      try {
        reading ??= await openReading(options, given, either)
        return await next(reading)
      } catch (cause) {
        reading = undefined
        throw cause
      }
    },
    async close() {
      closing.abort()
      await reading?.records.return(undefined)
    },
  }
}

interface Reading {
  readonly records: AsyncGenerator<TopicRecord[]>
  /** By partition the end at the beginning, of those that were not read up to it. */
  readonly left: Map<number, number>
  /** Resolves when none are left. */
  readonly reached: Promise<undefined>
  /** What was asked for and has not come. */
  waiting: Promise<IteratorResult<TopicRecord[]>> | undefined
}

async function endsOf(connection: KafkaConnection, topic: string): Promise<Map<number, number>> {
  const admin = createKafka(connection).admin({ retry: { retries: 2 } })
  try {
    await admin.connect()
    const offsets = await retryWhileCold(() => admin.fetchTopicOffsets(topic))
    const filled = offsets.filter(({ low, high }) => low !== high)
    return new Map(filled.map(({ partition, high }) => [partition, Number(high)]))
  } catch (error) {
    throw failureOf(error, {
      unreachable: 'SOURCE_UNREACHABLE',
      doing: `read the item feed from the topic ${topic}`,
      right: `Read and Describe on topic ${topic}`,
    })
  } finally {
    await disconnectInTime(admin)
  }
}

function sourceRecord(topic: string, record: TopicRecord): SourceRecord {
  const { partition, offset, key, value, timestamp, headers } = record
  const position = { stream: `${topic}/${partition}`, offset }
  return { position, key, value, timestamp, headers }
}

/** `given`: by partition the offset after the last record that was given. */
async function openReading(
  { connection, topic, groupName }: KafkaItemSourceOptions,
  given: Map<number, number>,
  signal: AbortSignal,
): Promise<Reading> {
  const ends = await endsOf(connection, topic)
  // A topic that was made anew is read from its beginning.
  for (const [partition, next] of given) {
    if (next > (ends.get(partition) ?? 0)) given.delete(partition)
  }
  const left = new Map([...ends].filter(([partition, end]) => (given.get(partition) ?? 0) < end))
  let tellReached: () => void = () => undefined
  const reached = new Promise<undefined>((resolve) => {
    tellReached = () => resolve(undefined)
  })
  const records = readTopic({
    ...{ connection, topic, groupId: groupName(), stopAtEnd: false },
    ...{ endsOnCrash: true as const, signal },
    // The end of a partition may be a mark of a transaction, which is no record.
    onPassed(partition, next) {
      if (next >= (left.get(partition) ?? Number.POSITIVE_INFINITY)) left.delete(partition)
      if (left.size === 0) tellReached()
    },
  })
  return { records, left, reached, waiting: undefined }
}
