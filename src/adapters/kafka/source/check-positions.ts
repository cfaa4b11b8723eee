// Before the first fetch: is the topic there, and do the group's committed positions still lie inside it? kafkajs
// itself would silently go on from the beginning or the end.

import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import { Failure } from '../../../errors.ts'
import type { Logger } from '../../../ports/logger.ts'
import { retryWhileCold } from '../client/cold-broker.ts'
import { disconnectInTime } from '../client/disconnect.ts'
import { howToMake } from '../client/failures.ts'
import { partitionsOf } from '../topics.ts'

export interface CheckOptions {
  readonly topic: string
  readonly groupId: string
  /** What to do when records were deleted before they were read. */
  readonly expired: 'fail' | 'earliest'
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** Where a partition begins, ends, and where the group stands in it. */
export interface Standing {
  readonly partition: number
  readonly low: number
  readonly high: number
  /** undefined: never committed. */
  readonly committed: number | undefined
}

const lookAgainMs = 2_000

/**
 * Waits for the topic, and makes sure that the group's positions lie inside it. undefined: aborted before.
 * @throws Failure as checkStandings(), or what kafkajs throws
 */
export async function examineTopic(
  kafka: Kafka,
  options: CheckOptions,
): Promise<Map<number, Standing> | undefined> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    if (!(await untilTopicExists(admin, options))) return undefined
    const found = await standings(admin, options.topic, options.groupId)
    checkStandings(found.values(), options)
    return found
  } finally {
    await disconnectInTime(admin)
  }
}

/** Waits for the topic, never makes it. False when aborted. */
async function untilTopicExists(admin: Admin, options: CheckOptions): Promise<boolean> {
  for (;;) {
    if (options.signal.aborted) return false
    if ((await partitionsOf(admin, options.topic)) !== undefined) return true
    const message = `the topic does not exist yet, waiting for it: ${howToMake}`
    options.logger.repeated('topic_missing', message, { topic: options.topic })
    await delay(lookAgainMs, undefined, { signal: options.signal }).catch(() => undefined)
  }
}

export async function standings(
  admin: Admin,
  topic: string,
  groupId: string,
): Promise<Map<number, Standing>> {
  const offsets = await retryWhileCold(() => admin.fetchTopicOffsets(topic))
  const [group] = await retryWhileCold(() => admin.fetchOffsets({ groupId, topics: [topic] }))
  const committed = new Map(
    group?.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
  )
  return new Map(
    offsets.map(({ partition, low, high }) => {
      const at = committed.get(partition) ?? -1
      const standing = { partition, low: Number(low), high: Number(high) }
      return [partition, { ...standing, committed: at < 0 ? undefined : at }]
    }),
  )
}

/** The same by a connection of its own, with little patience. */
export async function standingsNow(
  kafka: Kafka,
  topic: string,
  groupId: string,
): Promise<Map<number, Standing>> {
  const admin = kafka.admin({ retry: { retries: 1 } })
  try {
    await admin.connect()
    return await standings(admin, topic, groupId)
  } finally {
    await disconnectInTime(admin)
  }
}

/** @throws Failure TOPIC_RECREATED or RECORDS_EXPIRED with what a person can do. */
function checkStandings(all: Iterable<Standing>, options: CheckOptions): void {
  for (const { partition, low, high, committed } of all) {
    const where = `${options.topic}/${partition}`
    if (committed === undefined) continue
    if (committed > high) {
      throw new Failure(
        'TOPIC_RECREATED',
        `the group ${options.groupId} stands at ${committed} in ${where}, which ends at ${high}: the topic was ` +
          'made anew. Use another group, or reset this one, and empty or rebuild the positive store',
      )
    }
    if (committed >= low) continue
    const gap = low - committed
    if (options.expired === 'fail') throw expiredFailure(where, `${gap} records before ${low}`)
    const facts = { topic: options.topic, partition, records: gap }
    options.logger.error('records were deleted before they were read: going on without them', facts)
  }
}

export function expiredFailure(where: string, what: string): Failure {
  return new Failure(
    'RECORDS_EXPIRED',
    `${what} of ${where} were deleted before they were read. Set NEUPR_KAFKA_EXPIRED=earliest to go on ` +
      'without them, and give the topic a longer retention.ms',
  )
}
