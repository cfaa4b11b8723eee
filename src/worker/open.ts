// From `file:…` and `kafka:…` to the adapters behind the ports.

import { createMemberNote } from '../adapters/disk/member-note.ts'
import { withSuspectJournal } from '../adapters/disk/suspect-journal.ts'
import { createFileDeadLetterSink } from '../adapters/file/dead-letter-sink.ts'
import { createFileEventSource } from '../adapters/file/event-source.ts'
import { createFileListSink } from '../adapters/file/list-sink.ts'
import { createKafkaDeadLetterSink } from '../adapters/kafka/dead-letter-sink.ts'
import { KafkaEventSource } from '../adapters/kafka/event-source.ts'
import { kafkaConnection } from '../adapters/kafka/from-settings.ts'
import { createKafkaListSink } from '../adapters/kafka/list-sink.ts'
import type { KafkaSourceObserver } from '../adapters/kafka/source/options.ts'
import { registryFrom } from '../adapters/registry/from-settings.ts'
import type { Config } from '../config.ts'
import { createDecoder, type Decoder, type DecoderOptions } from '../consume/decode.ts'
import { withFirstLook } from '../consume/first-look.ts'
import type { Reading } from '../consume/mapping/detect/reading.ts'
import { parseMapping } from '../consume/mapping/spec/spec.ts'
import { Failure } from '../errors.ts'
import type { DeadLetterSink } from '../ports/dead-letter-sink.ts'
import type { EventSource, GroupWatcher } from '../ports/event-source.ts'
import type { ListSink } from '../ports/list-sink.ts'
import type { Logger } from '../ports/logger.ts'
import { createListEncoder } from '../publish/encode.ts'
import { writingShare } from '../publish/ownership.ts'
import type { OutRecord, Positions, TopList } from '../types.ts'
import { topListSchema } from '../wire/schemas.ts'
import type { Io } from './io.ts'
import { tellFound, tellReading } from './tell-found.ts'

export interface Place {
  readonly scheme: 'file' | 'kafka'
  readonly name: string
}

/** @throws Failure SETTINGS_INVALID */
export function placeOf(setting: string, text: string): Place {
  const match = /^(file|kafka):(.+)$/.exec(text)
  if (match === null) {
    const expected = 'expected file:PATH, file:- or kafka:TOPIC'
    throw new Failure('SETTINGS_INVALID', `${setting} is ${JSON.stringify(text)}, ${expected}`)
  }
  return { scheme: match[1] as Place['scheme'], name: match[2]! }
}

export interface Opening {
  readonly config: Config
  readonly io: Io
  readonly logger: Logger
  /** Where a file is to be read on. */
  readonly from: Positions
  /** What the checkpoint remembers of these files. */
  readonly marks?: ReadonlyMap<string, string>
  readonly stopAtEnd: boolean
  readonly observe?: KafkaSourceObserver
  readonly ownership?: GroupWatcher
  /** A source that has failed for good outside of any call. */
  readonly onFailed: (failure: Failure) => void
}

export function openSource({
  config,
  io,
  logger,
  from,
  marks,
  stopAtEnd,
  observe,
  ownership,
  onFailed,
}: Opening): EventSource {
  const place = placeOf('source', config.source)
  if (place.scheme === 'kafka') {
    const source = new KafkaEventSource({
      connection: kafkaConnection(config, logger),
      topic: place.name,
      groupId: config.kafkaGroup,
      stopAtEnd,
      batchRecordsMax: config.batchRecordsMax,
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
  return openFile(place.name, { config, io, logger, from, marks, stopAtEnd })
}

type FileOpening = Omit<Opening, 'onFailed' | 'marks'> & { marks: Opening['marks'] | undefined }

function openFile(input: string, opening: FileOpening): EventSource {
  const { config, io, logger, from, marks, stopAtEnd } = opening
  const { format, encoding, follow, rate, speed } = config
  return createFileEventSource({
    ...{ input, format, encoding, rate, speed, from },
    ...(marks && { marks }),
    mapping: parseMapping(config),
    latestMs: () => io.nowMs() + config.futureMsMax,
    idBytesMax: config.idBytesMax,
    follow: follow && !stopAtEnd,
    ended: stopAtEnd,
    recordBytesMax: config.recordBytesMax,
    batchRecordsMax: config.batchRecordsMax,
    unackedBatchesMax: config.unackedBatchesMax,
    clock: {
      now: io.elapsedMs,
      sleep: (ms, signal) => io.pause(ms, signal).catch(() => undefined),
    },
    stdin: io.stdin as never,
    onFound: (found) => tellFound(found, logger),
    onNews: (text) => logger.warn(text),
  })
}

/** Values of a topic are framed where a registry is named, else by the static schema; files are text. */
export function openDecoder(config: Config, io: Io, logger?: Logger): Decoder {
  const { recordBytesMax, idBytesMax, futureMsMax } = config
  const limits = { recordBytesMax, idBytesMax, futureMsMax }
  const mapping = parseMapping(config)
  const common = { now: io.nowMs, limits, mapping }
  if (placeOf('source', config.source).scheme === 'file') {
    return createDecoder({ ...common, form: 'json' })
  }
  const decoder = topicDecoder(config, common)
  if (logger === undefined) return decoder
  const latestMs = (): number => io.nowMs() + futureMsMax
  const onReading = (reading: Reading, stream: string): void => tellReading(reading, stream, logger)
  return withFirstLook(decoder, { spec: mapping, latestMs, idBytesMax, onReading })
}

type DecoderParts = Pick<DecoderOptions, 'now' | 'limits' | 'mapping'>

function topicDecoder(config: Config, common: DecoderParts): Decoder {
  const registry = registryFrom(config)
  const form = config.recordForm === 'auto' ? (registry ? 'confluent' : 'avro') : config.recordForm
  if (form !== 'confluent') return createDecoder({ ...common, form })
  if (registry === undefined) {
    throw new Failure('SETTINGS_INVALID', 'recordForm confluent needs SCHEMA_REGISTRY_URL')
  }
  return createDecoder({ ...common, form, schemaById: (id) => registry.schemaById(id) })
}

export interface OpenedSink {
  readonly sink: ListSink
  readonly encode: (list: TopList) => OutRecord
}

/** `took`: seconds of one request to Kafka. */
export async function openSink(
  config: Config,
  io: Io,
  logger: Logger,
  took?: (seconds: number) => void,
): Promise<OpenedSink> {
  const place = placeOf('sink', config.sink)
  if (place.scheme === 'file') {
    const sink = createFileListSink({ path: place.name, stdout: io.stdout })
    return { sink, encode: createListEncoder({ form: 'json' }) }
  }
  const sink = createKafkaListSink({
    connection: kafkaConnection(config, logger),
    topic: place.name,
    requestMsMax: config.kafkaSessionSeconds * 1000 * writingShare,
    ...(took && { took }),
  })
  const registry = registryFrom(config)
  const form = config.listForm === 'auto' ? (registry ? 'confluent' : 'avro') : config.listForm
  if (form !== 'confluent') return { sink, encode: createListEncoder({ form }) }
  if (registry === undefined) {
    throw new Failure('SETTINGS_INVALID', 'listForm confluent needs SCHEMA_REGISTRY_URL')
  }
  const schemaId = await registry.register(`${place.name}-value`, topListSchema)
  return { sink, encode: createListEncoder({ form, schemaId }) }
}

export function openDeadLetters(config: Config, io: Io, logger: Logger): DeadLetterSink {
  const place = deadLetterPlace(config)
  if (place.scheme === 'file') {
    return createFileDeadLetterSink({ path: place.name, stdout: io.stdout })
  }
  const connection = kafkaConnection(config, logger)
  return createKafkaDeadLetterSink({
    ...{ connection, topic: place.name },
    payload: config.deadLetterPayload,
  })
}

/** Where no place is set: beside the lists of a file, or the source's topic with .dlq behind it. */
export function deadLetterPlace(config: Config): Place {
  if (config.deadLetters !== '') return placeOf('deadLetters', config.deadLetters)
  const source = placeOf('source', config.source)
  if (source.scheme === 'kafka') return { scheme: 'kafka', name: `${source.name}.dlq` }
  const sink = placeOf('sink', config.sink)
  const beside =
    sink.scheme === 'file' && sink.name !== '-' ? `${sink.name}.dead-letters` : 'dead-letters'
  return { scheme: 'file', name: `${beside}.ndjson` }
}
