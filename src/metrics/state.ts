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
  | 'group'
  | 'recentUsers'
>

/** `told` is what no metric can say; it also becomes the metrics of readiness and of the gate. */
export function readState(metrics: Metrics, told: Told): State {
  for (const { name, ok } of told.conditions) metrics.failing.from(name).set(ok ? 0 : 1)
  metrics.ready.set(told.conditions.every(({ ok }) => ok) ? 1 : 0)
  metrics.gatePaused.set(told.gate.paused ? 1 : 0)
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
    kinds: metrics.kinds.entries().flatMap(([action, count]) => {
      const events = count.total()
      return events === 0 ? [] : { action, events }
    }),
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
    api: apiOf(metrics),
    itemFeed: {
      ...(Object.fromEntries(
        metrics.itemRecords.entries().map(([says, count]) => [says, count.total()]),
      ) as Record<'available' | 'unavailable' | 'gone' | 'refused', number>),
      unkept: metrics.itemsUnkept.total(),
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

/** What was never asked for is left out. */
function apiOf({ apiSeconds, apiRefused }: Metrics): State['api'] {
  return {
    answered: apiSeconds.entries().flatMap(([operation, seconds]) => {
      const requests = seconds.total()
      if (requests === 0) return []
      return { operation, requests, median: seconds.median(), p99: seconds.quantile(0.99) }
    }),
    refused: apiRefused.entries().flatMap(([reason, count]) => {
      const requests = count.total()
      return requests === 0 ? [] : { reason, requests }
    }),
  }
}

function sum<L extends string>(family: Family<L, Count>): number {
  return family.all().reduce((total, one) => total + one.total(), 0)
}
