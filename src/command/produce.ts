// `neupr-worker produce`: feeds a topic with the events of a file of any supported kind. Keys are users; values are
// Avro, framed for the registry where one is named. Lines that are no interaction are counted, not sent.

import { Command } from 'commander'
import { createFileEventSource, type FileSourceOptions } from '../adapters/file/event-source.ts'
import { kafkaConnection } from '../adapters/kafka/from-settings.ts'
import { createTopicWriter } from '../adapters/kafka/producer.ts'
import { registryFrom } from '../adapters/registry/from-settings.ts'
import { createDecoder } from '../consume/decode.ts'
import { parseMapping } from '../consume/mapping/spec.ts'
import { Failure } from '../errors.ts'
import { interactionsOf } from '../remember/remember.ts'
import type { Decoded, Interaction } from '../types.ts'
import { createCodec } from '../wire/avro.ts'
import { interactionSchema } from '../wire/schemas.ts'
import {
  addConnectionFlags,
  type ConnectionFlags,
  configOf,
  type KafkaIo,
} from './kafka/context.ts'

export interface ProduceIo extends KafkaIo {
  /** Monotonic milliseconds. */
  readonly elapsedMs: () => number
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
      'NDJSON, TSV, CSV or MovieLens, gzip too; - for standard input',
    )
    .requiredOption('--topic <topic>', 'the topic to write to; it must exist')
    .option('--form <form>', `${forms.join(' | ')} (default: confluent with a registry, else avro)`)
    .option('--rate <events>', 'no more than this a second; 0: as fast as it goes', '0')
  return addConnectionFlags(command, ['kafkaBrokers', 'kafkaSecurity', 'registryUrl']).action(
    async (flags: Flags) => {
      const { sent, leftOut } = await produce(flags, io)
      io.stdout.write(`${sent} events written to ${flags.topic}\n`)
      if (leftOut > 0) io.stderr.write(`left out ${leftOut} lines that are no interaction\n`)
    },
  )
}

async function produce(flags: Flags, io: ProduceIo): Promise<{ sent: number; leftOut: number }> {
  const config = configOf(flags, io)
  const encode = await encoderOf(flags, io)
  const clock: FileSourceOptions['clock'] = {
    now: io.elapsedMs,
    sleep: (ms, signal) => io.pause(ms, signal).catch(() => undefined),
  }
  const source = createFileEventSource({
    input: flags.file,
    recordBytesMax: config.recordBytesMax,
    batchRecordsMax: 2_000,
    timeUnit: config.timeUnit,
    rate: rateOf(flags.rate),
    clock,
  })
  const { recordBytesMax, idBytesMax, futureMsMax } = config
  const limits = { recordBytesMax, idBytesMax, futureMsMax }
  const decoder = createDecoder({
    form: 'json',
    now: io.nowMs,
    limits,
    mapping: parseMapping(config),
  })
  const connection = kafkaConnection(config, io.logger)
  const writer = createTopicWriter({ connection, topic: flags.topic, what: 'events' })
  let sent = 0
  let leftOut = 0
  try {
    for (;;) {
      const batch = await source.readBatch(io.stop)
      if (batch === undefined) return { sent, leftOut }
      const decoded = await decoder.decode(batch.records)
      const messages = messagesOf(decoded, encode)
      await writer.write(messages)
      await batch.ack()
      sent += messages.length
      leftOut += decoded.filter(({ kind }) => kind === 'dead' || kind === 'skip').length
    }
  } finally {
    await source.close()
    await writer.close()
  }
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

async function encoderOf(flags: Flags, io: KafkaIo): Promise<Encode> {
  const registry = registryFrom(configOf(flags, io))
  const form = flags.form ?? (registry === undefined ? 'avro' : 'confluent')
  if (!forms.includes(form as Form)) {
    throw new Failure('SETTINGS_INVALID', `--form is ${form}, expected ${forms.join(', ')}`)
  }
  if (form === 'json') return (event) => Buffer.from(JSON.stringify(event))
  const codec = createCodec<Interaction>(interactionSchema)
  if (form === 'avro') return (event) => codec.encode(event)
  if (registry === undefined) {
    throw new Failure('SETTINGS_INVALID', '--form confluent needs SCHEMA_REGISTRY_URL')
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
