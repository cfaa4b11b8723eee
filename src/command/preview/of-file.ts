// A look at a file, several, or standard input: read as `run` would, without doing anything with it.

import { createFileEventSource } from '../../adapters/file/event-source.ts'
import type { Found } from '../../adapters/file/streams.ts'
import type { Config } from '../../config.ts'
import { createDecoder } from '../../consume/decode.ts'
import { parseMapping } from '../../consume/mapping/spec/spec.ts'
import { Failure } from '../../errors.ts'
import type { ReadingIo } from '../read-events.ts'
import { createCollector } from './collect.ts'
import { flagsFor } from './flags.ts'
import type { Preview } from './report.ts'

const batchRecordsMax = 1_000

/** Looks at this many records at most. @throws Failure SOURCE_UNREADABLE */
export async function previewFile(
  input: string,
  config: Config,
  io: ReadingIo,
  recordsMax: number,
): Promise<Preview> {
  const mapping = parseMapping(config)
  const { recordBytesMax, idBytesMax, futureMsMax, format, encoding } = config
  const found: Found[] = []
  const warnings: string[] = []
  const notes: string[] = []
  const collector = createCollector(config)
  const limits = { recordBytesMax, idBytesMax, futureMsMax }
  const decoder = createDecoder({ form: 'json', now: io.nowMs, limits, mapping })
  const source = createFileEventSource({
    ...{ input, format, encoding, mapping, recordBytesMax, idBytesMax, batchRecordsMax },
    latestMs: () => io.nowMs() + futureMsMax,
    clock: { now: io.elapsedMs, sleep: async () => undefined },
    stdin: io.stdin,
    onFound: (one) => found.push(one),
    onNews: (text) => warnings.push(text),
  })
  const signal = io.stop ?? new AbortController().signal
  let read = 0
  let refused = false
  try {
    for (;;) {
      const batch = await source.readBatch(signal)
      if (batch === undefined) break
      const records = batch.records.slice(0, recordsMax - read)
      collector.add(records, await decoder.decode(records))
      await batch.ack()
      read += records.length
      if (read < recordsMax) continue
      notes.push(`Only the first ${read} records were looked at; --records looks at more.`)
      break
    }
  } catch (cause) {
    if (!(cause instanceof Failure) || cause.code !== 'SOURCE_UNUSABLE') throw cause
    refused = true
    warnings.push(cause.message)
  } finally {
    await source.close()
  }
  const [first] = found
  const reading = found.find(({ layout }) => layout.reading.refusal !== undefined)?.layout.reading
  const judged = reading ?? first?.layout.reading
  if (found.length > 1) notes.push(`${found.length} files.`)
  if (first !== undefined && first.packing !== 'none') notes.push(`Packed with ${first.packing}.`)
  warnings.unshift(...new Set(found.flatMap(({ layout }) => layout.reading.warnings)))
  const report = collector.report({
    ...{ format: first?.layout.format ?? 'none', encoding: first?.encoding ?? 'none' },
    ...{ reading: judged, warnings },
  })
  return {
    report:
      refused && collector.tally.empty && judged ? { ...report, ...sampleOf(judged) } : report,
    isUsable: !refused && report.counts.usable > 0,
    ...{ reading: judged, notes, flags: flagsFor(judged, config) },
  }
}

/** Nothing of a refused file is believed; how many records were looked at is true all the same. */
function sampleOf({ counts }: NonNullable<Preview['reading']>) {
  return { counts: { read: counts.read, usable: 0, dead: {}, skipped: {} } }
}
