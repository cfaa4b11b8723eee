// A look at the oldest records of a topic: read as `run` would, without a trace in its group.

import { kafkaConnection } from '../../adapters/kafka/from-settings.ts'
import { readTopic, type TopicRecord } from '../../adapters/kafka/read-topic.ts'
import type { Config } from '../../config.ts'
import { readValues } from '../../consume/mapping/detect/read-values.ts'
import type { Reading } from '../../consume/mapping/detect/reading.ts'
import { parseMapping } from '../../consume/mapping/spec/spec.ts'
import { offsetOf } from '../../consume/tally.ts'
import type { Io } from '../../io.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Decoded, SourceRecord } from '../../types.ts'
import { openDecoder } from '../../worker/open.ts'
import { ownGroup } from '../kafka/context.ts'
import { createCollector } from './collect.ts'
import { flagsFor } from './flags.ts'
import type { Preview } from './report.ts'

const encoding = 'utf-8'

/** @throws Failure SOURCE_UNREACHABLE, SOURCE_UNREADABLE */
export async function previewTopic(
  topic: string,
  config: Config,
  io: PreviewIo,
  recordsMax: number,
): Promise<Preview> {
  const records = await oldest(topic, config, io, recordsMax)
  const isJson = mostly(records, ({ value }) => /^\s*[{[]/.test(textOf(value)))
  const asked = config.recordForm
  const form = asked === 'auto' && isJson ? 'json' : asked
  const decoder = openDecoder({ ...config, source: `kafka:${topic}`, recordForm: form }, io)
  const decoded: Decoded[] = await decoder.decode(records)
  const collector = createCollector(config, offsetOf)
  collector.add(records, decoded)
  const isText = form === 'json'
  const whole = isText ? readingOf(records, parsedText, config, io) : undefined
  // Avro is judged by its schema, record by record: what its columns look like is told where it was read.
  const avro = isText ? undefined : readingOf(records, decoder.parsed, config, io)
  const reading = whole ?? (avro?.refusal === undefined ? avro : undefined)
  const warnings = [...(reading?.warnings ?? [])]
  if (reading?.refusal !== undefined) warnings.push(`${topic}: ${reading.refusal.message}`)
  if (asked === 'auto' && isJson)
    warnings.push('the values are JSON: --record-form json reads them')
  const framed = form === 'confluent' || (form === 'auto' && config.registryUrl !== '')
  const format = form === 'json' ? 'json' : framed ? 'avro, framed for the registry' : 'avro'
  const report = collector.report({ format, encoding, reading, warnings })
  const notes = records.length < recordsMax ? [] : [`Only the oldest ${records.length} records.`]
  const flags = [form === 'json' ? '--record-form json' : '', flagsFor(reading, config)]
  return {
    report,
    isUsable: reading?.refusal === undefined && report.counts.usable > 0,
    ...{ reading, notes, flags: flags.filter((flag) => flag !== '').join(' ') },
  }
}

async function oldest(
  topic: string,
  config: Config,
  io: PreviewIo,
  recordsMax: number,
): Promise<SourceRecord[]> {
  const connection = kafkaConnection(config, io.logger)
  const reading = { connection, topic, groupId: ownGroup('preview'), stopAtEnd: true }
  const records: SourceRecord[] = []
  for await (const some of readTopic({ ...reading, signal: io.stop })) {
    records.push(...some.slice(0, recordsMax - records.length).map((one) => recordOf(topic, one)))
    if (records.length >= recordsMax) break
  }
  return records
}

function recordOf(topic: string, one: TopicRecord): SourceRecord {
  const { partition, offset, timestamp, key, value, headers } = one
  return {
    position: { stream: `${topic}/${partition}`, offset },
    ...{ key, value, timestamp, headers, keyBytes: key === null ? null : Buffer.from(key) },
  }
}

/** @param parsed the value of a record; undefined where it cannot be read */
function readingOf(
  records: readonly SourceRecord[],
  parsed: (record: SourceRecord) => unknown,
  config: Config,
  io: PreviewIo,
): Reading {
  const values = records.slice(0, config.sampleRecords).flatMap((record) => {
    const value = parsed(record)
    return value === undefined ? [] : [{ value, record }]
  })
  return readValues(
    values,
    parseMapping(config),
    io.nowMs() + config.futureMsMax,
    config.idBytesMax,
  )
}

function parsedText(record: SourceRecord): unknown {
  try {
    return JSON.parse(textOf(record.value)) as unknown
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined
    throw cause
  }
}

function textOf(value: Uint8Array | null): string {
  return value === null ? '' : Buffer.from(value).toString('utf8')
}

function mostly(
  records: readonly SourceRecord[],
  holds: (record: SourceRecord) => boolean,
): boolean {
  const filled = records.filter(({ value }) => value !== null)
  return filled.length > 0 && 2 * filled.filter(holds).length > filled.length
}

/** What `preview` may touch outside of itself. */
export interface PreviewIo extends Io {
  readonly logger: Logger
  /** With this code once all is written. */
  readonly exit: (code: number) => void
}
