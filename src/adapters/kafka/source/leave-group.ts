// Leaves a consumer group for a member that died without leaving. Until the group notices by itself, which takes a
// whole session, it lets nobody else in. kafkajs has the request but no public call for it.

import { setTimeout as delay } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { createKafka } from '../client/connect.ts'
import { disconnectInTime } from '../client/disconnect.ts'
import { type Attempt, failureOf } from '../client/failures.ts'
import type { KafkaSourceOptions } from './options.ts'

/** What is asked of kafkajs's inner cluster; 2.2.4, the version that package.json pins. */
interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  findGroupCoordinator(group: { groupId: string }): Promise<{
    leaveGroup(member: { groupId: string; memberId: string }): Promise<unknown>
  }>
}

const createCluster = 'private:Kafka:createCluster'
/** The group has given the member up already. */
const unknownMember = 'UNKNOWN_MEMBER_ID'

/** Leaves for the member of before, where its note says that it did not. @throws what the brokers answer */
export async function leaveForKilled(
  kafka: Kafka,
  { memberNote, groupId, connection }: KafkaSourceOptions,
): Promise<void> {
  const killed = memberNote?.read()
  if (killed?.memberId === undefined || killed.groupId !== groupId) return
  await leave(kafka, { groupId, memberId: killed.memberId })
  memberNote?.clear()
  connection.logger.info('removed a killed worker from the consumer group', { groupId })
}

/** One try of an attempt to leave; the next one comes soon enough. */
const impatient = { retries: 1, initialRetryTime: 100, maxRetryTime: 200 }
const leaveAgainMs = 500

/**
 * Leaves for a member of this worker that it can be no more: its consumer has stopped and begins as another member.
 * Waits until the brokers answer, since a broker that was killed knows the member again when it is back. Resolves when
 * `isOver`, and where trying again cannot help: joining meets the same.
 */
export async function leaveForStopped(
  { connection, groupId }: Pick<KafkaSourceOptions, 'connection' | 'groupId'>,
  memberId: string,
  attempt: Attempt,
  isOver: () => boolean,
): Promise<void> {
  const kafka = createKafka(connection, { retry: impatient })
  while (!isOver()) {
    try {
      await leave(kafka, { groupId, memberId })
      return
    } catch (error) {
      if (failureOf(error, attempt).fate === 'stop') return
      await delay(leaveAgainMs)
    }
  }
}

/** A member that the group does not know has left. */
async function leave(
  kafka: Kafka,
  member: { readonly groupId: string; readonly memberId: string },
): Promise<void> {
  const cluster = clusterOf(kafka)
  try {
    await cluster.connect()
    const coordinator = await cluster.findGroupCoordinator({ groupId: member.groupId })
    await coordinator.leaveGroup(member)
  } catch (error) {
    if ((error as { readonly type?: unknown }).type !== unknownMember) throw error
  } finally {
    await disconnectInTime(cluster)
  }
}

function clusterOf(kafka: Kafka): Cluster {
  const client = Object.getPrototypeOf(kafka) as object
  const all = [...Object.getOwnPropertySymbols(client), ...Object.getOwnPropertySymbols(kafka)]
  const name = all.find(({ description }) => description === createCluster)
  if (name === undefined) throw new Error(`kafkajs has no ${createCluster}: is it not 2.2.4?`)
  const make = (kafka as unknown as Record<symbol, (options: object) => Cluster>)[name]!
  return make.call(kafka, { allowAutoTopicCreation: false })
}
