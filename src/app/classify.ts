// What each record of a batch counts as, and which of them are dead letters.

import { interactionsOf } from '../remember/remember.ts'
import type { DeadLetter, Decoded, SourceRecord } from '../types.ts'

/** The dead letters of a batch, and what each record counts as: exactly one of the books' lines. */
export function classify(records: readonly SourceRecord[], decoded: readonly Decoded[]) {
  const dead: Record<string, number> = {}
  const skipped: Record<string, number> = {}
  const letters: DeadLetter[] = []
  let forgotten = 0
  let applied = 0
  let partlyApplied = 0
  let newestEvent: number | undefined
  decoded.forEach((one: Decoded, k) => {
    if (one.kind === 'dead' || (one.kind === 'interactions' && one.fault !== undefined)) {
      const { position, key, value } = records[k]!
      letters.push({ fault: one.fault!, position, key, value })
    }
    if (one.kind === 'dead') dead[one.fault.reason] = (dead[one.fault.reason] ?? 0) + 1
    else if (one.kind === 'skip') skipped[one.reason] = (skipped[one.reason] ?? 0) + 1
    else if (one.kind === 'forget') forgotten++
    else {
      applied++
      if (one.kind === 'interactions' && one.fault !== undefined) partlyApplied++
      for (const { timestamp } of interactionsOf(one)) {
        newestEvent = Math.max(newestEvent ?? 0, timestamp)
      }
    }
  })
  return { letters, dead, skipped, forgotten, applied, partlyApplied, newestEvent }
}
