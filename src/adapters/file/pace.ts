// Holds records back: at a rate a second, or by their event times at a multiple of real time. Reads no
// clock of its own; without pace and speed it is not there at all.

import { decodeJson } from '../../consume/decode.ts'
import { createValueMapping } from '../../consume/mapping/rows/value-mapping.ts'
import type { MappingSpec } from '../../consume/mapping/spec/spec.ts'
import type { SourceRecord } from '../../types.ts'

export interface Clock {
  /** Milliseconds that only grow. */
  now(): number
  /** Resolves after `ms`, or at once when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export interface PaceOptions {
  /** Records a second; 0: no bound. */
  readonly rate: number
  /** Event time that passes in a second of real time, in seconds; 0: as fast as possible. */
  readonly speed: number
  readonly clock: Clock
  /** Says what in a record is its time. */
  readonly mapping: MappingSpec
}

/** Waits until at least one of the records is due; says how many at the front are (0: aborted). */
export type Pacer = (records: readonly SourceRecord[], signal: AbortSignal) => Promise<number>

/** Shortest sleep in ms: timers are not finer, and a handful of records goes at once. */
const sleepMsMin = 5
/** After a pause of the reader at most this much is made up for, in ms. */
const arrearsMsMax = 1_000

export function createPacer(options: PaceOptions): Pacer | undefined {
  const { rate, speed, clock } = options
  if (rate <= 0 && speed <= 0) return undefined
  const eventTime = timeReader(options.mapping)
  let given = 0
  let rateStart: number | undefined
  let replay: { readonly start: number; readonly time: number } | undefined

  function dueByRate(now: number, wanted: number): number {
    if (rate <= 0) return wanted
    rateStart ??= now
    const late = now - (rateStart + (given * 1000) / rate)
    if (late > arrearsMsMax) rateStart += late - arrearsMsMax
    return Math.max(0, Math.floor(((now - rateStart) * rate) / 1000) + 1 - given)
  }

  /** How many records are due, and when the next one is. */
  function dueBySpeed(
    now: number,
    records: readonly SourceRecord[],
  ): { count: number; at: number } {
    if (speed <= 0) return { count: records.length, at: now }
    for (let index = 0; index < records.length; index++) {
      const time = eventTime(records[index]!)
      if (time === undefined) continue
      replay ??= { start: now, time }
      const at = replay.start + (time - replay.time) / speed
      if (at > now) return { count: index, at }
    }
    return { count: records.length, at: now }
  }

  return async (records, signal) => {
    while (!signal.aborted) {
      const now = clock.now()
      const bySpeed = dueBySpeed(now, records)
      const count = Math.min(records.length, bySpeed.count, dueByRate(now, records.length))
      if (count > 0) {
        given += count
        return count
      }
      const byRateAt = rate > 0 && rateStart !== undefined ? rateStart + (given * 1000) / rate : now
      await clock.sleep(Math.max(sleepMsMin, bySpeed.at - now, byRateAt - now), signal)
    }
    return 0
  }
}

/** Event time in ms where the record says one that can be read. */
function timeReader(mapping: MappingSpec): (record: SourceRecord) => number | undefined {
  const values = createValueMapping(mapping, Number.MAX_SAFE_INTEGER)
  return (record) => {
    const { fields, value } = record
    if (fields !== undefined) {
      const time = mapping.times.ofText((fields.timestamp ?? '').trim())
      return Number.isFinite(time) ? time : undefined
    }
    if (value === null || record.fault !== undefined) return undefined
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
    const decoded = decodeJson(bytes, record, values, Number.MAX_SAFE_INTEGER)
    if (decoded.kind === 'interaction') return decoded.interaction.timestamp
    return decoded.kind === 'interactions' ? decoded.interactions[0]?.timestamp : undefined
  }
}
