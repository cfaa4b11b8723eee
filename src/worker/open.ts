// From `file:…` and `kafka:…` to the adapters behind the ports.

import { createFileDeadLetterSink } from '../adapters/file/dead-letter-sink.ts'
import { createFileListSink } from '../adapters/file/list-sink.ts'
import { registryFrom } from '../adapters/registry/from-settings.ts'
import type { Config } from '../config.ts'
import { createDecoder, type Decoder, type DecoderOptions } from '../consume/decode.ts'
import { withFirstLook } from '../consume/first-look.ts'
import type { Reading } from '../consume/mapping/detect/reading.ts'
import { parseMapping } from '../consume/mapping/spec/spec.ts'
import { Failure } from '../errors.ts'
import type { Io } from '../io.ts'
import type { EventSource } from '../ports/event-source.ts'
import type { Logger } from '../ports/logger.ts'
import type { DeadLetterSink, ListSink } from '../ports/sinks.ts'
import { createListEncoder } from '../publish/encode.ts'
import { flagOf } from '../settings/setting.ts'
import type { OutRecord, TopList } from '../types.ts'
import { topListSchema } from '../wire/schemas.ts'
import type { Opening } from './options.ts'
import { tellFound, tellReading } from './tell-found.ts'

export interface Place {
  readonly scheme: 'file' | 'kafka'
  readonly name: string
}

/** @throws Failure SETTINGS_INVALID */
export function placeOf(setting: string, text: string): Place {
  const match = /^(file|kafka):(.+)$/.exec(text)
  if (match === null) {
    const hint = text === '' || text.includes(':') ? '' : `; for a file, file:${text}`
    const what = `${flagOf(setting)} is ${JSON.stringify(text)}`
    const expected = 'expected file:PATH, file:- or kafka:TOPIC'
    throw new Failure('SETTINGS_INVALID', `${what}, ${expected}${hint}`)
  }
  return { scheme: match[1] as Place['scheme'], name: match[2]! }
}

export async function openSource(opening: Opening): Promise<EventSource> {
  const { scheme, name } = placeOf('source', opening.config.source)
  if (scheme === 'file') return openFile(name, opening)
  const { openTopicSource } = await import('./open-topics.ts')
  return openTopicSource(name, opening)
}

/** Loaded only where a file is named, as what reads a topic is. */
async function openFile(input: string, opening: Opening): Promise<EventSource> {
  const { createFileEventSource } = await import('../adapters/file/event-source.ts')
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
    throw new Failure(
      'SETTINGS_INVALID',
      '--record-form confluent needs a registry: set SCHEMA_REGISTRY_URL',
    )
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
  const { openTopicSink } = await import('./open-topics.ts')
  const sink = openTopicSink(place.name, config, logger, took)
  const registry = registryFrom(config)
  const form = config.listForm === 'auto' ? (registry ? 'confluent' : 'avro') : config.listForm
  if (form !== 'confluent') return { sink, encode: createListEncoder({ form }) }
  if (registry === undefined) {
    throw new Failure(
      'SETTINGS_INVALID',
      '--list-form confluent needs a registry: set SCHEMA_REGISTRY_URL',
    )
  }
  const schemaId = await registry.register(`${place.name}-value`, topListSchema)
  return { sink, encode: createListEncoder({ form, schemaId }) }
}

export async function openDeadLetters(
  config: Config,
  io: Io,
  logger: Logger,
): Promise<DeadLetterSink> {
  const place = deadLetterPlace(config)
  if (place.scheme === 'file') {
    return createFileDeadLetterSink({ path: place.name, stdout: io.stdout })
  }
  const { openTopicDeadLetters } = await import('./open-topics.ts')
  return openTopicDeadLetters(place.name, config, logger)
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
