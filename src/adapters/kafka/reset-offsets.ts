// Puts a consumer group back to the first record of a topic, to read everything again. Refused while members run.

import { Failure } from '../../errors.ts'
import { retryWhileCold } from './client/cold-broker.ts'
import { createKafka, type KafkaConnection } from './client/connect.ts'
import { disconnectInTime } from './client/disconnect.ts'
import { failureOf } from './client/failures.ts'

/** @throws Failure SOURCE_UNREADABLE while workers of the group are up, or as for reading. */
export async function resetToEarliest(
  connection: KafkaConnection,
  groupId: string,
  topic: string,
): Promise<void> {
  const admin = createKafka(connection).admin()
  const attempt = {
    unreachable: 'SOURCE_UNREACHABLE' as const,
    doing: `move the group ${groupId} to the start of ${topic}`,
    right: `Read and Describe on topic ${topic}, and Read on group ${groupId}`,
  }
  try {
    await admin.connect()
    const { groups } = await admin.describeGroups([groupId])
    if (groups.some(({ state }) => state !== 'Empty' && state !== 'Dead')) {
      const what = `the group ${groupId} has running workers: stop them first`
      throw new Failure('SOURCE_UNREADABLE', what)
    }
    const offsets = await retryWhileCold(() => admin.fetchTopicOffsets(topic))
    const partitions = offsets.map(({ partition, low }) => ({ partition, offset: low }))
    await admin.setOffsets({ groupId, topic, partitions })
  } catch (error) {
    throw failureOf(error, attempt)
  } finally {
    await disconnectInTime(admin)
  }
}
