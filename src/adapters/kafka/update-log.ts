// The update log of a group in a topic of one partition. It is read from an offset on, in a consumer group of its own
// in which nothing is committed.

import { Failure } from '../../errors.ts'
import type { LoggedRecords, UpdateLog, UpdateLogBounds } from '../../ports/update-log.ts'
import { retryWhileCold } from './client/cold-broker.ts'
import { createKafka, type KafkaConnection } from './client/connect.ts'
import { disconnectInTime } from './client/disconnect.ts'
import { failureOf } from './client/failures.ts'
import { asBuffer } from './list-sink.ts'
import { createTopicWriter } from './producer.ts'
import { readTopic } from './read-topic.ts'

/** What several workers append meanwhile is read at once: a fetch for each takes as long as adding it to the model. */
const lingerMs = 50
/** Then it is appended again: whoever reads it twice passes over the second. Nothing is committed meanwhile. */
const appendMsMax = 30_000

export interface KafkaUpdateLogOptions {
  readonly connection: KafkaConnection
  readonly topic: string
  /** Of the consumer group: a new name for every reading is made from it. */
  readonly groupName: () => string
  /** Seconds of one request. */
  readonly took?: (seconds: number) => void
}

export function createKafkaUpdateLog(options: KafkaUpdateLogOptions): UpdateLog {
  const { connection, topic, groupName, took } = options
  const writer = createTopicWriter({
    ...{ connection, topic, what: 'updates', isDense: true, requestMsMax: appendMsMax },
    ...(took && { took }),
  })
  const closing = new AbortController()

  async function bounds(): Promise<UpdateLogBounds> {
    const admin = createKafka(connection).admin({ retry: { retries: 2 } })
    try {
      await admin.connect()
      const offsets = await retryWhileCold(() => admin.fetchTopicOffsets(topic))
      if (offsets.length !== 1) throw partitionsFailure(topic, offsets.length)
      return { begin: Number(offsets[0]!.low), end: Number(offsets[0]!.high) }
    } catch (error) {
      throw failureOf(error, {
        unreachable: 'SOURCE_UNREACHABLE',
        doing: `read the update log from the topic ${topic}`,
        right: `Read and Describe on topic ${topic}`,
      })
    } finally {
      await disconnectInTime(admin)
    }
  }

  async function mustReach(from: number): Promise<void> {
    const { begin, end } = await bounds()
    if (from < begin) throw expired(topic, from, begin)
    if (from > end) throw recreated(topic, from, end)
  }

  async function* read(from: number, signal: AbortSignal): AsyncGenerator<LoggedRecords> {
    const either = AbortSignal.any([signal, closing.signal])
    if (either.aborted) return
    await mustReach(from)
    let next = from
    let end = from
    const records = readTopic({
      ...{ connection, topic, groupId: groupName(), stopAtEnd: false },
      ...{ endsOnCrash: true as const, from: new Map([[0, from]]), signal: either, lingerMs },
      onEnd(_, of) {
        end = of
      },
    })
    for await (const some of records) {
      const fresh = some.filter(({ offset }) => offset >= next)
      if (fresh.length === 0) continue
      // A topic that is only appended to has no gaps, but where records were deleted before they were read.
      if (fresh[0]!.offset > next) await mustReach(next)
      next = fresh.at(-1)!.offset + 1
      // Nobody of ours appends null: it is handed on as nothing, and passed over as no record.
      const given = fresh.map(({ offset, value }) => ({
        offset,
        value: value ?? new Uint8Array(0),
      }))
      yield { records: given, end: Math.max(end, next) }
    }
  }

  return {
    append: (value) => writer.write([{ value: asBuffer(value), partition: 0 }]),
    bounds,
    read,
    async close() {
      closing.abort()
      await writer.close()
    },
  }
}

function partitionsFailure(topic: string, partitions: number): Failure {
  return new Failure(
    'SETTINGS_INVALID',
    `the update log ${topic} has ${partitions} partitions, expected 1, because it needs one order: ` +
      'name another topic, and make it with `neupr-worker topics create --updates TOPIC`',
  )
}

function expired(topic: string, from: number, begin: number): Failure {
  return new Failure(
    'RECORDS_EXPIRED',
    `the update log ${topic} begins at ${begin}, and this worker has read it up to ${from}: what lies between was ` +
      'deleted. Put a newer checkpoint of another worker of the group into NEUPR_CHECKPOINTS, and give the topic a ' +
      'longer retention.ms',
  )
}

function recreated(topic: string, from: number, end: number): Failure {
  return new Failure(
    'TOPIC_RECREATED',
    `the update log ${topic} ends at ${end}, and the checkpoint has read it up to ${from}: the topic was made anew. ` +
      'Start all workers of the group with --fresh, or name the topic that the checkpoint belongs to',
  )
}
