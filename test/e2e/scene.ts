// A place for the worker to run in: topics, a group, keys and a checkpoint directory of its own on the servers of this
// run; fills the input and looks at everything that comes out.

import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { retryWhileCold } from '../../src/adapters/kafka/client/cold-broker.ts'
import { makeAndAwait } from '../../src/adapters/kafka/topics.ts'
import { redisPositiveStore } from '../../src/adapters/redis/positive-store.ts'
import { type Onlooker, onlooker } from '../adapters/kafka/real-kafka.ts'
import { storeOptions } from '../adapters/redis/redis-at-hand.ts'
import type { Entry } from './journal.ts'

export interface Place {
  readonly brokers: string
  readonly redis: string
  readonly partitions: number
  /** Instead of that of the defaults one that is learned at little cost. */
  readonly smallModel?: boolean | undefined
}

export interface Scene {
  readonly kafka: Onlooker
  readonly partitions: number
  readonly input: string
  readonly lists: string
  readonly letters: string
  readonly group: string
  readonly folder: string
  /** Of the keys in Redis. */
  readonly prefix: string
  readonly args: readonly string[]
  /** For a worker; each has a checkpoint directory of its own by `name`. */
  env(name: string, more?: Readonly<Record<string, string>>): Record<string, string>
  /** Users and their sorted items, users without any left out. */
  sets(): Promise<Map<string, string[]>>
  /** Writes to the input, in order; a header says which entry a record is, the first being `from`. */
  produce(entries: readonly Entry[], from?: number): Promise<void>
  /** Records of the input that no commit covers. */
  uncommitted(): Promise<number>
  /** Users, by partition, of whom the store keeps that a list is owed. */
  owed(): Promise<number>
  close(): Promise<void>
}

const produceMax = 2_000
/** For tests of the way that an event takes: how much is learned from it makes no difference to them. */
const smallModel = { NEUPR_FACTORS: '4', NEUPR_DEPTH: '2', NEUPR_EFFORT: 'light' }
export const entryHeader = 'entry'

export async function openScene(place: Place): Promise<Scene> {
  const kafka = await onlooker(place.brokers)
  const id = randomUUID()
  const [input, lists, letters] = [`in-${id}`, `out-${id}`, `in-${id}.dlq`]
  await makeAndAwait(kafka.admin, [
    { topic: input, numPartitions: place.partitions, replicationFactor: 1 },
    { topic: lists, numPartitions: place.partitions, replicationFactor: 1 },
    { topic: letters, numPartitions: 1, replicationFactor: 1 },
  ])
  const group = `group-${id}`
  const prefix = `e2e:${id}:`
  const folder = mkdtempSync(join(tmpdir(), 'neupr-e2e-'))
  return {
    partitions: place.partitions,
    ...{ kafka, input, lists, letters, group, folder, prefix },
    args: ['--source', `kafka:${input}`, '--sink', `kafka:${lists}`],
    env: (name, more = {}) => ({
      KAFKA_BROKERS: place.brokers,
      REDIS_URL: place.redis,
      SCHEMA_REGISTRY_URL: '',
      NEUPR_KAFKA_GROUP: group,
      NEUPR_REDIS_PREFIX: prefix,
      NEUPR_CHECKPOINTS: join(folder, name),
      // These streams are noise, on which the gate would rightly hold lists back.
      NEUPR_GATE: 'false',
      ...(place.smallModel === true ? smallModel : {}),
      ...more,
    }),
    async sets() {
      const store = redisPositiveStore(storeOptions(place.redis, { prefix }))
      const sets = new Map<string, string[]>()
      for await (const { user, added, removed } of store.scan()) {
        const gone = new Map(removed)
        const owned = added.filter(([item, time]) => (gone.get(item) ?? -1) < time)
        if (owned.length > 0) sets.set(user, owned.map(([item]) => item).sort())
      }
      await store.close()
      return sets
    },
    async produce(entries, from = 0) {
      const messages = entries.map(({ key, value }, n) => {
        return { key, value, headers: { [entryHeader]: String(from + n) } }
      })
      for (let at = 0; at < messages.length; at += produceMax) {
        await kafka.send(input, messages.slice(at, at + produceMax))
      }
    },
    async uncommitted() {
      let left = 0
      const place = { groupId: group, topics: [input] }
      const [found] = await retryWhileCold(() => kafka.admin.fetchOffsets(place))
      const ends = await retryWhileCold(() => kafka.admin.fetchTopicOffsets(input))
      const committed = new Map(found?.partitions.map((one) => [one.partition, Number(one.offset)]))
      for (const { partition, high } of ends) {
        left += Number(high) - Math.max(0, committed.get(partition) ?? 0)
      }
      return left
    },
    async owed() {
      const store = redisPositiveStore(storeOptions(place.redis, { prefix }))
      const streams = Array.from({ length: place.partitions }, (_, n) => `${input}/${n}`)
      const pages = streams.map((one) => store.owed!.page(one, Number.POSITIVE_INFINITY, 10_000))
      const owed = (await Promise.all(pages)).flat().length
      await store.close()
      return owed
    },
    async close() {
      await kafka.admin.deleteTopics({ topics: [input, lists, letters] })
      await kafka.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
