// How far the popularity and the age of an item are from those of what a user takes. Two features of match.ts.

import type { Moment } from '../../part.ts'
import type { Ages } from '../freshness.ts'
import {
  createColumnTerms,
  type TermsOfColumns,
  takeDistances,
  type WritableColumn,
} from '../item-column.ts'

/** Newest positives that are compared with. */
const compared = 10

export interface Distances {
  /** out[from + x] and out[from + n + x] = the features of items[x], x < n. */
  read(moment: Moment, items: Int32Array, out: Float32Array, from: number): void
  /** What they add, with the first two weights. */
  readonly terms: TermsOfColumns
}

/** `levels`: of popularity, by item. */
export function createDistances(levels: WritableColumn, ages: Ages): Distances {
  const agesOfOwn = new Float32Array(compared)

  /** Means over the newest positives; undefined where there are none. */
  function meansOf({ users }: Moment): { level: number; age: number } | undefined {
    const end = Math.min(compared, users.historyStart[1]!)
    if (end === 0) return undefined
    const own = users.historyItems.subarray(0, end)
    ages.logs(own, agesOfOwn, 0)
    const sums = { level: 0, age: 0 }
    for (let l = 0; l < end; l++) {
      sums.level += levels.values[own[l]!] ?? 0
      sums.age += agesOfOwn[l]!
    }
    return { level: sums.level / end, age: sums.age / end }
  }

  return {
    read(moment, items, out, from) {
      const n = items.length
      const means = meansOf(moment)
      if (means === undefined) {
        out.fill(0, from, from + 2 * n)
        return
      }
      ages.logs(items, out, from + n)
      takeDistances(levels.values, items, means.level, out, from)
      for (let at = from + n; at < from + 2 * n; at++) out[at] = Math.abs(out[at]! - means.age)
    },
    terms: createColumnTerms((moment, weights) => {
      const means = meansOf(moment)
      const [wLevel, wAge] = [weights[0]!, weights[1]!]
      if (means === undefined || (wLevel === 0 && wAge === 0)) return undefined
      return [
        { column: levels, weight: wLevel, origin: means.level },
        { column: ages.all(), weight: wAge, origin: means.age },
      ]
    }),
  }
}
