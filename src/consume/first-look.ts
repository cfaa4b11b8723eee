// The first records of a topic, looked at once: how they are read is told before the worker has gone far, and a topic
// of which nothing can be read so, from its very beginning on, is refused instead of being written to the dead letters.

import type { SourceRecord } from '../types.ts'
import type { Decoder } from './decode.ts'
import { readValues, type SampleValue } from './mapping/detect/read-values.ts'
import { type Reading, refuse } from './mapping/detect/reading.ts'
import type { MappingSpec } from './mapping/spec/spec.ts'

export interface FirstLook {
  readonly spec: MappingSpec
  /** The newest believable time now, in ms. */
  readonly latestMs: () => number
  readonly idBytesMax: number
  readonly onReading: (reading: Reading, stream: string) => void
}

/** A topic is refused only once at least this many records are unreadable, with none that is readable. */
const refusedFrom = 50

/** Its decode() rejects with SOURCE_UNUSABLE where the topic is refused. */
export function withFirstLook(decoder: Decoder, look: FirstLook): Decoder {
  const { spec, onReading } = look
  let sample: SampleValue[] | undefined = []
  /** Nothing has been read before: what is refused now is lost to nobody. */
  let fresh = true

  function lookAt(sampled: SampleValue[], records: readonly SourceRecord[]): void {
    const { stream, offset } = records[0]!.position
    if (sampled.length === 0) fresh = offset === 0
    for (const record of records) {
      if (sampled.length === spec.settings.sampleRecords) break
      const value = decoder.parsed(record)
      if (typeof value === 'object' && value !== null) sampled.push({ value, record })
    }
    const reading = readValues(sampled, spec, look.latestMs(), look.idBytesMax)
    const { usable } = reading.counts
    if (usable === 0 && sampled.length < refusedFrom) return
    sample = undefined
    if (usable === 0 && fresh) refuse(reading, stream)
    onReading(reading, stream)
  }

  return {
    parsed: decoder.parsed,
    async decode(records) {
      const decoded = await decoder.decode(records)
      if (sample !== undefined && records.length > 0) lookAt(sample, records)
      return decoded
    },
  }
}
