// Collects a report from the records of a source, as they come and as they are decoded.

import type { Config } from '../../config.ts'
import type { Reading } from '../../consume/mapping/detect/reading.ts'
import { createValueMapping } from '../../consume/mapping/rows/value-mapping.ts'
import { ruleFor } from '../../consume/mapping/spec/actions.ts'
import { parseMapping } from '../../consume/mapping/spec/spec.ts'
import { createTally, lineOf, type Tally } from '../../consume/tally.ts'
import { createTimeOrder } from '../../consume/time-order.ts'
import { interactionsOf } from '../../remember/remember.ts'
import type { Decoded, Interaction, SourceRecord } from '../../types.ts'
import { weightText } from '../../worker/tell-found.ts'
import type { Report } from './report.ts'

const eventsShown = 5
const usersMax = 100_000

export interface Collector {
  add(records: readonly SourceRecord[], decoded: readonly Decoded[]): void
  readonly tally: Tally
  report(found: {
    readonly format: string
    readonly encoding: string
    readonly reading: Reading | undefined
    readonly warnings: readonly string[]
  }): Report
}

/** `placeOf`: where a record stands, for people. */
export function createCollector(config: Config, placeOf = lineOf): Collector {
  /** The first record of each kind that cannot be used, with its text. */
  const unusable: string[] = []
  const onFirst = (text: string): void => void unusable.push(text)
  const tally = createTally({ namesMax: config.actionNamesMax, placeOf, onFirst })
  const order = createTimeOrder({ usersMax })
  const events: Interaction[] = []
  const actions = new Map<string, number>()
  const mapping = parseMapping(config)
  const values = createValueMapping(mapping, config.idBytesMax)

  /** By action, what makes its additions other than full ones. */
  function weights(): [string, string][] {
    return [...actions.keys()].flatMap((name) => {
      const text = weightText(ruleFor(mapping.actions, name)?.kind)
      return text === '' ? [] : [[name, text]]
    })
  }

  /** Of a text record; what is in Avro, only its schema tells. */
  function actionOf(record: SourceRecord): unknown {
    const { fields, value } = record
    if (fields !== undefined) return fields.action?.trim()
    if (value === null || record.fault !== undefined) return undefined
    try {
      const text = Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf8')
      return values.row(JSON.parse(text), record).action
    } catch (cause) {
      if (cause instanceof SyntaxError) return undefined
      throw cause
    }
  }

  function countAction(record: SourceRecord): void {
    const action = actionOf(record)
    if (action === undefined || action === null || action === '') return
    const name = String(action).slice(0, 64)
    const key = actions.has(name) || actions.size < config.actionNamesMax ? name : 'others'
    actions.set(key, (actions.get(key) ?? 0) + 1)
  }

  return {
    tally,
    add(records, decoded) {
      tally.add(records, decoded)
      for (const record of records) countAction(record)
      for (const one of decoded) {
        for (const event of interactionsOf(one)) {
          order.add(event)
          if (events.length < eventsShown) events.push(event)
        }
      }
    },
    report({ format, encoding, reading, warnings }) {
      const { first, last, backwards } = order.times
      const more = [tally.closing(), tally.leftOut(), order.warning()]
      return {
        ...{ format, encoding, columns: reading?.columns ?? {}, timeUnit: reading?.unit ?? 'none' },
        events: events.map(({ kind, ...event }) =>
          kind !== undefined && weightText(kind) !== '' ? { ...event, kind } : event,
        ),
        counts: tally.counts,
        actions: Object.fromEntries([...actions].sort((a, b) => b[1] - a[1])),
        ...(weights().length > 0 && { weights: Object.fromEntries(weights()) }),
        times: { first: first ?? null, last: last ?? null, backwards },
        warnings: [...warnings, ...unusable, ...more.filter((text) => text !== undefined)],
      }
    },
  }
}
