// The trend where only the items that may be among the best are scored: levels that bound it, and its exact share of a
// few items.

import type { Catalogue } from '../../ports/catalogue.ts'
import type { StagedPart } from '../part.ts'

/** The counts of trend.ts as they stand. */
export interface TrendCounts {
  readonly halfLives: readonly number[]
  /** c_i^(k) by item and kind. */
  readonly counts: Float64Array
  /** By kind, what a count is multiplied with when the next event is predicted. */
  shrink(): Float64Array
  readonly events: number
  watch(observed: (item: number | undefined) => void): void
}

export function createStagedTrend(trend: TrendCounts, catalogue: Catalogue): StagedPart {
  const { halfLives, watch } = trend
  const kinds = halfLives.length
  let weights = new Float32Array(0)
  let some = new Float64Array(0)
  return {
    popularity: {
      halfLives,
      watch,
      get events() {
        return trend.events
      },
      level: (item, kind) =>
        Math.log(1 + (trend.counts[item * kinds + kind] ?? 0) * trend.shrink()[kind]!),
    },
    begin(_moment, own) {
      weights = own as typeof weights
    },
    addSome(items, count, sums) {
      const { counts } = trend
      if (some.length < count * kinds) some = new Float64Array(2 * count * kinds)
      for (let x = 0; x < count; x++) {
        for (let k = 0; k < kinds; k++) some[x * kinds + k] = counts[items[x]! * kinds + k] ?? 0
      }
      sums.set(catalogue.logs(some, count, trend.shrink(), weights, sums))
    },
  }
}
