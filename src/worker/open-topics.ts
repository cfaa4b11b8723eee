// The adapters of Kafka behind the ports. They and Kafka's client are loaded only where a topic is named: loading them
// takes as long as all the rest of a start.

import { randomUUID } from 'node:crypto'
import { createMemberNote } from '../adapters/disk/member-note.ts'
import { withSuspectJournal } from '../adapters/disk/suspect-journal.ts'
import { createKafkaBaseStore } from '../adapters/kafka/base-store.ts'
import { createKafkaDeadLetterSink } from '../adapters/kafka/dead-letter-sink.ts'
import { KafkaEventSource } from '../adapters/kafka/event-source.ts'
import { kafkaConnection } from '../adapters/kafka/from-settings.ts'
import { createKafkaItemSource } from '../adapters/kafka/item-source.ts'
import { createKafkaListSink } from '../adapters/kafka/list-sink.ts'
import { basesOf } from '../adapters/kafka/topics.ts'
import { createKafkaUpdateLog } from '../adapters/kafka/update-log.ts'
import type { Config } from '../config.ts'
import type { EventSource, ItemSource } from '../ports/event-source.ts'
import type { Logger } from '../ports/logger.ts'
import type { DeadLetterSink, ListSink } from '../ports/sinks.ts'
import type { BaseStore, UpdateLog } from '../ports/update-log.ts'
import { writingShare } from '../publish/ownership.ts'
import type { Opening } from './options.ts'

export function openTopicSource(topic: string, opening: Opening): EventSource {
  const { config, io, logger, stopAtEnd, observe, ownership, onFailed } = opening
  const source = new KafkaEventSource({
    connection: kafkaConnection(config, logger),
    topic,
    groupId: config.kafkaGroup,
    stopAtEnd,
    batchRecordsMax: config.batchRecordsMax,
    lingerMs: config.kafkaLingerMs,
    expired: config.kafkaExpired,
    sessionMs: config.kafkaSessionSeconds * 1000,
    stallMsMax: config.kafkaStallSeconds * 1000,
    commitsWhenSafe: true,
    backlogAgeMs: config.backlogAge * 1000,
    wallMs: io.nowMs,
    memberNote: createMemberNote(config.checkpoints),
    onFailed,
    ...(observe && { observe }),
    ...(ownership && { ownership }),
  })
  return withSuspectJournal(source, { folder: config.checkpoints, logger })
}

/** `took`: seconds of one request to Kafka. */
export function openTopicSink(
  topic: string,
  config: Config,
  logger: Logger,
  took?: (seconds: number) => void,
): ListSink {
  return createKafkaListSink({
    connection: kafkaConnection(config, logger),
    topic,
    requestMsMax: config.kafkaSessionSeconds * 1000 * writingShare,
    ...(took && { took }),
  })
}

export function openTopicDeadLetters(
  topic: string,
  config: Config,
  logger: Logger,
): DeadLetterSink {
  const connection = kafkaConnection(config, logger)
  return createKafkaDeadLetterSink({ connection, topic, payload: config.deadLetterPayload })
}

export function openTopicItems(
  topic: string,
  config: Config,
  logger: Logger,
  stopAtEnd: boolean,
): ItemSource {
  const groupName = (): string => `${config.kafkaGroup}-items-${randomUUID()}`
  const connection = kafkaConnection(config, logger)
  return createKafkaItemSource({ connection, topic, groupName, stopAtEnd })
}

/** `took`: seconds of one request to Kafka. */
export function openTopicUpdates(
  topic: string,
  config: Config,
  logger: Logger,
  took: (seconds: number) => void,
): UpdateLog {
  const groupName = (): string => `${config.kafkaGroup}-updates-${randomUUID()}`
  return createKafkaUpdateLog({
    connection: kafkaConnection(config, logger),
    ...{ topic, groupName, took },
  })
}

/** `updates`: the topic of the update log. */
export function openTopicBases(updates: string, config: Config, logger: Logger): BaseStore {
  const groupName = (): string => `${config.kafkaGroup}-bases-${randomUUID()}`
  const connection = kafkaConnection(config, logger)
  return createKafkaBaseStore({ connection, topic: basesOf(updates), groupName })
}
