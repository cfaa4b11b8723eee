// Reads a log of events for the commands that are no worker: the same files, mapping and rules as `run` has, told in
// the same words. What cannot be used is told and counted; where nothing can be, that ends the command.

import { createFileEventSource } from '../adapters/file/event-source.ts'
import type { Found } from '../adapters/file/streams.ts'
import type { Config } from '../config.ts'
import { createDecoder } from '../consume/decode.ts'
import { describe } from '../consume/mapping/detect/reading.ts'
import { parseMapping } from '../consume/mapping/spec/spec.ts'
import { createTally } from '../consume/tally.ts'
import { Failure } from '../errors.ts'
import type { Io } from '../io.ts'
import type { Decoded, SourceRecord } from '../types.ts'
import { eventText } from '../worker/tell-found.ts'

export type ReadingIo = Pick<Io, 'env' | 'stdin' | 'elapsedMs' | 'nowMs'> & {
  readonly pause?: Io['pause']
  readonly stop?: AbortSignal
}

export interface EventReading {
  /** A path, a pattern, or - for standard input. */
  readonly input: string
  readonly config: Config
  readonly io: ReadingIo
  /** What a person should know, a line each. */
  readonly say: (text: string) => void
  /** Records a second; 0 (the default): as fast as they are taken. */
  readonly rate?: number
  /** What has no event is no error. */
  readonly mayBeEmpty?: boolean
}

export interface EventsRead {
  readonly records: readonly SourceRecord[]
  readonly decoded: readonly Decoded[]
}

const batchRecordsMax = 2_000

/** Ends early when `io.stop` is aborted. @throws Failure SOURCE_UNREADABLE, SOURCE_UNUSABLE */
export async function* readEvents(reading: EventReading): AsyncGenerator<EventsRead> {
  const { input, config, io, say } = reading
  const mapping = parseMapping(config)
  const { recordBytesMax, idBytesMax, futureMsMax, format, encoding } = config
  const limits = { recordBytesMax, idBytesMax, futureMsMax }
  const tally = createTally({ namesMax: config.actionNamesMax, onFirst: say })
  const decoder = createDecoder({ form: 'json', now: io.nowMs, limits, mapping })
  const source = createFileEventSource({
    ...{ input, format, encoding, mapping, recordBytesMax, idBytesMax, batchRecordsMax },
    latestMs: () => io.nowMs() + futureMsMax,
    rate: reading.rate ?? 0,
    clock: {
      now: io.elapsedMs,
      sleep: async (ms, signal) => io.pause?.(ms, signal).catch(() => undefined),
    },
    stdin: io.stdin,
    onFound: (found) => sayFound(found, say),
    onNews: say,
  })
  const signal = io.stop ?? new AbortController().signal
  try {
    for (;;) {
      const batch = await source.readBatch(signal)
      if (batch === undefined) break
      const { records } = batch
      const decoded = await decoder.decode(records)
      tally.add(records, decoded)
      yield { records, decoded }
      await batch.ack()
    }
  } finally {
    await source.close()
  }
  const [lost, leftOut] = [tally.closing(), tally.leftOut()]
  if (tally.nothing) {
    const shown = `\`neupr-worker preview ${input}\` shows how it is read`
    throw new Failure('SOURCE_UNUSABLE', `${input}: ${lost ?? leftOut}; ${shown}`)
  }
  if (tally.empty && !signal.aborted && reading.mayBeEmpty !== true) {
    throw new Failure('SOURCE_UNUSABLE', `${input} holds no record`)
  }
  for (const text of [lost, leftOut]) if (text !== undefined) say(text)
}

function sayFound({ stream, layout }: Found, say: (text: string) => void): void {
  const { reading } = layout
  if (reading.refusal !== undefined) return
  const [columns] = describe(reading)
  const [first] = reading.samples
  say(
    `reading ${stream}: ${columns}${first === undefined ? '' : `; first event: ${eventText(first)}`}`,
  )
  for (const warning of reading.warnings) say(`${stream}: ${warning}`)
}
