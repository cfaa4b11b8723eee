// What workers without a checkpoint start from, in a topic of one partition: each base is a run of records with a
// name of its own, and the newest that is whole is given.

import { randomUUID } from 'node:crypto'
import type { BaseStore } from '../../ports/update-log.ts'
import type { KafkaConnection } from './client/connect.ts'
import { packCheckpoint, unpackCheckpoint } from './packed-checkpoint.ts'
import { createTopicWriter } from './producer.ts'
import { readTopic, type TopicRecord } from './read-topic.ts'
import { exists, mustExist } from './topics.ts'

export interface KafkaBaseStoreOptions {
  readonly connection: KafkaConnection
  readonly topic: string
  /** Of the consumer group: a new name for every reading is made from it. */
  readonly groupName: () => string
}

/** Below what a broker takes by default. */
const pieceBytes = 512 * 1024

export function createKafkaBaseStore(options: KafkaBaseStoreOptions): BaseStore {
  const { connection, topic, groupName } = options
  const writer = createTopicWriter({ connection, topic, what: 'bases', isDense: true })

  return {
    async write(base) {
      await mustExist(connection, topic)
      const packed = packCheckpoint(base)
      const parts = String(Math.ceil(packed.length / pieceBytes))
      const key = randomUUID()
      for (let at = 0; at < packed.length; at += pieceBytes) {
        const headers = { part: String(at / pieceBytes), parts }
        const value = packed.subarray(at, at + pieceBytes)
        await writer.write([{ key, value, headers, partition: 0 }])
      }
      return packed.length
    },
    async latest(signal) {
      if (!(await exists(connection, topic))) return undefined
      const pieces = createPieces()
      const groupId = groupName()
      for await (const some of readTopic({
        ...{ connection, topic, groupId, stopAtEnd: true, signal },
      })) {
        for (const one of some) pieces.add(one)
      }
      for (const packed of pieces.whole()) {
        try {
          return unpackCheckpoint(packed)
        } catch (cause) {
          const message = 'a base of the group is passed over, because it is not whole'
          connection.logger.warn(message, { topic, error: (cause as Error).message })
        }
      }
      return undefined
    },
    close: () => writer.close(),
  }
}

/** Pieces of bases as they come; of those that are whole only the newest two are kept. */
function createPieces() {
  const parts = new Map<string, Buffer[]>()
  const wholes: Buffer[] = []
  return {
    add({ key, value, headers }: TopicRecord): void {
      if (key === null || value === null) return
      const [part, count] = [Number(headers.part), Number(headers.parts)]
      const own = parts.get(key) ?? []
      // Written twice after a lost answer, or its beginning was deleted.
      if (part !== own.length) return
      own.push(value)
      parts.set(key, own)
      if (own.length < count) return
      parts.delete(key)
      wholes.unshift(Buffer.concat(own))
      wholes.length = Math.min(wholes.length, 2)
    },
    whole: (): readonly Buffer[] => wholes,
  }
}
