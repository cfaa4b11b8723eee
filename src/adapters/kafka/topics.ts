// The worker's topics, with the settings their use asks for, and what can be asked of a topic.

// A CommonJS module whose later exports only the default import shows.
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs'
import { Failure } from '../../errors.ts'
import { retryWhileCold } from './client/cold-broker.ts'
import { createKafka, type KafkaConnection } from './client/connect.ts'
import { disconnectInTime } from './client/disconnect.ts'
import { failureOf, howToMake, isBrokerCold, isTopicMissing } from './client/failures.ts'

export type TopicRole = 'input' | 'lists' | 'deadLetters' | 'items' | 'updates' | 'bases'

/** Settings that matter for a role, as the broker spells them. */
export const topicSettings: Readonly<Record<TopicRole, Readonly<Record<string, string>>>> = {
  // Positive sets can be rebuilt from the input as far back as it reaches; unlimited, unless a person says less.
  input: { 'cleanup.policy': 'delete', 'retention.ms': '-1' },
  // The newest list per user is what counts: older ones are compacted away.
  lists: {
    'cleanup.policy': 'compact',
    'min.cleanable.dirty.ratio': '0.1',
    'delete.retention.ms': '86400000',
  },
  // The newest word on every item; that one is gone is kept for long, for workers that start after it.
  items: {
    'cleanup.policy': 'compact',
    'min.cleanable.dirty.ratio': '0.1',
    'delete.retention.ms': '2592000000',
  },
  // A day: a worker that was down for longer needs a checkpoint of another one. Deleted in small segments, so that no
  // more is kept than was asked for. A record is at most as large as --updates-bytes-max says, which is below this.
  updates: {
    'cleanup.policy': 'delete',
    'retention.ms': '86400000',
    'segment.ms': '3600000',
    'max.message.bytes': '8388608',
  },
  // Each base is all that a newcomer needs, and another one is written every few minutes.
  bases: { 'cleanup.policy': 'delete', 'retention.ms': '10800000', 'segment.ms': '600000' },
  // Whole records of the input, personal data too: kept as long as somebody may replay them.
  deadLetters: { 'cleanup.policy': 'delete', 'retention.ms': '1209600000' },
}

/** Beside the topic of an update log: what workers without a checkpoint start from. */
export const basesOf = (updates: string): string => `${updates}.base`

export interface TopicWish {
  readonly topic: string
  readonly role: TopicRole
  readonly partitions: number
  readonly replicas: number
}

/** Makes those that do not exist. Returns the names made. */
export async function createTopics(admin: Admin, wishes: readonly TopicWish[]): Promise<string[]> {
  const existing = new Set(await admin.listTopics())
  const missing = wishes.filter(({ topic }) => !existing.has(topic))
  const topics = missing.map(
    ({ topic, role, partitions, replicas }): ITopicConfig => ({
      topic,
      numPartitions: partitions,
      replicationFactor: replicas,
      configEntries: Object.entries(topicSettings[role]).map(([name, value]) => ({ name, value })),
    }),
  )
  await makeAndAwait(admin, topics)
  return missing.map(({ topic }) => topic)
}

/**
 * Makes topics, and resolves once each can be written to and read. The client's own waiting gives up at a broker that
 * does not know yet what another has just made.
 */
export async function makeAndAwait(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  if (topics.length === 0) return
  await admin.createTopics({ topics: [...topics], waitForLeaders: false })
  const isYoung = (error: unknown) => isBrokerCold(error) || isTopicMissing(error)
  for (const { topic } of topics) {
    await retryWhileCold(() => admin.fetchTopicOffsets(topic), isYoung)
  }
}

/** Partition numbers, or undefined when there is no such topic (or no right to see it). */
export async function partitionsOf(admin: Admin, topic: string): Promise<number[] | undefined> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]?.partitions.map(({ partitionId }) => partitionId).sort((a, b) => a - b)
  } catch (error) {
    if (isTopicMissing(error)) return undefined
    throw error
  }
}

/** The topic's settings by name, those of the broker included. */
export async function settingsOf(
  admin: Admin,
  topic: string,
): Promise<ReadonlyMap<string, string>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
  })
  return new Map(
    resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]),
  )
}

/** @throws Failure SINK_UNREACHABLE where the topic cannot be written to yet */
export async function mustExist(connection: KafkaConnection, topic: string): Promise<void> {
  if (await exists(connection, topic)) return
  throw new Failure('SINK_UNREACHABLE', `the topic ${topic} does not exist: ${howToMake}`)
}

/** @throws Failure SINK_UNREACHABLE where that cannot be told now */
export async function exists(connection: KafkaConnection, topic: string): Promise<boolean> {
  const admin = createKafka(connection).admin({ retry: { retries: 1 } })
  try {
    await admin.connect()
    return (await partitionsOf(admin, topic)) !== undefined
  } catch (error) {
    throw failureOf(error, {
      unreachable: 'SINK_UNREACHABLE',
      doing: `write to the topic ${topic}`,
      right: `Write and Describe on topic ${topic}`,
    })
  } finally {
    await disconnectInTime(admin)
  }
}
