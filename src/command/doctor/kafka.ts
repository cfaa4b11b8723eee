// The doctor's look at Kafka: brokers, the topics and their settings, the rights that can be tried without
// writing, and how far the group is.

import type { Admin } from 'kafkajs'
import { createKafka, type KafkaConnection } from '../../adapters/kafka/client/connect.ts'
import { failureOf } from '../../adapters/kafka/client/failures.ts'
import { standings } from '../../adapters/kafka/source/check-positions.ts'
import { partitionsOf, settingsOf, type TopicRole } from '../../adapters/kafka/topics.ts'
import { type Finding, fail, looked, ok, warn } from './check.ts'
import { lookAtGroup, lookAtUpdates, type UpdatesWorld } from './updates.ts'

export interface KafkaWorld {
  readonly connection: KafkaConnection
  readonly groupId: string
  /** `items`: where there is a feed of items. */
  readonly topics: Readonly<Record<Exclude<TopicRole, 'items' | 'updates' | 'bases'>, string>> & {
    readonly items?: string
  }
  /** undefined: the workers of the group share nothing. */
  readonly updates: UpdatesWorld | undefined
}

export async function lookAtKafka(world: KafkaWorld): Promise<Finding[]> {
  const admin = createKafka(world.connection).admin({ retry: { retries: 2 } })
  const findings: Finding[] = []
  const address = 'check KAFKA_BROKERS, the network, and TLS (NEUPR_KAFKA_SECURITY)'
  findings.push(...(await looked('brokers', address, () => brokers(admin))))
  if (findings.some(({ state }) => state === 'fail')) return findings
  for (const role of ['input', 'lists', 'deadLetters', 'items'] as const) {
    const topic = world.topics[role]
    if (topic === undefined) continue
    const right = `grant Describe and DescribeConfigs on topic ${topic}`
    findings.push(...(await looked(`topic ${topic}`, right, () => lookAtTopic(admin, role, topic))))
  }
  const right = `grant Read on group ${world.groupId} and Describe on topic ${world.topics.input}`
  const hasInput = !findings.some(
    ({ name, state }) => name === `topic ${world.topics.input}` && state === 'fail',
  )
  if (hasInput) findings.push(...(await looked('position', right, () => position(admin, world))))
  const { groupId, updates } = world
  const group = `grant Describe on group ${groupId}`
  findings.push(
    ...(await looked('workers', group, () => lookAtGroup(admin, groupId, updates !== undefined))),
  )
  if (updates !== undefined) {
    const right = `grant Describe and DescribeConfigs on topic ${updates.topic}`
    const look = () => lookAtUpdates(admin, updates)
    findings.push(...(await looked(`topic ${updates.topic}`, right, look)))
  }
  await admin.disconnect()
  return findings
}

async function brokers(admin: Admin): Promise<Finding> {
  try {
    await admin.connect()
    const { brokers: found } = await admin.describeCluster()
    const many = found.length === 1 ? 'one broker' : `${found.length} brokers`
    return ok('brokers', `${many}, signed in`)
  } catch (error) {
    throw failureOf(error, {
      unreachable: 'SOURCE_UNREACHABLE',
      doing: 'speak to the brokers',
      right: 'Describe on the cluster',
    })
  }
}

async function lookAtTopic(admin: Admin, role: TopicRole, topic: string): Promise<Finding> {
  const name = `topic ${topic}`
  const partitions = await partitionsOf(admin, topic)
  if (partitions === undefined) {
    return fail(name, 'is not there', 'neupr-worker topics create, or grant Describe on it')
  }
  const settings = await settingsOf(admin, topic)
  const policy = settings.get('cleanup.policy') ?? ''
  const how = (line: string): string =>
    `kafka-configs --alter --topic ${topic} --add-config ${line}`
  const found = `${partitions.length} partitions, cleanup.policy ${policy}`
  if (role === 'lists' && !policy.includes('compact')) {
    const why = 'every list ever written is kept, or the newest is deleted with its age'
    return warn(name, `${found}: ${why}`, how('cleanup.policy=compact'))
  }
  if (role === 'items' && !policy.includes('compact')) {
    const why = 'every worker reads all of it at every start, and it only grows'
    return warn(name, `${found}: ${why}`, how('cleanup.policy=compact'))
  }
  if (role !== 'lists' && role !== 'items' && policy.includes('compact')) {
    const why = 'records of one user overwrite each other'
    return fail(name, `${found}: ${why}`, how('cleanup.policy=delete'))
  }
  const bytesMax = Number(settings.get('max.message.bytes') ?? 0)
  if (role === 'deadLetters' && bytesMax < 1_000_000) {
    const why = `max.message.bytes is ${bytesMax}`
    return fail(name, `${why}: large dead letters do not fit`, how('max.message.bytes=1048588'))
  }
  return ok(name, found)
}

async function position(admin: Admin, world: KafkaWorld): Promise<Finding> {
  const { input } = world.topics
  const found = [...(await standings(admin, input, world.groupId)).values()]
  const lag = found.reduce(
    (sum, one) => sum + Math.max(0, one.high - (one.committed ?? one.low)),
    0,
  )
  const expired = found.filter(({ low, committed }) => committed !== undefined && committed < low)
  const beyond = found.filter(({ high, committed }) => committed !== undefined && committed > high)
  if (beyond.length > 0) {
    return fail(
      'position',
      `the group ${world.groupId} stands behind the end of ${beyond.length} partitions`,
      'the topic was made anew: use another group, and rebuild the positive store',
    )
  }
  if (expired.length > 0) {
    return fail(
      'position',
      `records of ${expired.length} partitions were deleted before they were read`,
      'set NEUPR_KAFKA_EXPIRED=earliest to go on without them; raise retention.ms',
    )
  }
  return ok('position', `${lag} records wait for the group ${world.groupId}`)
}
