// What the page shows, read back from the metrics so that both always say the same.

import type { Metrics } from '../metrics.ts'
import type { State } from '../ports/status.ts'
import type { Count, Family } from './instruments.ts'

export type Told = Pick<
  State,
  | 'version'
  | 'engine'
  | 'model'
  | 'startedAt'
  | 'finishedAt'
  | 'now'
  | 'live'
  | 'catchUp'
  | 'conditions'
  | 'gate'
  | 'trainer'
  | 'recentUsers'
>

/** `told` is what no metric can say; it also becomes the metrics of readiness and of the gate. */
export function readState(metrics: Metrics, told: Told): State {
  for (const { name, ok } of told.conditions) metrics.failing.from(name).set(ok ? 0 : 1)
  metrics.ready.set(told.conditions.every(({ ok }) => ok) ? 1 : 0)
  metrics.gateHeld.set(told.gate.paused ? 1 : 0)
  const savedAt = metrics.checkpointTime.value()
  return {
    ...told,
    books: {
      consumed: metrics.consumed.total(),
      applied: metrics.applied.total(),
      forgotten: metrics.forgotten.total(),
      deadLettered: sum(metrics.deadLettered),
      skipped: sum(metrics.skipped),
    },
    lagRecords: metrics.lagRecords.value(),
    lagSeconds: metrics.lagSeconds.value() ?? 0,
    freshness: {
      applied: metrics.toApplied.median(),
      learned: metrics.toLearned.median(),
      published: metrics.toPublished.median(),
    },
    lists: {
      personal: metrics.listsPublished.of('PERSONAL').total(),
      popular: metrics.listsPublished.of('POPULAR').total(),
      coverage: metrics.coverage.value(),
      overlap: metrics.overlap.value(),
    },
    checkpoint:
      savedAt === undefined
        ? undefined
        : {
            generation: metrics.checkpointGeneration.value() ?? 0,
            bytes: metrics.checkpointBytes.value() ?? 0,
            seconds: metrics.checkpointSeconds.value() ?? 0,
            savedAt: savedAt * 1000,
          },
  }
}

function sum<L extends string>(family: Family<L, Count>): number {
  return family.all().reduce((total, one) => total + one.total(), 0)
}
