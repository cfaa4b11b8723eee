// `neupr-worker dlq list` and `dlq replay`: what could not be used, why, and back into its topic once it can be.

import { Command } from 'commander'
import { deadLetterHeaders } from '../adapters/kafka/dead-letter-sink.ts'
import { createTopicWriter } from '../adapters/kafka/producer.ts'
import { readTopic, type TopicRecord } from '../adapters/kafka/read-topic.ts'
import { Failure } from '../errors.ts'
import { deadLetterReasons } from '../types.ts'
import {
  addConnectionFlags,
  type ConnectionFlags,
  connectionOf,
  type KafkaIo,
  ownGroup,
} from './kafka/context.ts'

interface Flags extends ConnectionFlags {
  readonly topic: string
  readonly reason?: string
  readonly since?: string
  readonly until?: string
  readonly json?: boolean
  readonly to?: string
  readonly dryRun?: boolean
}

export function dlqCommand(io: KafkaIo): Command {
  const list = filters(new Command('list').description('print dead letters, oldest first'))
    .option('--json', 'one JSON object a line, the value in base64')
    .action(async (flags: Flags) => {
      let found = 0
      for await (const letter of lettersOf(flags, io)) {
        found++
        io.stdout.write(`${flags.json === true ? asJson(letter) : asText(letter)}\n`)
      }
      if (found === 0) io.stderr.write(`no such dead letters in ${flags.topic}\n`)
    })
  const replay = filters(new Command('replay').description('write dead letters back'))
    .option('--to <topic>', 'where to; default: the topic each came from')
    .option('--dry-run', 'only count')
    .action(async (flags: Flags) => replayLetters(flags, io))
  return new Command('dlq')
    .description('dead letters: records that could not be used')
    .addCommand(list)
    .addCommand(replay)
}

function filters(command: Command): Command {
  command
    .option('--topic <topic>', 'the topic of the dead letters', 'interactions.dlq')
    .option('--reason <reason>', `only these: ${deadLetterReasons.join(', ')}`)
    .option('--since <time>', 'only letters written at this time or later (ISO 8601)')
    .option('--until <time>', 'only letters written before this time')
  return addConnectionFlags(command)
}

async function* lettersOf(flags: Flags, io: KafkaIo): AsyncGenerator<TopicRecord> {
  const { topic, reason } = flags
  if (reason !== undefined && !(deadLetterReasons as readonly string[]).includes(reason)) {
    const known = deadLetterReasons.join(', ')
    throw new Failure('SETTINGS_INVALID', `--reason is ${reason}, expected one of ${known}`)
  }
  const since = timeOf('--since', flags.since, 0)
  const until = timeOf('--until', flags.until, Number.POSITIVE_INFINITY)
  const connection = connectionOf(flags, io)
  const reading = { connection, topic, groupId: ownGroup('dlq'), stopAtEnd: true, signal: io.stop }
  for await (const records of readTopic(reading)) {
    for (const record of records) {
      if (reason !== undefined && record.headers[deadLetterHeaders.reason] !== reason) continue
      if (record.timestamp >= since && record.timestamp < until) yield record
    }
  }
}

/** Letters are written back in order; one sent twice changes nothing, so a broken replay is simply repeated. */
async function replayLetters(flags: Flags, io: KafkaIo): Promise<void> {
  const connection = connectionOf(flags, io)
  const writers = new Map<string, ReturnType<typeof createTopicWriter>>()
  let sent = 0
  let cut = 0
  try {
    for await (const { key, value, headers } of lettersOf(flags, io)) {
      const topic = flags.to ?? headers[deadLetterHeaders.topic] ?? ''
      if (headers[deadLetterHeaders.sha256] !== undefined || topic === '') {
        cut++
        continue
      }
      sent++
      if (flags.dryRun === true) continue
      const writer =
        writers.get(topic) ?? createTopicWriter({ connection, topic, what: 'replayed records' })
      writers.set(topic, writer)
      await writer.write([{ key, value }])
    }
  } finally {
    for (const writer of writers.values()) await writer.close()
  }
  io.stdout.write(`${sent} records ${flags.dryRun === true ? 'would be ' : ''}replayed\n`)
  if (cut > 0) io.stderr.write(`${cut} could not be: only a hash or the head of them was kept\n`)
}

function asText({ headers, timestamp, value }: TopicRecord): string {
  const header = (name: keyof typeof deadLetterHeaders): string =>
    headers[deadLetterHeaders[name]] ?? '?'
  const where = `${header('topic')}/${header('partition')}@${header('offset')}`
  const bytes = headers[deadLetterHeaders.bytes] ?? value?.length ?? 'no'
  const time = new Date(timestamp).toISOString()
  return `${time}  ${header('reason')}  ${where}  ${bytes} bytes  ${header('detail')}`
}

function asJson({ headers, timestamp, key, value }: TopicRecord): string {
  const named = Object.entries(deadLetterHeaders).map(([name, header]) => [name, headers[header]])
  const facts = Object.fromEntries(named.filter(([, text]) => text !== undefined))
  return JSON.stringify({
    writtenAt: timestamp,
    ...facts,
    key,
    value: value === null ? null : value.toString('base64'),
  })
}

function timeOf(name: string, text: string | undefined, absent: number): number {
  if (text === undefined) return absent
  const time = Date.parse(text)
  if (!Number.isNaN(time)) return time
  throw new Failure(
    'SETTINGS_INVALID',
    `${name} is ${text}, expected a time like 2026-01-31T12:00Z`,
  )
}
