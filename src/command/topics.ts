// `neupr-worker topics create`: the topics with the settings that their use asks for. Never changes one that
// exists.

import { Command } from 'commander'
import { createKafka } from '../adapters/kafka/client/connect.ts'
import { failureOf } from '../adapters/kafka/client/failures.ts'
import { basesOf, createTopics, type TopicWish } from '../adapters/kafka/topics.ts'
import { Failure } from '../errors.ts'
import {
  addConnectionFlags,
  type ConnectionFlags,
  connectionOf,
  type KafkaIo,
} from './kafka/context.ts'

interface Flags extends ConnectionFlags {
  readonly input: string
  readonly lists: string
  readonly deadLetters?: string
  readonly items?: string
  readonly updates?: string
  readonly partitions: string
  readonly replicas: string
}

export function topicsCommand(io: KafkaIo): Command {
  const create = new Command('create')
    .description(
      'make the topics for input, lists, dead letters, items and updates; leaves those that exist alone',
    )
    .option('--input <topic>', 'interaction events', 'interactions')
    .option('--lists <topic>', 'top-K lists, compacted', 'recommendations')
    .option('--dead-letters <topic>', 'records that could not be used (default: INPUT.dlq)')
    .option('--items <topic>', 'the item feed, compacted (default: none)')
    .option(
      '--updates <topic>',
      'the update log of several workers, and UPDATES.base (default: none)',
    )
    .option('--partitions <n>', 'of input and lists: the most workers that can share the work', '6')
    .option('--replicas <n>', 'copies of each; 3 where there are three brokers', '1')
  addConnectionFlags(create).action(async (flags: Flags) => {
    const made = new Set(await makeTopics(flags, io))
    for (const { topic } of wishesOf(flags)) {
      io.stdout.write(`${topic}: ${made.has(topic) ? 'made' : 'exists, left as it is'}\n`)
    }
  })
  return new Command('topics').description('the topics of the worker').addCommand(create)
}

async function makeTopics(flags: Flags, io: KafkaIo): Promise<string[]> {
  const wishes = wishesOf(flags)
  const admin = createKafka(connectionOf(flags, io)).admin()
  try {
    await admin.connect()
    return await createTopics(admin, wishes)
  } catch (error) {
    throw failureOf(error, {
      unreachable: 'SINK_UNREACHABLE',
      doing: 'make topics',
      right: 'Create on the cluster, or on each topic',
    })
  } finally {
    await admin.disconnect()
  }
}

function wishesOf(flags: Flags): TopicWish[] {
  const partitions = count('--partitions', flags.partitions)
  const replicas = count('--replicas', flags.replicas)
  const deadLetters = flags.deadLetters ?? `${flags.input}.dlq`
  return [
    { topic: flags.input, role: 'input', partitions, replicas },
    { topic: flags.lists, role: 'lists', partitions, replicas },
    { topic: deadLetters, role: 'deadLetters', partitions: 1, replicas },
    ...(flags.items === undefined
      ? []
      : [{ topic: flags.items, role: 'items', partitions: 1, replicas } as const]),
    ...(flags.updates === undefined
      ? []
      : [
          { topic: flags.updates, role: 'updates', partitions: 1, replicas } as const,
          { topic: basesOf(flags.updates), role: 'bases', partitions: 1, replicas } as const,
        ]),
  ]
}

const countMax = 10_000

function count(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= countMax) return value
  throw new Failure('SETTINGS_INVALID', `${name} is ${text}, expected 1 … ${countMax}`)
}
