// `neupr-worker tail`: the lists of a topic as people read them, or as JSON lines. Reads every form the worker writes.

import { Command } from 'commander'
import { readTopic, type TopicRecord } from '../adapters/kafka/read-topic.ts'
import { decodeList } from '../publish/encode.ts'
import {
  addConnectionFlags,
  type ConnectionFlags,
  connectionOf,
  type KafkaIo,
  ownGroup,
} from './kafka/context.ts'

interface Flags extends ConnectionFlags {
  readonly topic: string
  readonly json?: boolean
  readonly stopAtEnd?: boolean
}

export function tailCommand(io: KafkaIo): Command {
  const command = new Command('tail')
    .description('print the lists of a topic, oldest first, and then as they come')
    .option('--topic <topic>', 'the topic of the lists', 'recommendations')
    .option('--json', 'one JSON object a line')
    .option('--stop-at-end', 'end after what is there now')
  return addConnectionFlags(command).action(async (flags: Flags) => {
    const { topic, json = false, stopAtEnd = false } = flags
    const connection = connectionOf(flags, io)
    const reading = { connection, topic, groupId: ownGroup('tail'), stopAtEnd, signal: io.stop }
    let foreign = 0
    for await (const records of readTopic(reading)) {
      for (const record of records) {
        const line = lineOf(record, json)
        if (line === undefined) foreign++
        else io.stdout.write(`${line}\n`)
      }
    }
    if (foreign > 0) io.stderr.write(`left out ${foreign} records that are no list\n`)
  })
}

/** Undefined for a record that is no list. */
function lineOf({ key, value }: TopicRecord, json: boolean): string | undefined {
  if (value === null) {
    return json ? JSON.stringify({ user: key, forgotten: true }) : `${key}  (forgotten)`
  }
  try {
    const list = decodeList(value)
    if (json) return JSON.stringify(list)
    const items = list.items.map(({ item, score }) => `${item} ${score.toFixed(2)}`).join(', ')
    return `${list.user}  ${items}  (${list.source.toLowerCase()}, version ${list.modelVersion})`
  } catch (error) {
    if (error instanceof Error) return undefined
    throw error
  }
}
