// `neupr-worker produce`: feeds a topic with the events of a file of any supported kind. Keys are users; values are
// Avro, framed for the registry where one is named. What is no event is told and counted, not sent.

import type { Readable } from 'node:stream'
import { Command } from 'commander'
import { kafkaConnection } from '../adapters/kafka/from-settings.ts'
import { createTopicWriter } from '../adapters/kafka/producer.ts'
import { registryFrom } from '../adapters/registry/from-settings.ts'
import type { Config } from '../config.ts'
import { Failure } from '../errors.ts'
import { interactionsOf } from '../remember/remember.ts'
import type { Decoded, Interaction } from '../types.ts'
import { createCodec } from '../wire/avro.ts'
import { interactionSchema } from '../wire/schemas.ts'
import { addConnectionFlags, type ConnectionFlags, type KafkaIo } from './kafka/context.ts'
import { readEvents } from './read-events.ts'
import { addReadingSettings, readingSettingsOf } from './reading-flags.ts'

export interface ProduceIo extends KafkaIo {
  /** Monotonic milliseconds. */
  readonly elapsedMs: () => number
  readonly stdin: Readable
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
}

const forms = ['confluent', 'avro', 'json'] as const
type Form = (typeof forms)[number]

interface Flags extends ConnectionFlags {
  readonly file: string
  readonly topic: string
  readonly form?: string
  readonly rate: string
}

type Encode = (event: Interaction) => Buffer

export function produceCommand(io: ProduceIo): Command {
  const command = new Command('produce')
    .description('write the events of a file into a topic')
    .requiredOption(
      '--file <path>',
      'TSV, CSV, `::` or JSON, plain, gzip or zstd; - for standard input',
    )
    .requiredOption('--topic <topic>', 'the topic to write to; it must exist')
    .option('--form <form>', `${forms.join(' | ')} (default: confluent with a registry, else avro)`)
    .option('--rate <events>', 'no more than this a second; 0: as fast as it goes', '0')
  addReadingSettings(command)
  return addConnectionFlags(command, ['kafkaBrokers', 'kafkaSecurity', 'registryUrl']).action(
    async (flags: Flags) => {
      const sent = await produce(flags, io)
      io.stdout.write(`${sent} events written to ${flags.topic}\n`)
    },
  )
}

/** Returns how many events were written. @throws Failure before the first, where the file cannot be read for sure. */
async function produce(flags: Flags, io: ProduceIo): Promise<number> {
  const config = produceConfig(flags, io)
  const rate = rateOf(flags.rate)
  const encode = await encoderOf(flags, config)
  const connection = kafkaConnection(config, io.logger)
  const writer = createTopicWriter({ connection, topic: flags.topic, what: 'events' })
  const say = (text: string): void => void io.stderr.write(`${text}\n`)
  const events = readEvents({ input: flags.file, config, io, say, rate, mayBeEmpty: true })
  let sent = 0
  try {
    for await (const { decoded } of events) {
      const messages = messagesOf(decoded, encode)
      if (messages.length === 0) continue
      await writer.write(messages)
      sent += messages.length
    }
    return sent
  } finally {
    await writer.close()
  }
}

function produceConfig(flags: Flags, io: ProduceIo): Config {
  const { kafkaBrokers, kafkaSecurity, registryUrl } = flags
  const given = Object.entries({ kafkaBrokers, kafkaSecurity, registryUrl })
  const connection = given.filter(([, value]) => value !== undefined)
  return readingSettingsOf(flags, io, Object.fromEntries(connection))
}

function messagesOf(decoded: readonly Decoded[], encode: Encode) {
  const messages: { key: string; value: Buffer | null }[] = []
  for (const one of decoded) {
    for (const event of interactionsOf(one)) {
      messages.push({ key: event.user, value: encode(event) })
    }
    if (one.kind === 'forget') messages.push({ key: one.user, value: null })
  }
  return messages
}

async function encoderOf(flags: Flags, config: Config): Promise<Encode> {
  const registry = registryFrom(config)
  const form = flags.form ?? (registry === undefined ? 'avro' : 'confluent')
  if (!forms.includes(form as Form)) {
    throw new Failure('SETTINGS_INVALID', `--form is ${form}, expected ${forms.join(', ')}`)
  }
  if (form === 'json') return (event) => Buffer.from(JSON.stringify(event))
  const codec = createCodec<Interaction>(interactionSchema)
  if (form === 'avro') return (event) => codec.encode(event)
  if (registry === undefined) {
    throw new Failure(
      'SETTINGS_INVALID',
      '--form confluent needs a registry: set SCHEMA_REGISTRY_URL',
    )
  }
  const frame = Buffer.alloc(5)
  frame.writeInt32BE(await registry.register(`${flags.topic}-value`, interactionSchema), 1)
  return (event) => Buffer.concat([frame, codec.encode(event)])
}

function rateOf(text: string): number {
  const rate = Number(text)
  if (Number.isFinite(rate) && rate >= 0) return rate
  throw new Failure('SETTINGS_INVALID', `--rate is ${text}, expected events per second`)
}
